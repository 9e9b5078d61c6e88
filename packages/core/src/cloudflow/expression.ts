/**
 * CloudFlow's expressions: paths, built-in functions and conditions, parsed to a tree. One grammar for both languages (cloudflow.md
 * 5.6, 6.1, 6.4); which roots and functions an expression may use is told by who emits it.
 */
import type { PathStep } from "../data/flow-path.ts";
import { FlowExpressionError, type Token, tokensOf } from "./expression-tokens.ts";

export { FlowExpressionError } from "./expression-tokens.ts";

export type FlowExpression =
  | { readonly kind: "constant"; readonly value: null | boolean | number | string }
  /** `$Input.a[0]`: the root's name without `$`. */
  | { readonly kind: "path"; readonly root: string; readonly steps: readonly PathStep[] }
  /** `get(...).a`: steps into what is no root. */
  | { readonly kind: "member"; readonly of: FlowExpression; readonly steps: readonly PathStep[] }
  | { readonly kind: "call"; readonly name: string; readonly values: readonly FlowExpression[] }
  | { readonly kind: "list"; readonly items: readonly FlowExpression[] }
  | { readonly kind: "map"; readonly members: readonly (readonly [string, FlowExpression])[] }
  | { readonly kind: "not" | "negative"; readonly of: FlowExpression }
  | {
      readonly kind: "operation";
      readonly operator: string;
      readonly one: FlowExpression;
      readonly other: FlowExpression;
    }
  | {
      readonly kind: "choice";
      readonly condition: FlowExpression;
      readonly then: FlowExpression;
      readonly otherwise: FlowExpression;
    };

/** Levels inside levels; far more than the ten of function calls. */
const DEPTH_MAX = 60;
/** cloudflow.md 6.1: functions nest at most 10 deep. */
const CALL_DEPTH_MAX = 10;

/** How tightly operators bind, as in gval. */
const PRECEDENCE: { readonly [operator: string]: number } = {
  "??": 0,
  "||": 20,
  "&&": 21,
  "==": 40,
  "!=": 40,
  "<": 40,
  "<=": 40,
  ">": 40,
  ">=": 40,
  "=~": 40,
  "!~": 40,
  in: 40,
  "+": 120,
  "-": 120,
  "*": 150,
  "/": 150,
  "%": 150,
};

/** Throws FlowExpressionError. */
export function parseFlowExpression(text: string): FlowExpression {
  const parser = new ExpressionParser(tokensOf(text));
  return parser.whole();
}

class ExpressionParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #calls = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): FlowExpression {
    const expression = this.#ternary();
    if (this.#peek().kind !== "end") throw this.#unexpected("an operator or the end");
    return expression;
  }

  #ternary(): FlowExpression {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new FlowExpressionError(`is nested more than ${DEPTH_MAX} deep`);
    const condition = this.#operations(0);
    const expression = this.#take("?") ? this.#choice(condition) : condition;
    this.#depth -= 1;
    return expression;
  }

  #choice(condition: FlowExpression): FlowExpression {
    const then = this.#ternary();
    this.#expect(":");
    return { kind: "choice", condition, then, otherwise: this.#ternary() };
  }

  #operations(least: number): FlowExpression {
    let one = this.#unary();
    for (;;) {
      const token = this.#peek();
      const operator = token.kind === "sign" || token.kind === "name" ? token.value : "";
      const precedence = Object.hasOwn(PRECEDENCE, operator) ? PRECEDENCE[operator]! : -1;
      if (precedence < least) return one;
      this.#at += 1;
      one = { kind: "operation", operator, one, other: this.#operations(precedence + 1) };
    }
  }

  #unary(): FlowExpression {
    let signs: ("not" | "negative")[] = [];
    for (;;) {
      if (this.#take("!")) signs = [...signs, "not"];
      else if (this.#take("-")) signs = [...signs, "negative"];
      else break;
      if (signs.length > DEPTH_MAX) throw new FlowExpressionError(`is nested more than ${DEPTH_MAX} deep`);
    }
    return signs.reduceRight<FlowExpression>(signed, this.#postfix());
  }

  #postfix(): FlowExpression {
    const token = this.#peek();
    const primary = this.#primary();
    const steps = this.#steps();
    if (primary.kind === "path") return { ...primary, steps };
    if (steps.length === 0) return primary;
    if (token.kind === "number") throw this.#unexpected("an operator", token);
    return { kind: "member", of: primary, steps };
  }

  #primary(): FlowExpression {
    const token = this.#next();
    switch (token.kind) {
      case "number":
      case "text":
        return { kind: "constant", value: token.value };
      case "root":
        return { kind: "path", root: token.value, steps: [] };
      case "name":
        return this.#named(token);
      case "sign":
        return this.#bracketed(token);
      case "end":
        throw new FlowExpressionError("ends where a value must stand");
    }
  }

  #named(token: Extract<Token, { kind: "name" }>): FlowExpression {
    if (Object.hasOwn(CONSTANTS, token.value)) return { kind: "constant", value: CONSTANTS[token.value] ?? null };
    if (!this.#take("(")) throw this.#unexpected("a path, a constant or a function", token);
    this.#calls += 1;
    if (this.#calls > CALL_DEPTH_MAX) throw new FlowExpressionError(`nests functions more than ${CALL_DEPTH_MAX} deep`);
    const values = this.#listUntil(")", () => this.#ternary());
    this.#calls -= 1;
    return { kind: "call", name: token.value, values };
  }

  #bracketed(token: Extract<Token, { kind: "sign" }>): FlowExpression {
    if (token.value === "(") {
      const inside = this.#ternary();
      this.#expect(")");
      return inside;
    }
    if (token.value === "[") return { kind: "list", items: this.#listUntil("]", () => this.#ternary()) };
    if (token.value === "{") return { kind: "map", members: this.#listUntil("}", () => this.#mapMember()) };
    throw this.#unexpected("a value", token);
  }

  #mapMember(): readonly [string, FlowExpression] {
    const key = this.#next();
    if (key.kind !== "text" && key.kind !== "name") throw this.#unexpected("a key", key);
    this.#expect(":");
    return [key.value, this.#ternary()];
  }

  #steps(): PathStep[] {
    const steps: PathStep[] = [];
    for (;;) {
      if (this.#take(".")) steps.push(this.#memberName());
      else if (this.#take("[")) steps.push(this.#subscript());
      else return steps;
    }
  }

  #memberName(): PathStep {
    const token = this.#next();
    if (token.kind === "name") return this.#hyphenated(token);
    if (token.kind === "text") return token.value;
    if (token.kind === "number" && Number.isInteger(token.value)) return String(token.value);
    if (token.kind === "sign" && token.value === "*") return null;
    throw this.#unexpected("the name of a member", token);
  }

  /** `my-key`: what a bare name is subtracted from can be nothing else. */
  #hyphenated({ value: first, at: begin }: Extract<Token, { kind: "name" }>): string {
    let value = first;
    for (;;) {
      const [sign, name, after] = this.#tokens.slice(this.#at, this.#at + 3);
      const end = begin + value.length;
      const isHyphen = sign?.kind === "sign" && sign.value === "-" && sign.at === end;
      if (!isHyphen || name?.kind !== "name" || name.at !== end + 1) return value;
      if ((after?.kind === "sign" && after.value === "(") || Object.hasOwn(CONSTANTS, name.value)) return value;
      this.#at += 2;
      value += `-${name.value}`;
    }
  }

  #subscript(): PathStep {
    if (this.#take("*")) {
      this.#expect("]");
      return null;
    }
    const token = this.#peek();
    if (token.kind === "text") {
      this.#at += 1;
      this.#expect("]");
      return token.value;
    }
    const from = this.#index();
    if (!this.#take(":")) {
      this.#expect("]");
      if (from === undefined) throw this.#unexpected("an index", token);
      return from;
    }
    const to = this.#index();
    this.#expect("]");
    return { from: from ?? null, to: to ?? null };
  }

  #index(): number | undefined {
    const negative = this.#take("-");
    const token = this.#peek();
    if (token.kind !== "number" || !Number.isInteger(token.value)) {
      if (negative) throw this.#unexpected("an index", token);
      return undefined;
    }
    this.#at += 1;
    return negative ? -token.value : token.value;
  }

  #listUntil<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    if (this.#take(close)) return items;
    for (;;) {
      items.push(item());
      if (this.#take(close)) return items;
      this.#expect(",");
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#at += 1;
    return token;
  }

  #take(sign: string): boolean {
    const token = this.#peek();
    if (token.kind !== "sign" || token.value !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw this.#unexpected(`'${sign}'`);
  }

  #unexpected(wanted: string, token: Token = this.#peek()): FlowExpressionError {
    const found = token.kind === "end" ? "the end" : `'${String(token.value)}'`;
    return new FlowExpressionError(`does not parse at character ${token.at + 1}: expected ${wanted}, found ${found}`);
  }
}

const CONSTANTS: { readonly [name: string]: boolean | null } = { true: true, false: false, null: null, nil: null };

function signed(of: FlowExpression, kind: "not" | "negative"): FlowExpression {
  if (kind === "negative" && of.kind === "constant" && typeof of.value === "number") {
    return { kind: "constant", value: -of.value };
  }
  return { kind, of };
}
