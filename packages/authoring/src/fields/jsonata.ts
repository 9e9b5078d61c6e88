/** Whether a text is a JSONata expression as a definition writes it: `{% … %}`. */
export function isJsonataExpression(text: string): boolean {
  return /^\{%(.*)%\}$/s.test(text);
}
