/**
 * JSONata expressions as typed values. `input.order.id` is an object that remembers `$states.input.order.id` and carries
 * the type of what stands there, so that a field that does not exist does not compile.
 */
import { CODE, type CodeHolder, expressionText, isExpression } from "../fields/expression-code.ts";
import type { Fields } from "../fields/field-utils.ts";
import { TaskInput } from "../fields/task-input.ts";
import { Misuse } from "../misuse.ts";

declare const TYPE: unique symbol;

/** An expression whose value, when an execution evaluates it, is a `T`. */
export interface Expr<out T> extends CodeHolder {
  readonly [TYPE]: T;
}

/** An expression whose fields and elements can be named. */
export type Ref<T> = Expr<T> & FieldsOf<NonNullable<T>>;

type FieldsOf<T> = T extends string | number | boolean
  ? unknown
  : T extends readonly (infer E)[]
    ? { readonly [K in keyof T & `${number}`]: Ref<T[K]> } & { readonly [index: number]: Ref<E> }
    : T extends object
      ? { readonly [K in keyof T]-?: Ref<T[K]> }
      : unknown;

/** What may be written where a `T` is wanted: a literal, an expression, or an object or list of these. */
export type Template<T> =
  | Expr<T>
  | (T extends string | number | boolean | null | undefined
      ? T
      : T extends readonly unknown[]
        ? { readonly [K in keyof T]: Template<T[K]> }
        : T extends object
          ? { readonly [K in keyof T]: Template<T[K]> }
          : T);

/** What a template is when it has been evaluated. */
export type Evaluated<V> =
  V extends Expr<infer T>
    ? T
    : V extends string | number | boolean | null | undefined
      ? Widened<V>
      : V extends object
        ? { -readonly [K in keyof V]: Evaluated<V[K]> }
        : V;

// "paid" stays "paid" (branches are told apart by it); a number or a truth is any.
type Widened<V> = V extends number ? number : V extends boolean ? boolean : V;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
// Words of JSONata that would be read as operators.
const OPERATORS: ReadonlySet<string> = new Set(["and", "in", "or"]);

/** A reference to what `code` finds, with any field. */
export function refTo<T>(code: string): Ref<T> {
  return new Proxy({} as object, {
    get: (_, key) => (typeof key === "symbol" ? ownSymbol(code, key) : refTo(`${code}${step(key)}`)),
    has: (_, key) => key === CODE,
  }) as Ref<T>;
}

/**
 * An expression in JSONata's own words, for what has no function here. code: without `{%` and `%}`; it is parsed when the
 * definition is asked for.
 */
export function expr<T>(code: string): Ref<T> {
  return refTo<T>(code);
}

/** The JSONata of a template: literals as JSON, expressions as they are. */
export function codeOf(template: unknown): string {
  if (isExpression(template)) return template[CODE];
  if (Array.isArray(template)) return `[${template.map(codeOf).join(", ")}]`;
  if (typeof template === "object" && template !== null) {
    const members = Object.entries(template).filter(([, value]) => value !== undefined);
    return `{${members.map(([key, value]) => `${JSON.stringify(key)}: ${codeOf(value)}`).join(", ")}}`;
  }
  const text = JSON.stringify(template);
  if (text === undefined) throw new Misuse("expression", `${typeof template} is no JSON`);
  return text;
}

function step(key: string): string {
  if (/^\d+$/.test(key)) return `[${key}]`;
  if (NAME.test(key) && !OPERATORS.has(key)) return `.${key}`;
  if (key.includes("`")) throw new Misuse("expression", `JSONata cannot name a field with a backtick: ${key}`);
  return `.\`${key}\``;
}

function ownSymbol(code: string, key: symbol): unknown {
  if (key === CODE) return code;
  if (key !== Symbol.toPrimitive) return undefined;
  return (): never => {
    throw new Misuse(
      "expression",
      `${code} has no value before an execution runs: use text\`…\`, add, gt and the like`,
    );
  };
}

/** A type, to be given as a value where the compiler cannot infer it. */
export interface Type<out T> {
  readonly type?: T;
}

/** @example flow.call("Send", SqsSendMessage, …, { result: type<{ MessageId: string }>() }) */
export function type<T>(): Type<T> {
  return {};
}

/** A template as what a task is given. */
export function taskInput(template: unknown): TaskInput {
  return TaskInput.fromObject(template as Fields);
}

/** An expression where a task's property wants text. */
export function asString(expression: Expr<string>): string {
  return expressionText(expression);
}

/** An expression where a task's property wants a number. */
export function asNumber(expression: Expr<number>): number {
  return expressionText(expression) as unknown as number;
}
