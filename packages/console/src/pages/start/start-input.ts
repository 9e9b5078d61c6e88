/** What a start needs, checked and made before anything is sent. */
import { isJsonObject, type Json } from "../../ui/json-value.ts";

/** AWS's quota of a payload in bytes of UTF-8. */
const INPUT_BYTES_MAX = 262_144;

export function inputProblem(text: string): string | undefined {
  if (text.trim() === "") return "The input is empty: {} is the least.";
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > INPUT_BYTES_MAX) return `The input has ${bytes} bytes; ${INPUT_BYTES_MAX} are the most.`;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `No JSON: ${(error as Error).message}`;
  }
}

/** AWS's rule for names of executions: 1 to 80 characters, none of a set, no control characters. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const bad = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/.exec(name);
  return bad === null ? undefined : `A name must not hold ${JSON.stringify(bad[0])}.`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The same start as a command of the AWS CLI. */
export function cliCommand(stateMachineArn: string, input: string, name: string, endpoint: string): string {
  const parts = [
    "aws stepfunctions start-execution",
    `--endpoint-url ${endpoint}`,
    `--state-machine-arn ${quoted(stateMachineArn)}`,
    ...(name === "" ? [] : [`--name ${quoted(name)}`]),
    `--input ${quoted(input)}`,
  ];
  return parts.join(" \\\n  ");
}

const READS_MAX = 60;

/** An input with every member that the first states read by `$.a.b`; undefined when nothing is read. */
export function exampleInput(definition: string): string | undefined {
  const reads = new Set<string>();
  try {
    collect(JSON.parse(definition) as Json, reads);
  } catch {
    return undefined;
  }
  const example: Record<string, Json> = {};
  for (const path of reads) put(example, path.split("."));
  return Object.keys(example).length === 0 ? undefined : JSON.stringify(example, null, 2);
}

/** What states write by ResultPath is not the caller's to give. */
function collect(value: Json, reads: Set<string>, written: ReadonlySet<string> = writtenPaths(value)): void {
  if (typeof value === "string") {
    const found = /^\$\.([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)$/.exec(value)?.[1];
    const root = found?.split(".")[0];
    if (found !== undefined && root !== undefined && !written.has(root) && reads.size < READS_MAX) reads.add(found);
    for (const [, query] of value.matchAll(/\$states\.input\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)/g)) {
      if (query !== undefined && reads.size < READS_MAX) reads.add(query);
    }
  } else if (Array.isArray(value)) for (const item of value as readonly Json[]) collect(item, reads, written);
  else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (!["ResultPath", "OutputPath", "ResultSelector", "Iterator", "ItemProcessor"].includes(key)) {
        collect(item, reads, written);
      }
    }
  }
}

function writtenPaths(value: Json, found: Set<string> = new Set()): ReadonlySet<string> {
  if (Array.isArray(value)) for (const item of value as readonly Json[]) writtenPaths(item, found);
  else if (isJsonObject(value)) {
    const path = value["ResultPath"];
    const root = typeof path === "string" ? /^\$\.([\w-]+)/.exec(path)?.[1] : undefined;
    if (root !== undefined) found.add(root);
    for (const item of Object.values(value)) writtenPaths(item, found);
  }
  return found;
}

function put(target: Record<string, Json>, path: readonly string[]): void {
  let at = target;
  for (const [index, name] of path.entries()) {
    if (name === "__proto__") return;
    if (index === path.length - 1) at[name] ??= "";
    else {
      const next = at[name];
      if (next === undefined || next === "") at[name] = {};
      else if (!isJsonObject(next)) return;
      at = at[name] as Record<string, Json>;
    }
  }
}
