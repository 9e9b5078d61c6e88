import { diagnoseStateMachine, formatPointer, type ParseOptions } from "@stepwell/core";
import { isDefinitionModule, readDefinitionModule } from "../definition-module.ts";
import { isYaml, type Position, readDefinitionFile, yamlToJson } from "./definition-file.ts";
import { flowFileFindings } from "./flow-file-findings.ts";
import { Locator } from "./locate.ts";

/** One finding of one file, as all formats show it. */
export interface FileFinding extends Position {
  /** INFO: of the linter alone. */
  readonly severity: "ERROR" | "WARNING" | "INFO";
  /** AWS's code, or the linter's rule; `INVALID_YAML` for a file that is no YAML. */
  readonly code: string;
  readonly message: string;
  /** AWS's spelling of the place, where AWS gives one. */
  readonly location?: string;
  /** JSON Pointer, "" for the whole definition. */
  readonly pointer: string;
}

export interface FileResult {
  readonly file: string;
  readonly findings: readonly FileFinding[];
  /** The file could not be read at all. */
  readonly failure?: string;
}

export async function checkFile(file: string, options: ParseOptions): Promise<FileResult> {
  if (isDefinitionModule(file)) return checkModule(file, options);
  let source: string;
  try {
    source = await readDefinitionFile(file);
  } catch (error) {
    return { file, findings: [], failure: error instanceof Error ? error.message : String(error) };
  }
  return { file, findings: findingsOf(source, isYaml(file), options) };
}

/** A machine written in code: its findings name constructs, for it has no lines of its own. */
async function checkModule(file: string, options: ParseOptions): Promise<FileResult> {
  try {
    const { text, findings } = await readDefinitionModule(file);
    const authored = findings.map(({ path, code = "AUTHORING", message, ...finding }) => ({
      ...finding,
      code,
      message: `[${path}] ${message}`,
      pointer: "",
      ...TOP,
    }));
    if (text === undefined || authored.length > 0) return { file, findings: authored };
    return { file, findings: findingsOf(text, false, options).map((finding) => ({ ...finding, ...TOP })) };
  } catch (error) {
    return { file, findings: [], failure: error instanceof Error ? error.message : String(error) };
  }
}

const TOP: Position = { line: 1, column: 1 };

function findingsOf(source: string, yaml: boolean, options: ParseOptions): readonly FileFinding[] {
  const definition = yaml ? yamlToJson(source) : { text: source };
  if ("problems" in definition) {
    return definition.problems.map(({ message, position }) => ({
      severity: "ERROR",
      code: "INVALID_YAML",
      message,
      pointer: "",
      ...position,
    }));
  }
  const ofFlow = flowFileFindings(definition.text, () => new Locator(source));
  if (ofFlow !== undefined) return ofFlow;
  const diagnostics = diagnoseStateMachine(definition.text, options);
  if (diagnostics.length === 0) return [];
  const locator = new Locator(source);
  return diagnostics.map(({ path, ...diagnostic }) => ({
    ...diagnostic,
    pointer: formatPointer(path),
    ...(jacksonPosition(diagnostic.code, diagnostic.message) ?? locator.positionOf(path)),
  }));
}

/** Text that is no JSON: the parser's message ends in the place. */
function jacksonPosition(code: string, message: string): Position | undefined {
  const match = code === "INVALID_JSON_DESCRIPTION" ? /; line: (\d+), column: (\d+)\]$/.exec(message) : null;
  return match === null ? undefined : { line: Number(match[1]), column: Number(match[2]) };
}
