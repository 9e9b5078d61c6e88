/** What a deployed stack adds to the service's configuration: `<data>/deployed/<stack>/service.json`. */
import { readFileSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import type { FunctionConfig } from "@stepwell/connectors";
import { brokenRules } from "../../config/validate-config.ts";

export const SERVICE_FILE = "service.json";
export const REVISION_FILE = "revision";
export const APPLIED_FILE = "applied";

export interface ServiceFile {
  readonly format: 1;
  /** As in `stepwell.yaml`; paths are relative to the stack's folder. */
  readonly functions: Readonly<Record<string, FunctionConfig>>;
  readonly buckets: Readonly<Record<string, string>>;
}

const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** Functions and buckets with absolute paths. Throws when the file is not as `stepwell deploy` writes it. */
export function readServiceFile(directory: string, dataDirectory: string): Omit<ServiceFile, "format"> {
  const file = join(directory, SERVICE_FILE);
  if (statSync(file).size > FILE_BYTES_MAX) throw new Error(`${file}: must be at most ${FILE_BYTES_MAX} bytes`);
  const { format, functions, buckets } = JSON.parse(readFileSync(file, "utf8")) as ServiceFile;
  if (format !== 1) throw new Error(`${file}: format must be 1, got ${JSON.stringify(format)}`);
  const [broken] = brokenRules({ functions, buckets });
  if (broken !== undefined) throw new Error(`${file}: ${broken.pointer}: ${broken.message}`);
  const inside = (path: string): string => {
    const absolute = resolve(directory, path);
    if (absolute.startsWith(resolve(dataDirectory) + sep)) return absolute;
    throw new Error(`${file}: ${path}: must lie inside ${dataDirectory}`);
  };
  return {
    functions: Object.fromEntries(
      Object.entries(functions).map(([name, config]) => [name, withPaths(config, inside)] as const),
    ),
    buckets: Object.fromEntries(Object.entries(buckets).map(([name, path]) => [name, inside(path)] as const)),
  };
}

function withPaths(config: FunctionConfig, inside: (path: string) => string): FunctionConfig {
  if ("handler" in config) return { ...config, handler: inside(config.handler) };
  if ("command" in config) {
    const [program = "", ...args] = config.command;
    return { ...config, command: [inside(program), ...args] };
  }
  return config;
}
