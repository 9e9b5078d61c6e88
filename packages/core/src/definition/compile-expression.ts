import { ExpressionSyntaxError } from "../data/expression-syntax-error.ts";
import { FLOW_FUNCTIONS } from "../data/flow-functions.ts";
import { statesMisuse } from "../data/jsonata.ts";
import { compileJsonataTemplate, type JsonataTemplate, type JsonataType } from "../data/jsonata-template.ts";
import type { Json } from "../json.ts";
import type { FieldSite } from "./field.ts";
import type { DefinitionPath } from "./findings.ts";
import { visitValues } from "./visit-members.ts";

/** What the compilers of core/data tell of an expression besides how to evaluate it. */
export interface Analysed {
  /** Names without the `$`, in order of appearance. */
  readonly variables: readonly string[];
}

/** Compiles an expression of a field; a syntax error becomes a finding, and the variables it names are noted. */
export function compileExpression<T extends Analysed>(site: FieldSite, compile: () => T): T | undefined {
  const compiled = catchSyntaxError(site, compile);
  if (compiled !== undefined) site.context.addReferences(site.state, compiled.variables);
  return compiled;
}

/** A string that is one JSONata expression and nothing else. */
export function isJsonataText(value: Json): value is string {
  return typeof value === "string" && value.startsWith("{%") && value.endsWith("%}");
}

/** A string with one delimiter alone is a mistake. AWS, "Transforming data with JSONata": improperly opened or closed. */
function refuseOpenDelimiters(value: Json, site: FieldSite): void {
  visitValues(value, site.path, (text, path) => {
    if (typeof text !== "string" || text.startsWith("{%") === text.endsWith("%}")) return;
    const message = `The JSONata expression '${text}' must start with '{%' and end with '%}'`;
    site.context.findings.error("INVALID_JSONATA_EXPRESSION", message, path);
  });
}

/** Compiles a field of a JSONata state. `expected`: the type it must give when the whole field is one expression. */
export function compileJsonata(value: Json, site: FieldSite, expected?: JsonataType): JsonataTemplate | undefined {
  refuseOpenDelimiters(value, site);
  const template = compileExpression(site, () =>
    compileJsonataTemplate(value, fieldLocation(site), expected, functionsOf(site)),
  );
  if (template === undefined) return undefined;
  const available = availableMembers(site);
  for (const { path, members } of template.statesUses) {
    for (const { code, message } of statesMisuse(members, available)) {
      site.context.findings.error(code, message, [...site.path, ...path]);
    }
  }
  return template;
}

/** A flow's expressions were written by its compiler, which uses functions of its own. */
function functionsOf({ context }: FieldSite): typeof FLOW_FUNCTIONS | undefined {
  return context.flow === undefined ? undefined : FLOW_FUNCTIONS;
}

/** AWS, "Reserved variable: $states": a result exists once the work is done, an error output while it is caught. */
function availableMembers(site: FieldSite): ReadonlySet<string> {
  const [field] = site.path.slice(site.state.path.length);
  // AWS's own language service accepts a result there, too.
  if (field === "Catch") return new Set(["errorOutput", "result"]);
  return new Set(site.state.hasResult && (field === "Output" || field === "Assign") ? ["result"] : []);
}

function catchSyntaxError<T>(site: FieldSite, compile: () => T): T | undefined {
  try {
    return compile();
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) {
      for (const problem of error.problems) {
        const place = [...site.path, ...problem.path];
        // AWS places a wrong `x.$` at the object it stands in; the message names the member.
        const path = String(problem.path.at(-1)).endsWith(".$") ? place.slice(0, -1) : place;
        site.context.findings.error(problem.code, problem.message, path, place);
      }
      return undefined;
    }
    // A parser ran out of stack on absurdly nested input; V8 throws a RangeError and nothing is harmed.
    if (error instanceof RangeError) {
      site.context.findings.schemaError(`The value for the field '${site.name}' is too deeply nested`, site.path);
      return undefined;
    }
    throw error;
  }
}

/** The name AWS gives to a field in run-time errors: its place in the state, such as `Choices[0]/Output`. */
export function fieldLocation(site: FieldSite): string {
  const relative: DefinitionPath = site.path.slice(site.state.path.length);
  return relative
    .map((step) => (typeof step === "number" ? `[${step}]` : `/${step}`))
    .join("")
    .slice(1);
}
