/** The words of CloudFlow's expressions and conditions (cloudflow.md 5.6, 6.4). */

export type Token =
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "text"; readonly value: string; readonly at: number }
  /** A name without `$`: a function, a constant, a member, `in`. */
  | { readonly kind: "name"; readonly value: string; readonly at: number }
  /** `$`, `$Input`: without the `$`. */
  | { readonly kind: "root"; readonly value: string; readonly at: number }
  | { readonly kind: "sign"; readonly value: string; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

/** Says what is wrong with an expression, in words that name the place. */
export class FlowExpressionError extends Error {
  override readonly name = "FlowExpressionError";
}

/** More than anybody writes; a bound for everything that reads an expression. */
const EXPRESSION_CHARACTERS_MAX = 16_384;

const SPACE = /\s+/y;
const NUMBER = /(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ROOT = /\$([A-Za-z_][A-Za-z0-9_]*)?/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const SIGN = /&&|\|\||==|!=|<=|>=|=~|!~|\?\?|[-+*/%<>!?:.,()[\]{}]/y;
const TEXT = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/sy;
const RAW_TEXT = /`([^`]*)`/y;

/** Throws FlowExpressionError. */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > EXPRESSION_CHARACTERS_MAX) {
    throw new FlowExpressionError(`has more than ${EXPRESSION_CHARACTERS_MAX} characters`);
  }
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text) ?? undefined;
  };
  for (;;) {
    at += match(SPACE)?.[0].length ?? 0;
    if (at >= text.length) return [...tokens, { kind: "end", at }];
    const { token, length } = nextToken(match, at, text);
    tokens.push(token);
    at += length;
  }
}

function nextToken(
  match: (pattern: RegExp) => RegExpExecArray | undefined,
  at: number,
  text: string,
): { readonly token: Token; readonly length: number } {
  const number = match(NUMBER)?.[0];
  if (number !== undefined) return { token: { kind: "number", value: Number(number), at }, length: number.length };
  const quoted = match(TEXT)?.[0];
  if (quoted !== undefined) return { token: { kind: "text", value: unquoted(quoted), at }, length: quoted.length };
  const raw = match(RAW_TEXT);
  if (raw !== undefined) return { token: { kind: "text", value: raw[1] ?? "", at }, length: raw[0].length };
  const root = match(ROOT);
  if (root !== undefined) return { token: { kind: "root", value: root[1] ?? "", at }, length: root[0].length };
  const name = match(NAME)?.[0];
  if (name !== undefined) return { token: { kind: "name", value: name, at }, length: name.length };
  const sign = match(SIGN)?.[0];
  if (sign !== undefined) return { token: { kind: "sign", value: sign, at }, length: sign.length };
  throw new FlowExpressionError(`does not parse at character ${at + 1}: ${JSON.stringify(text.slice(at, at + 20))}`);
}

const ESCAPES: { readonly [letter: string]: string } = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
};

/** Backslashes as in Go and JSON. */
function unquoted(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/gs, (_all, unit?: string, byte?: string, letter = "") => {
      const code = unit ?? byte;
      return code === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16));
    });
}
