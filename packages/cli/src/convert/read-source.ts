import { stat } from "node:fs/promises";
import { parse } from "yaml";
import { UsageError } from "../usage-error.ts";
import { readDefinitionFile } from "../validate/definition-file.ts";
import type { ConvertSource } from "./converter.ts";

const ALIASES_MAX = 100;

/** A file, or a directory. Throws UsageError when it cannot be read. */
export async function readConvertSource(path: string): Promise<ConvertSource> {
  const stats = await stat(path).catch((error: Error) => {
    throw new UsageError(error.message);
  });
  if (stats.isDirectory()) return { path };
  const text = await readDefinitionFile(path).catch((error: Error) => {
    throw new UsageError(`${path}: ${error.message}`);
  });
  return { path, text, ...parsedAs(text) };
}

/** What is neither JSON nor YAML has no value: a converter may know another form. */
function parsedAs(text: string): Pick<ConvertSource, "value" | "problem"> {
  try {
    return { value: JSON.parse(text) };
  } catch (notJson) {
    try {
      // Short forms of CloudFormation's intrinsic functions are read by the one who knows them. ("silent" would keep back
      // errors, not only warnings.)
      return { value: parse(text, { maxAliasCount: ALIASES_MAX, logLevel: "error", schema: "core", merge: true }) };
    } catch (notYaml) {
      const problem = /^\s*[{[]/.test(text) ? notJson : notYaml;
      return { problem: (problem as Error).message };
    }
  }
}
