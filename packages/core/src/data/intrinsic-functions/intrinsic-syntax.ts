/**
 * The grammar of intrinsic function calls, ASL spec, "Intrinsic Functions". As recorded on AWS: nothing may stand before
 * the call, blanks may follow it, and in a text only `\'`, `\{`, `\}` and `\\` are escapes; any other one makes the call
 * invalid (scenarios, illegal escapes).
 */
import { compileRootedPath, type RootedPath } from "../rooted-path.ts";

export type Argument =
  | { readonly kind: "literal"; readonly value: number | boolean | null }
  /** `raw` is the text between the quotes, escapes and all: States.Format tells `{}` from `\{\}` by it. */
  | { readonly kind: "text"; readonly value: string; readonly raw: string }
  | { readonly kind: "path"; readonly path: RootedPath }
  | Call;

export interface Call {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Argument[];
}

/** AWS, "Intrinsic functions": calls in calls, the outermost one included. */
const NESTED_CALLS_MAX = 10;
/** Ours: bounds the work and the size of the result of one call. */
const ARGUMENTS_MAX = 1000;

const CALL = /States\.([A-Za-z0-9]+)\(/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?=[\s,)])/y;
const WORD = /(?:true|false|null)(?=[\s,)])/y;
const BLANKS = /\s*/y;
const TEXT = /'((?:[^'\\]|\\['{}\\])*)'/y;

/** The call that `text` is, or `undefined` when it is not well formed. Names and arguments are not checked. */
export function parseCall(text: string): Call | undefined {
  const parser = new CallParser(text);
  const call = parser.call(1);
  return call !== undefined && parser.atEnd() ? call : undefined;
}

class CallParser {
  readonly #text: string;
  #at = 0;
  #arguments = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#match(BLANKS);
    return this.#at === this.#text.length;
  }

  call(depth: number): Call | undefined {
    const name = this.#match(CALL)?.[1];
    if (name === undefined || depth > NESTED_CALLS_MAX) return undefined;
    const args: Argument[] = [];
    this.#match(BLANKS);
    if (this.#skip(")")) return { kind: "call", name, args };
    do {
      this.#match(BLANKS);
      const argument = this.#argument(depth);
      if (argument === undefined || ++this.#arguments > ARGUMENTS_MAX) return undefined;
      args.push(argument);
      this.#match(BLANKS);
    } while (this.#skip(","));
    return this.#skip(")") ? { kind: "call", name, args } : undefined;
  }

  #argument(depth: number): Argument | undefined {
    switch (this.#text[this.#at]) {
      case "'":
        return this.#textLiteral();
      case "$":
        return this.#path();
      case "S":
        return this.call(depth + 1);
      default:
        return this.#literal();
    }
  }

  #textLiteral(): Argument | undefined {
    const raw = this.#match(TEXT)?.[1];
    if (raw === undefined) return undefined;
    return { kind: "text", value: raw.replace(/\\(.)/gs, "$1"), raw };
  }

  #literal(): Argument | undefined {
    const literal = (this.#match(NUMBER) ?? this.#match(WORD))?.[0];
    if (literal === undefined) return undefined;
    const value = JSON.parse(literal) as number | boolean | null;
    return { kind: "literal", value: value === 0 ? 0 : value };
  }

  #path(): Argument | undefined {
    const start = this.#at;
    this.#at = endOfPath(this.#text, start);
    const path = compileRootedPath(this.#text.slice(start, this.#at).trimEnd());
    return path === undefined ? undefined : { kind: "path", path };
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}

/** A path ends before the `,` or `)` that is in none of its own brackets, parentheses and quotes. */
function endOfPath(text: string, start: number): number {
  let depth = 0;
  let quote = "";
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (quote !== "") {
      if (character === "\\") at++;
      else if (character === quote) quote = "";
    } else if (character === "(" || character === "[") depth++;
    else if (character === "]") depth--;
    else if (character === ")") {
      if (depth === 0) return at;
      depth--;
    } else if (character === "," && depth === 0) return at;
    else if (depth > 0 && (character === "'" || character === '"')) quote = character;
  }
  return text.length;
}
