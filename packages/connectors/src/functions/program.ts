/**
 * What to start for a function: the executable, its arguments and where. Decided when a process is first needed, so that
 * a runtime that is missing fails the task that needs it with a clear word, not the server's start.
 */
import { accessSync, constants, statSync } from "node:fs";
import { basename, delimiter, dirname, extname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Environment } from "./environment.ts";
import type { CommandFunctionConfig, HandlerFunctionConfig, HandlerReference } from "./function-config.ts";
import { parseHandler } from "./function-config.ts";

export interface Program {
  readonly executable: string;
  readonly args: readonly string[];
  /** The working directory, and what Lambda calls the task root. */
  readonly directory: string;
  /** `_HANDLER`. */
  readonly handler: string;
  readonly executionEnvironment: string;
  /** For our own bootstraps: which file and function to load. */
  readonly variables: Readonly<Record<string, string>>;
  /** Why `fallback` was taken instead of `handler`. */
  readonly note?: string;
}

/** The function cannot be started; `errorType` is Lambda's name for it. */
interface ProgramProblem {
  readonly errorType: "Runtime.InvalidEntrypoint" | "Runtime.ImportModuleError" | "Runtime.MalformedHandlerName";
  readonly message: string;
}

export type ResolvedProgram =
  | { readonly program: Program; readonly problem?: undefined }
  | { readonly program?: undefined; readonly problem: ProgramProblem };

export interface ProgramPlace {
  readonly baseDirectory: string;
  /** Where PATH is read. */
  readonly env: Environment;
}

export function resolveProgram(
  config: HandlerFunctionConfig | CommandFunctionConfig,
  place: ProgramPlace,
): ResolvedProgram {
  const path = config.env?.["PATH"] ?? place.env["PATH"] ?? "";
  return "command" in config ? commandProgram(config, place, path) : handlerProgram(config, place, path);
}

function handlerProgram(config: HandlerFunctionConfig, place: ProgramPlace, path: string): ResolvedProgram {
  const first = programOf(config.handler, config, place, path);
  if (config.fallback === undefined || first.problem?.errorType !== "Runtime.InvalidEntrypoint") return first;
  const second = programOf(config.fallback, config, place, path);
  if (second.problem !== undefined) return second;
  const note = `${first.problem.message}; running its fallback ${config.fallback} instead`;
  return { program: { ...second.program, note } };
}

function programOf(text: string, config: HandlerFunctionConfig, place: ProgramPlace, path: string): ResolvedProgram {
  const handler = parseHandler(text);
  if (handler === undefined) {
    const rule = `must be "<file>.js|.mjs|.ts#<export>" or "<file>.py:<function>"`;
    return problem("Runtime.MalformedHandlerName", `Bad handler '${text}': ${rule}`);
  }
  const file = resolve(place.baseDirectory, handler.file);
  const python = handler.runtime === "python" ? findOnPath("python3", path) : undefined;
  if (handler.runtime === "python" && python === undefined) {
    return problem("Runtime.InvalidEntrypoint", `handler ${text} needs Python, but there is no python3 on PATH`);
  }
  if (!isFile(file)) return problem("Runtime.ImportModuleError", `Cannot find module '${file}'`);
  return {
    program: python === undefined ? nodeProgram(handler, file, config) : pythonProgram(handler, file, python, config),
  };
}

function nodeProgram(handler: HandlerReference, file: string, config: HandlerFunctionConfig): Program {
  const memory = config.memoryMb === undefined ? [] : [`--max-old-space-size=${config.memoryMb}`];
  // Enums, namespaces and parameter properties are not mere types: without this flag Node refuses them.
  const transform = "--experimental-transform-types";
  const needsTransform = /\.[cm]?ts$/.test(file) && process.allowedNodeEnvironmentFlags.has(transform);
  const typescript = needsTransform ? [transform, "--disable-warning=ExperimentalWarning"] : [];
  return {
    executable: process.execPath,
    args: [...memory, ...typescript, NODE_BOOTSTRAP],
    executionEnvironment: `AWS_Lambda_nodejs${process.versions.node.split(".")[0]}.x`,
    ...handlerPlace(handler, file),
  };
}

function pythonProgram(
  handler: HandlerReference,
  file: string,
  python: string,
  config: HandlerFunctionConfig,
): Program {
  return {
    ...withMemoryLimit(python, ["-u", PYTHON_BOOTSTRAP], config.memoryMb),
    executionEnvironment: "AWS_Lambda_python",
    ...handlerPlace(handler, file),
  };
}

function handlerPlace(handler: HandlerReference, file: string): Pick<Program, "directory" | "handler" | "variables"> {
  return {
    directory: dirname(file),
    handler: `${basename(file, extname(file))}.${handler.exportName}`,
    variables: { STEPWELL_HANDLER_FILE: file, STEPWELL_HANDLER_NAME: handler.exportName },
  };
}

function commandProgram(config: CommandFunctionConfig, place: ProgramPlace, path: string): ResolvedProgram {
  const [name = "", ...args] = config.command;
  const isPath = name.includes("/") || name.includes("\\") || isAbsolute(name);
  const executable = isPath ? executableFile(resolve(place.baseDirectory, name)) : findOnPath(name, path);
  if (executable === undefined) {
    const where = isPath ? "is not an executable file" : "is not on PATH";
    return problem("Runtime.InvalidEntrypoint", `command ${JSON.stringify(config.command)}: ${name} ${where}`);
  }
  return {
    program: {
      ...withMemoryLimit(executable, args, config.memoryMb),
      directory: place.baseDirectory,
      handler: "bootstrap",
      executionEnvironment: "AWS_Lambda_provided.al2023",
      variables: {},
    },
  };
}

/** `ulimit -d` bounds what a process may write to; the address space (`-v`) would also count what runtimes only reserve. */
function withMemoryLimit(
  executable: string,
  args: readonly string[],
  memoryMb: number | undefined,
): Pick<Program, "executable" | "args"> {
  if (memoryMb === undefined || process.platform !== "linux") return { executable, args };
  return {
    executable: "/bin/sh",
    args: ["-c", `ulimit -d ${memoryMb * 1024} && exec "$@"`, "sh", executable, ...args],
  };
}

/** The first executable file of that name in the directories of a PATH. */
export function findOnPath(name: string, path: string): string | undefined {
  const names = process.platform === "win32" ? [`${name}.exe`, `${name}.cmd`, name] : [name];
  for (const directory of path.split(delimiter)) {
    if (directory === "") continue;
    for (const candidate of names) {
      const found = executableFile(join(directory, candidate));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function executableFile(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return undefined;
  }
  return isFile(file) ? file : undefined;
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function problem(errorType: ProgramProblem["errorType"], message: string): ResolvedProgram {
  return { problem: { errorType, message } };
}

// Sources are run as they are (.ts); a build has .js beside this file.
const NODE_BOOTSTRAP = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./node-bootstrap.ts" : "./node-bootstrap.js", import.meta.url),
);
const PYTHON_BOOTSTRAP = fileURLToPath(new URL("../../runtimes/python_bootstrap.py", import.meta.url));
