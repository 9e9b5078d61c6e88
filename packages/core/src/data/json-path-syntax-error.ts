/** The text is not a path that can be compiled. The message names the path (shortened) and the rule it breaks. */
export class JsonPathSyntaxError extends Error {
  override readonly name = "JsonPathSyntaxError";
}

const SHOWN_LENGTH_MAX = 200;

/** A path or a part of one as messages show it. */
export function shownPath(text: string): string {
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}…`;
}
