/**
 * JSON errors in the words of Jackson, the parser behind AWS's API, whose messages reach the caller of CreateStateMachine,
 * ValidateStateMachineDefinition and StartExecution (recorded-behaviour.md, facts 34 and 35). The parsing itself is
 * JSON.parse's; only text that it refuses is scanned again, the way Jackson's reader does, to find what Jackson says of it.
 */
import type { Json } from "../json.ts";

export type JacksonResult =
  | { readonly ok: true; readonly value: Json }
  | {
      readonly ok: false;
      /** The first line of Jackson's message: what is wrong. */
      readonly message: string;
      /** The whole message, with the place: `\n at [Source: (String)"…"; line: 1, column: 4]`. */
      readonly full: string;
    };

/** Jackson's own bound on containers inside containers; ours for everything that descends into JSON. */
export const JSON_DEPTH_MAX = 1_000;

/** Parses JSON of at most 1,000 containers inside each other; what is wrong is said in Jackson's words. Never throws. */
export function parseJsonLikeJackson(text: string): JacksonResult {
  try {
    const value = JSON.parse(text) as Json;
    // A text of JSON_DEPTH_MAX containers has at least twice as many characters.
    if (text.length <= 2 * JSON_DEPTH_MAX) return { ok: true, value };
    const tooDeep = scan(text);
    return tooDeep === undefined ? { ok: true, value } : failure(text, tooDeep);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return failure(text, scan(text) ?? new Complaint("Unexpected content", text.length));
  }
}

function failure(text: string, { message, offset }: Complaint): JacksonResult {
  return { ok: false, message, full: `${message}\n at ${location(text, offset)}` };
}

/** What is wrong, and where the reader stands then. */
class Complaint {
  readonly message: string;
  readonly offset: number;

  constructor(message: string, offset: number) {
    this.message = message;
    this.offset = offset;
  }
}

function scan(text: string): Complaint | undefined {
  try {
    new JacksonScanner(text).scan();
    return undefined;
  } catch (complaint) {
    if (complaint instanceof Complaint) return complaint;
    throw complaint;
  }
}

const SNIPPET_MAX = 500;

