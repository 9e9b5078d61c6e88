import { isDefinitionModule, readDefinitionModule } from "./definition-module.ts";
import { UsageError } from "./usage-error.ts";
import { isYaml, readDefinitionFile, yamlToJson } from "./validate/definition-file.ts";

/**
 * The JSON text of a definition file. JSON stays as it is written; by the file's ending YAML becomes JSON, and of a
 * TypeScript or JavaScript module it is the machine that the module exports.
 */
export async function readDefinition(path: string): Promise<string> {
  if (isDefinitionModule(path)) return readModule(path);
  const source = await read(path);
  if (!isYaml(path)) return source;
  const definition = yamlToJson(source);
  if ("text" in definition) return definition.text;
  const [first] = definition.problems;
  throw new UsageError(`${path}: not YAML: ${first?.message ?? "it cannot be read"}`);
}

async function read(path: string): Promise<string> {
  try {
    return await readDefinitionFile(path);
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
}

async function readModule(path: string): Promise<string> {
  const { text, findings } = await readDefinitionModule(path).catch((error: Error) => {
    throw new UsageError(`${path}: ${error.message}`);
  });
  if (text !== undefined) return text;
  const errors = findings.filter(({ severity }) => severity === "ERROR");
  throw new UsageError(errors.map((finding) => `${path}: [${finding.path}] ${finding.message}`).join("\n"));
}
