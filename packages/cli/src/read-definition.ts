import { UsageError } from "./usage-error.ts";
import { isYaml, readDefinitionFile, yamlToJson } from "./validate/definition-file.ts";

/** The JSON text of a definition file. JSON stays as it is written; YAML (by its ending) becomes JSON. */
export async function readDefinition(path: string): Promise<string> {
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
