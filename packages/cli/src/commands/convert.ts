import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ConvertedFile, ConvertOptions } from "../convert/converter.ts";
import { isFlow } from "../convert/flow-to-asl.ts";
import { CONVERTERS } from "../convert/index.ts";
import { readConvertSource } from "../convert/read-source.ts";
import { UsageError } from "../usage-error.ts";

export interface ConvertCommandOptions {
  readonly to?: string;
  readonly out?: string;
  readonly parameter: readonly string[];
  readonly only: readonly string[];
}

/** `stepwell convert`: answers 0 when all of it was converted; otherwise nothing was written. */
export async function convert(path: string, { to, out, parameter, only }: ConvertCommandOptions): Promise<number> {
  const source = await readConvertSource(path);
  const form = to ?? (isFlow(source) ? "asl" : undefined);
  if (form === undefined) throw new UsageError("--to is needed: what it shall become");
  const candidates = CONVERTERS.filter((converter) => converter.to === form);
  const converter = candidates.find((candidate) => candidate.accepts(source));
  if (converter === undefined) {
    const takes = candidates.map(({ description }) => description).join("; ");
    const why = source.problem === undefined ? "" : `: it is neither JSON nor YAML: ${source.problem}`;
    throw new UsageError(`${path}: cannot become ${form} (${takes})${why}`);
  }
  const options: ConvertOptions = {
    parameters: new Map(parameter.map(parameterOf)),
    stacks: only,
    warn: (message) => void process.stderr.write(`warning: ${message}\n`),
  };
  await write(await converter.convert(source, options), out);
  return 0;
}

async function write(files: readonly ConvertedFile[], out: string | undefined): Promise<void> {
  const [only] = files;
  if (out === undefined) {
    if (only === undefined || files.length > 1)
      throw new UsageError(`there are ${files.length} files (${files.map(({ name }) => name).join(", ")}): say --out`);
    process.stdout.write(only.text);
    return;
  }
  await mkdir(out, { recursive: true });
  for (const { name, text } of files) {
    await writeFile(join(out, name), text);
    process.stderr.write(`${join(out, name)}\n`);
  }
}

function parameterOf(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`--parameter must be <name>=<value>, got ${text}`);
}
