/** POST /lint: what is wrong with a definition, with the place in its text. */
import { formatPointer, type LintFinding, lintDefinition, parseJsonLikeJackson } from "@stepwell/core";
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { ApiContext, ApiRoutes } from "./api-context.ts";
import { invalidRequest } from "./api-failure.ts";
import type { ApiFinding, ApiLint, ApiLintAnswer } from "./types.ts";

const DEFINITION_CHARACTERS_MAX = 1_048_576;
/** Aliases of a YAML text may not make it grow without bound. */
const ALIASES_MAX = 100;

const LINT_SCHEMA = {
  type: "object",
  required: ["definition"],
  properties: {
    definition: { type: "string", maxLength: DEFINITION_CHARACTERS_MAX },
    format: { type: "string", enum: ["json", "yaml"], default: "json" },
    type: { type: "string", enum: ["STANDARD", "EXPRESS"], default: "STANDARD" },
  },
};

export const lintRoutes: ApiRoutes = (scope, context) => {
  scope.post("/lint", { schema: { body: LINT_SCHEMA } }, async (request): Promise<ApiLintAnswer> => {
    context.authorize(request, "states:ValidateStateMachineDefinition", "*");
    return { findings: lint(context, request.body as ApiLint) };
  });
};

function lint({ catalog }: ApiContext, { definition, format, type = "STANDARD" }: ApiLint): ApiFinding[] {
  const source = new Source(definition);
  const json = format === "yaml" ? source.asJson() : definition;
  if (typeof json !== "string") return [json];
  const diagnostics = catalog.validateDefinition(json, type).map(({ code, severity, message, location }) => {
    const pointer = location === undefined || location === "/" ? "" : location;
    return { code, severity, message, pointer, ...source.placeOf(pointer) };
  });
  const parsed = parseJsonLikeJackson(json);
  const findings = parsed.ok ? lintDefinition(parsed.value, { type }) : [];
  return [
    ...diagnostics,
    ...findings.map((finding) => ({ ...lintFinding(finding), ...source.placeOf(formatPointer(finding.path)) })),
  ];
}

/** A finding of the linter, without its place in the text. */
export function lintFinding({ code, severity, message, path }: LintFinding): ApiFinding {
  return { code, severity, message, pointer: formatPointer(path), docs: `docs/lint/${code}.md` };
}

/** A definition's text, JSON or YAML: the one is the other. */
class Source {
  readonly #lines = new LineCounter();
  readonly #document: ReturnType<typeof parseDocument> | undefined;

  constructor(text: string) {
    try {
      this.#document = parseDocument(text, { lineCounter: this.#lines, strict: false });
    } catch (error) {
      // Nested too deeply for the parser: findings have no place then.
      if (!(error instanceof RangeError)) throw error;
    }
  }

  asJson(): string | ApiFinding {
    const problem = this.#document?.errors[0];
    if (this.#document === undefined) throw invalidRequest("definition", "YAML that is not nested so deeply");
    if (problem === undefined) return this.#toJson(this.#document);
    const { line, col } = this.#lines.linePos(problem.pos[0]);
    const [message = ""] = problem.message.split("\n", 1);
    return { code: "INVALID_YAML", severity: "ERROR", pointer: "", message, line, column: col };
  }

  #toJson(document: ReturnType<typeof parseDocument>): string | ApiFinding {
    try {
      return JSON.stringify(document.toJS({ maxAliasCount: ALIASES_MAX }) ?? null);
    } catch (error) {
      // Aliases that would make it grow without bound, or nesting that is too deep to be written.
      if (!(error instanceof ReferenceError || error instanceof RangeError)) throw error;
      return { code: "INVALID_YAML", severity: "ERROR", pointer: "", message: error.message };
    }
  }

  /** Of what the pointer names, or of the nearest thing around it. */
  placeOf(pointer: string): { readonly line?: number; readonly column?: number } {
    const offset = this.#offsetOf(pointer);
    if (offset === undefined) return {};
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  #offsetOf(pointer: string): number | undefined {
    let node: Node | null | undefined = this.#document?.contents;
    let offset = node?.range?.[0];
    for (const step of stepsOf(pointer)) {
      if (isMap(node)) {
        const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === step);
        if (pair === undefined) return offset;
        offset = (pair.key as Node).range?.[0] ?? offset;
        node = pair.value as Node | null;
      } else if (isSeq(node)) {
        node = node.items[Number(step)] as Node | null | undefined;
        offset = node?.range?.[0] ?? offset;
      } else return offset;
    }
    return offset;
  }
}

/** AWS writes indexes in brackets: `/States/A/Retry[0]/ErrorEquals`. */
function stepsOf(pointer: string): string[] {
  return pointer
    .replace(/\[(\d+)\]/g, "/$1")
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}
