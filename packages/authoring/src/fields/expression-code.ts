/** Where a typed expression keeps its JSONata. */
export const CODE: unique symbol = Symbol("code");

/** An object that stands for `{% … %}` wherever it is put. */
export interface CodeHolder {
  readonly [CODE]: string;
}

export function isExpression(value: unknown): value is CodeHolder {
  return typeof value === "object" && value !== null && CODE in value;
}

/** As a definition has it: `{% … %}`. */
export function expressionText(expression: CodeHolder): string {
  return `{% ${expression[CODE]} %}`;
}