function location(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const lines = before.split(/\r\n|\r|\n/);
  const truncated = text.length > SNIPPET_MAX ? `[truncated ${text.length - SNIPPET_MAX} chars]` : "";
  const snippet = text.slice(0, SNIPPET_MAX).replace(CONTROL, escapeControl);
  const column = (lines.at(-1) ?? "").length + 1;
  return `[Source: (String)"${snippet}"${truncated}; line: ${lines.length}, column: ${column}]`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: line ends excepted, Jackson escapes them
const CONTROL = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

function escapeControl(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const COMMENT =
  "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)";
const IDENTIFIER_START = /[\p{L}\p{Nl}\p{Sc}\p{Pc}]/u;
const IDENTIFIER_PART = /[\p{L}\p{Nl}\p{Sc}\p{Pc}\p{Nd}\p{Mn}\p{Mc}]/u;
const TOKEN_CHARACTERS_MAX = 256;

interface Container {
  readonly kind: "Object" | "Array";
  /** Just behind the opening bracket. */
  readonly offset: number;
}

/** Follows Jackson's ReaderBasedJsonParser (2.13) as far as its complaints go. */
class JacksonScanner {
  readonly #text: string;
  readonly #open: Container[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Throws a Complaint. */
  scan(): void {
    this.#value(this.#next(), false);
    while (this.#open.length > 0) this.#member();
    const trailing = this.#next();
    if (trailing === "") return;
    const offset = this.#at;
    this.#value(trailing, false);
    throw new Complaint("Trailing token found after the JSON value", offset);
  }

  /** The next thing in the innermost open container. */
  #member(): void {
    const container = this.#open.at(-1)!;
    const first = this.#at === container.offset;
    let character = this.#next();
    if (character === "") this.#unclosed(container);
    if (character === "]" || character === "}") {
      this.#close(container, character);
      return;
    }
    if (!first) {
      if (character !== ",") this.#unexpected(character, `was expecting comma to separate ${container.kind} entries`);
      character = this.#next();
      if (character === "") this.#endOfInput(` within/between ${container.kind} entries`);
    }
    if (container.kind === "Array") this.#value(character, true);
    else this.#entry(character);
  }

  #entry(character: string): void {
    if (character !== '"') this.#unexpected(character, "was expecting double-quote to start field name");
    this.#string("in field name", "name");
    const colon = this.#next();
    if (colon === "") this.#endOfInput(" within/between Object entries");
    if (colon !== ":") this.#unexpected(colon, "was expecting a colon to separate field name and value");
    const value = this.#next();
    if (value === "") this.#endOfInput(" within/between Object entries");
    this.#value(value, true);
  }

  #close(container: Container, character: string): void {
    const expected = container.kind === "Object" ? "}" : "]";
    if (character !== expected) {
      const start = location(this.#text, container.offset - 1);
      this.#complain(
        `Unexpected close marker '${character}': expected '${expected}' (for ${container.kind} starting at ${start})`,
      );
    }
    this.#open.pop();
  }

  #value(character: string, inContainer: boolean): void {
    if (character === "" && !inContainer) this.#complain("No content to map due to end-of-input");
    else if (character === "{" || character === "[") this.#enter(character === "{" ? "Object" : "Array");
    else if (character === '"') this.#string("was expecting closing quote for a string value", "string value");
    else if (character === "-" || isDigit(character)) this.#number(character);
    else if (character === "t") this.#keyword("true");
    else if (character === "f") this.#keyword("false");
    else if (character === "n") this.#keyword("null");
    else this.#oddValue(character);
  }

  #enter(kind: Container["kind"]): void {
    this.#open.push({ kind, offset: this.#at });
    if (this.#open.length > JSON_DEPTH_MAX) {
      this.#complain(
        `Document nesting depth (${this.#open.length}) exceeds the maximum allowed (${JSON_DEPTH_MAX}, from \`StreamReadConstraints.getMaxNestingDepth()\`)`,
      );
    }
  }

  #oddValue(character: string): never {
    const odd = character === "N" ? "NaN" : character === "I" ? "Infinity" : undefined;
    if (odd !== undefined) {
      this.#keyword(odd);
      this.#complain(`Non-standard token '${odd}': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow`);
    }
    if (IDENTIFIER_START.test(character)) this.#unrecognized(this.#at - character.length);
    this.#unexpected(character, `expected a valid value ${VALUES}`);
  }

  /** The first character has been read. */
  #keyword(word: string): void {
    const start = this.#at - 1;
    for (let index = 1; index < word.length; index++) {
      if (this.#text[this.#at] !== word[index]) this.#unrecognized(start);
      this.#at++;
    }
    if (IDENTIFIER_PART.test(this.#peek())) this.#unrecognized(start);
  }

  #unrecognized(start: number): never {
    while (IDENTIFIER_PART.test(this.#peek()) && this.#at - start < TOKEN_CHARACTERS_MAX)
      this.#at += this.#peek().length;
    const token = this.#text.slice(start, this.#at);
    const shown = token.length >= TOKEN_CHARACTERS_MAX ? `${token}...` : token;
    this.#complain(`Unrecognized token '${shown}': was expecting ${VALUES}`);
  }

  #number(first: string): void {
    let digit = first;
    if (first === "-") {
      digit = this.#take();
      if (!isDigit(digit)) this.#badNumber(digit, "expected digit (0-9) to follow minus sign, for valid numeric value");
    }
    if (digit === "0" && isDigit(this.#peek())) {
      this.#at++;
      this.#complain("Invalid numeric value: Leading zeroes not allowed");
    }
    this.#digits();
    if (this.#peek() === ".") {
      this.#at++;
      if (this.#digits() === 0) this.#badNumber(this.#take(), "Decimal point not followed by a digit");
    }
    if (/[eE]/.test(this.#peek())) {
      this.#at++;
      if (/[+-]/.test(this.#peek())) this.#at++;
      if (this.#digits() === 0) this.#badNumber(this.#take(), "Exponent indicator not followed by a digit");
    }
    const next = this.#peek();
    if (this.#open.length === 0 && next !== "" && !/[ \t\r\n]/.test(next)) {
      this.#at++;
      this.#unexpected(next, "Expected space separating root-level values");
    }
  }

  #digits(): number {
    const start = this.#at;
    while (isDigit(this.#peek())) this.#at++;
    return this.#at - start;
  }

  #badNumber(character: string, rule: string): never {
    if (character === "") this.#endOfInput(" in a Number value");
    this.#complain(`Unexpected character (${describe(character)}) in numeric value: ${rule}`);
  }

  /** The opening quote has been read. */
  #string(endOfInput: string, what: string): void {
    for (;;) {
      const character = this.#take();
      if (character === '"') return;
      if (character === "") this.#endOfInput(endOfInput.startsWith("in ") ? ` ${endOfInput}` : `: ${endOfInput}`);
      if (character === "\\") this.#escape();
      else if (character < " ") {
        this.#complain(
          `Illegal unquoted character (${describe(character)}): has to be escaped using backslash to be included in ${what}`,
        );
      }
    }
  }

  #escape(): void {
    const character = this.#take();
    if (character === "") this.#endOfInput(" in character escape sequence");
    if (character !== "u") {
      if (!'"\\/bfnrt'.includes(character)) this.#complain(`Unrecognized character escape ${describe(character)}`);
      return;
    }
    for (let digits = 0; digits < 4; digits++) {
      const digit = this.#take();
      if (digit === "") this.#endOfInput(" in character escape sequence");
      if (!/[0-9a-fA-F]/.test(digit)) this.#unexpected(digit, "expected a hex-digit for character escape sequence");
    }
  }

  /** The next character that is no white space, read; "" at the end. */
  #next(): string {
    for (;;) {
      const character = this.#take();
      if (character === "/") this.#unexpected(character, COMMENT);
      if (character > " " || character === "") return character;
      if (!/[ \t\r\n]/.test(character)) {
        this.#complain(
          `Illegal character (${describe(character)}): only regular white space (\\r, \\n, \\t) is allowed between tokens`,
        );
      }
    }
  }

  #take(): string {
    const character = this.#peek();
    this.#at += character.length;
    return character;
  }

  /** One UTF-16 unit, as Java counts; "" at the end. */
  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #unclosed({ kind, offset }: Container): never {
    const start = location(this.#text, offset - 1);
    this.#endOfInput(`: expected close marker for ${kind} (start marker at ${start})`);
  }

  #unexpected(character: string, rule: string): never {
    if (character === "") this.#endOfInput("");
    this.#complain(`Unexpected character (${describe(character)}): ${rule}`);
  }

  #endOfInput(where: string): never {
    this.#complain(`Unexpected end-of-input${where}`);
  }

  #complain(message: string): never {
    throw new Complaint(message, this.#at);
  }
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9";
}

/** `'x' (code 120)`, the way Jackson names a character. */
function describe(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 32 || (code >= 127 && code < 160)) return `(CTRL-CHAR, code ${code})`;
  return code > 255 ? `'${character}' (code ${code} / 0x${code.toString(16)})` : `'${character}' (code ${code})`;
}
