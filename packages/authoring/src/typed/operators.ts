import { codeOf, type Evaluated, type Expr, expr, type Ref, refTo, type Template } from "./expression.ts";

type Comparable = string | number;

/** Text with expressions in it: ``text`Order ${input.id}` ``. */
export function text(
  strings: TemplateStringsArray,
  ...values: readonly Template<string | number | boolean>[]
): Ref<string> {
  const parts = strings.flatMap((literal, index) => [
    ...(literal === "" ? [] : [JSON.stringify(literal)]),
    ...(index < values.length ? [`$string(${codeOf(values[index])})`] : []),
  ]);
  return expr(parts.length === 0 ? '""' : `(${parts.join(" & ")})`);
}

export function eq<T>(left: Expr<T>, right: Template<NoInfer<T>>): Expr<boolean> {
  return infix("=", left, right);
}
export function ne<T>(left: Expr<T>, right: Template<NoInfer<T>>): Expr<boolean> {
  return infix("!=", left, right);
}
export function gt<T extends Comparable>(left: Expr<T>, right: Template<NoInfer<T>>): Expr<boolean> {
  return infix(">", left, right);
}
export function gte<T extends Comparable>(left: Expr<T>, right: Template<NoInfer<T>>): Expr<boolean> {
  return infix(">=", left, right);
}
export function lt<T extends Comparable>(left: Expr<T>, right: Template<NoInfer<T>>): Expr<boolean> {
  return infix("<", left, right);
}
export function lte<T extends Comparable>(left: Expr<T>, right: Template<NoInfer<T>>): Expr<boolean> {
  return infix("<=", left, right);
}
export function and(...conditions: readonly Expr<boolean>[]): Expr<boolean> {
  return expr(`(${conditions.map(codeOf).join(" and ")})`);
}
export function or(...conditions: readonly Expr<boolean>[]): Expr<boolean> {
  return expr(`(${conditions.map(codeOf).join(" or ")})`);
}
export function not(condition: Expr<boolean>): Expr<boolean> {
  return expr(`$not(${codeOf(condition)})`);
}
/** Whether there is anything at all: for fields that may be missing. */
export function exists(value: Expr<unknown>): Expr<boolean> {
  return expr(`$exists(${codeOf(value)})`);
}

export function add(...values: readonly Template<number>[]): Ref<number> {
  return expr(`(${values.map(codeOf).join(" + ")})`);
}
export function subtract(left: Template<number>, right: Template<number>): Ref<number> {
  return expr(`(${codeOf(left)} - ${codeOf(right)})`);
}
export function times(...values: readonly Template<number>[]): Ref<number> {
  return expr(`(${values.map(codeOf).join(" * ")})`);
}
export function divide(left: Template<number>, right: Template<number>): Ref<number> {
  return expr(`(${codeOf(left)} / ${codeOf(right)})`);
}

export function count(list: Expr<readonly unknown[]>): Ref<number> {
  return expr(`$count(${codeOf(list)})`);
}
/** of: what to add for each element. */
export function sum<E>(list: Expr<readonly E[]>, of: (element: Ref<E>) => Template<number>): Ref<number> {
  return expr(`$sum(${mapped(list, of)})`);
}
/** A list with something made of each element. */
export function each<E, const V>(list: Expr<readonly E[]>, make: (element: Ref<E>) => V): Ref<Evaluated<V>[]> {
  // JSONata gives one element alone as itself; a list stays a list.
  return expr(`[${mapped(list, make)}]`);
}
/** Those elements for which the condition holds. */
export function where<E>(list: Expr<readonly E[]>, condition: (element: Ref<E>) => Expr<boolean>): Ref<E[]> {
  return expr(`[$filter(${codeOf(list)}, function($element) { ${codeOf(condition(refTo("$element")))} })]`);
}

function mapped<E>(list: Expr<readonly E[]>, make: (element: Ref<E>) => unknown): string {
  return `$map(${codeOf(list)}, function($element) { ${codeOf(make(refTo("$element")))} })`;
}

function infix(operator: string, left: unknown, right: unknown): Expr<boolean> {
  return expr(`(${codeOf(left)} ${operator} ${codeOf(right)})`);
}
