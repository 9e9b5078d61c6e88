/**
 * A template, path or expression that cannot be compiled. A definition with one is refused, so this never comes out of an
 * evaluation.
 */
export class ExpressionSyntaxError extends Error {
  /** AWS's diagnostic code: `SCHEMA_VALIDATION_FAILED`, `INVALID_JSONATA_EXPRESSION`, … */
  readonly code: string;
  /** Member names and indexes from the template down to what is wrong; empty: the template itself. */
  readonly path: readonly (string | number)[];

  constructor(code: string, message: string, path: readonly (string | number)[] = []) {
    super(message);
    this.name = "ExpressionSyntaxError";
    this.code = code;
    this.path = path;
  }

  /** `path` as a JSON Pointer relative to the template, such as `/a/b.$`; empty: the template itself. */
  get pointer(): string {
    return this.path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  }
}
