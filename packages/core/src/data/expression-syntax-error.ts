/** One thing that is wrong with a template, path or expression. */
export interface SyntaxProblem {
  /** AWS's diagnostic code: `SCHEMA_VALIDATION_FAILED`, `INVALID_JSONATA_EXPRESSION`, … */
  readonly code: string;
  readonly message: string;
  /** Member names and indexes from the template down to what is wrong; empty: the template itself. */
  readonly path: readonly (string | number)[];
}

/**
 * A template, path or expression that cannot be compiled. A definition with one is refused, so this never comes out of an
 * evaluation.
 */
export class ExpressionSyntaxError extends Error implements SyntaxProblem {
  readonly code: string;
  readonly path: readonly (string | number)[];
  /** Everything that is wrong, in order of appearance; code, message and path are those of the first. */
  readonly problems: readonly [SyntaxProblem, ...SyntaxProblem[]];

  constructor(problems: readonly [SyntaxProblem, ...SyntaxProblem[]]) {
    const { code, message, path } = problems[0];
    super(message);
    this.name = "ExpressionSyntaxError";
    this.code = code;
    this.path = path;
    this.problems = problems;
  }

  /** `path` as a JSON Pointer relative to the template, such as `/a/b.$`; empty: the template itself. */
  get pointer(): string {
    return this.path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  }
}

/** Throws the problems, if there are any. */
export function refuseProblems(problems: readonly SyntaxProblem[]): void {
  const [first, ...others] = problems;
  if (first !== undefined) throw new ExpressionSyntaxError([first, ...others]);
}

/** What breaks the schema of a definition. */
export function schemaProblem(message: string, path: readonly (string | number)[] = []): SyntaxProblem {
  return { code: "SCHEMA_VALIDATION_FAILED", message, path };
}
