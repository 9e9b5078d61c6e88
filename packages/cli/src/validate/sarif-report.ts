import { isAbsolute, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { FileFinding, FileResult } from "./file-findings.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** Codes in a few words; others are shown by their name alone. */
const RULES: { readonly [code: string]: string } = {
  INVALID_JSON_DESCRIPTION: "The file is not JSON.",
  INVALID_YAML: "The file is not YAML.",
  SCHEMA_VALIDATION_FAILED: "A field is missing, unknown, or has a value it cannot have.",
  MISSING_TRANSITION_TARGET: "A transition leads to no state, or no transition leads to a state.",
  MISSING_END_STATE: "A line of states has no state that ends it.",
  DUPLICATE_STATE_NAME: "A state's name is used twice in one state machine.",
  INVALID_STATE_NAME: "A state's name is too long or empty.",
  DUPLICATE_LABEL_NAME: "A Map's label is used twice in one state machine.",
  INVALID_LABEL_NAME: "A Map's label is too long, empty, or has characters it cannot have.",
  TOO_DEEPLY_NESTED: "States are nested too deeply.",
  INVALID_JSONATA_EXPRESSION: "A JSONata expression cannot be compiled.",
  UNSUPPORTED_JSONATA_EXPRESSION: "A JSONata expression uses what Step Functions does not support.",
  NO_DOLLAR: "A field's value looks like a path, but its name does not end in '.$'.",
  NO_PATH: "A field's value looks like a path, but its name does not end in 'Path'.",
  PASS_RESULT_IS_STATIC: "A path in the Result of a Pass state is not evaluated.",
};

/** What looks for findings. */
export interface SarifTool {
  readonly name: string;
  readonly version: string;
  /** A rule in a few words; undefined: it is shown by its name alone. */
  describe(code: string): string | undefined;
}

export function validatorTool(version: string): SarifTool {
  const describe = (code: string): string | undefined => (Object.hasOwn(RULES, code) ? RULES[code] : undefined);
  return { name: "stepwell validate", version, describe };
}

/** SARIF 2.1.0, for code scanning services and editors. `directory`: what file names are made relative to. */
export function sarifReport(results: readonly FileResult[], tool: SarifTool, directory: string): string {
  const codes = [...new Set(results.flatMap(({ findings }) => findings.map(({ code }) => code)))].sort();
  const unreadable = results.filter((result) => result.failure !== undefined);
  const log = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: tool.name, version: tool.version, rules: codes.map((code) => rule(code, tool)) } },
        invocations: [
          {
            executionSuccessful: unreadable.length === 0,
            toolExecutionNotifications: unreadable.map(({ file, failure }) => ({
              level: "error",
              message: { text: `${file} cannot be read: ${failure}` },
            })),
          },
        ],
        columnKind: "utf16CodeUnits",
        results: results.flatMap(({ file, findings }) => {
          const uri = uriOf(file, directory);
          return findings.map((finding) => resultOf(finding, uri, codes.indexOf(finding.code)));
        }),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function rule(code: string, tool: SarifTool): object {
  return { id: code, shortDescription: { text: tool.describe(code) ?? code } };
}

const LEVELS: { readonly [severity in FileFinding["severity"]]: string } = {
  ERROR: "error",
  WARNING: "warning",
  INFO: "note",
};

function resultOf(finding: FileFinding, uri: string, ruleIndex: number): object {
  const { severity, code, message, location, line, column } = finding;
  return {
    ruleId: code,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: message },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri }, region: { startLine: line, startColumn: column } },
        ...(location !== undefined && { logicalLocations: [{ fullyQualifiedName: location }] }),
      },
    ],
  };
}

/** A relative reference inside the directory, else a file: URI. */
function uriOf(file: string, directory: string): string {
  const inside = isAbsolute(file) ? relative(directory, file) : file;
  if (inside.startsWith("..") || isAbsolute(inside)) return pathToFileURL(file).href;
  return inside.split(sep).map(encodeURIComponent).join("/");
}
