/**
 * What the generated evaluator calls instead of the parts of JavaScript that are not safe, not bounded or not pure.
 * The build script puts the calls in; see scripts/build-jsonata.mjs for where and why.
 */
import { BoundedRegex, type RegexMatch } from "./bounded-regex.ts";
import {
  atEnd,
  claimConcatenation,
  claimCopy,
  claimElements,
  claimText,
  currentFacts,
  LimitReached,
  NESTING_MAX,
  readText,
  STACK_OVERFLOW,
  spend,
  tick,
} from "./jsonata-meter.ts";
import { setOwn } from "./own-property.ts";

export { Frame } from "./jsonata-frame.ts";
export {
  claimElements,
  claimRange,
  claimText,
  deeper,
  enter,
  leave,
  NESTING_MAX,
  readText,
  spend,
  tick,
} from "./jsonata-meter.ts";

/** Marks on the evaluator's own arrays and functions. Symbols: no data can carry them, and they never become JSON. */
export const SEQUENCE: unique symbol = Symbol("sequence");
export const KEEP_SINGLETON: unique symbol = Symbol("keepSingleton");
export const TUPLE_STREAM: unique symbol = Symbol("tupleStream");
export const OUTER_WRAPPER: unique symbol = Symbol("outerWrapper");
export const CONS: unique symbol = Symbol("cons");
export const NATIVE: unique symbol = Symbol("native function");
export const LAMBDA: unique symbol = Symbol("lambda");

type Members = { [key: string]: unknown };

/** A member of data: its own, never one of Object.prototype. Data holds no JavaScript functions of Object.prototype's kind. */
export function own(object: Members, key: string): unknown {
  const value = object[key];
  return typeof value === "function" || key === "__proto__" ? (Object.hasOwn(object, key) ? value : undefined) : value;
}

/** Sets a member as an own property, whatever its name. */
export const put: (object: Members, key: string, value: unknown) => void = setOwn as (
  object: Members,
  key: string,
  value: unknown,
) => void;

/** Appends to an array nobody else holds yet what fn.append would append to a copy. */
export function extend(array: unknown[], value: unknown): void {
  if (!Array.isArray(value)) {
    array.push(value);
    return;
  }
  claimElements(array.length, value.length);
  for (const element of value) array.push(element);
}

/** fn.append's concatenation. */
export function joined(left: readonly unknown[], right: readonly unknown[]): unknown[] {
  claimElements(left.length, right.length);
  claimCopy(left.length);
  return left.concat(right);
}

/** fn.append in a loop: `owned` names the slots whose array was made here, so that they can grow in place. */
export function gather(
  owned: Set<string>,
  slot: string,
  held: unknown,
  item: unknown,
  append: (held: unknown, item: unknown) => unknown,
): unknown {
  if (item === undefined) return held;
  if (held !== undefined && owned.has(slot)) {
    extend(held as unknown[], item);
    return held;
  }
  if (held !== undefined) owned.add(slot);
  return append(held, item);
}

export function concatenated(left: string, right: string): string {
  claimConcatenation(left.length, right.length);
  return left + right;
}

/** `text`, `count` times. */
export function repeatText(text: string, count: number): string {
  claimText(text.length * count);
  return text.repeat(count);
}

/** Padding of `length` code points, made of the code points of `text` over and over. */
export function padText(text: string, length: number): string {
  const points = [...text];
  spend(points.length);
  const count = Math.floor(length);
  return repeatText(text, Math.floor(count / points.length)) + points.slice(0, count % points.length).join("");
}

export function joinTexts(texts: readonly string[], separator: string): string {
  let length = Math.max(0, texts.length - 1) * separator.length;
  for (const text of texts) {
    tick();
    length += text.length;
  }
  claimText(length);
  return texts.join(separator);
}

/** One value that JSON.stringify writes; `depths` are the levels of its holders so far. */
export function written(value: unknown, holder: object, depths: Map<object, number>): void {
  spend(20);
  if (typeof value === "string") claimText(value.length);
  if (typeof value !== "object" || value === null) return;
  const depth = (depths.get(holder) ?? 0) + 1;
  if (depth > NESTING_MAX) throw new LimitReached(STACK_OVERFLOW);
  depths.set(value, depth);
}

/** `===` with large texts charged. */
export function same(left: unknown, right: unknown): boolean {
  if (typeof left === "string" && typeof right === "string" && left.length === right.length) {
    readText(left);
    readText(right);
  }
  return left === right;
}

/** Working with a picture is quadratic in its length, and linear in the value's for every separator. */
export function readPicture(picture: string, value = ""): void {
  spend(Math.ceil((picture.length * (picture.length + value.length)) / 16));
}

/** The call of a built-in function: what it costs before its own loops count. */
export function readArguments(values: readonly unknown[]): void {
  spend(40);
  for (const value of values) {
    if (typeof value === "string") readText(value);
    else if (Array.isArray(value)) spend(value.length >> 2);
  }
}

/** The result of a built-in function. */
export function received<T>(value: T): T {
  if (typeof value === "string") claimText(value.length);
  return value;
}

/** All objects and arrays of a value, itself included. */
export function objectsIn(value: unknown): Set<unknown> {
  const found = new Set<unknown>();
  const waiting = [value];
  while (waiting.length > 0) {
    spend(10);
    const next = waiting.pop();
    if (typeof next !== "object" || next === null || found.has(next)) continue;
    found.add(next);
    for (const member of Object.values(next)) waiting.push(member);
  }
  return found;
}

/** A built-in function is told by which name it was called; the next evaluation must not see that. */
export function named(procedure: Members, token: unknown, position: unknown): void {
  procedure["token"] = token;
  procedure["position"] = position;
  if (NATIVE in procedure) {
    atEnd(() => {
      delete procedure["token"];
      delete procedure["position"];
    });
  }
}

export function chance(): number {
  return currentFacts().random();
}

export function nowMillis(): number {
  return currentFacts().now;
}

export function compileRegex(source: string, flags: string): BoundedRegex {
  return new BoundedRegex(source, flags);
}

/** A signature's pattern; those of users can be as long and as ambiguous as they like. */
export function signatureRegex(source: string): RegExp | SignatureMatcher {
  const quantifiers = source.replace(/[^?+*{]/g, "");
  const isHarmless = quantifiers === "+" || /^\?{0,3}$/.test(quantifiers);
  return isHarmless ? new RegExp(source) : new SignatureMatcher(source);
}

class SignatureMatcher {
  readonly #regex: BoundedRegex;

  constructor(source: string) {
    this.#regex = new BoundedRegex(source, "");
  }

  exec(text: string): RegexMatch | null {
    return this.#regex.match(text, 0);
  }

  test(text: string): boolean {
    return this.exec(text) !== null;
  }
}

/** An ISO 8601 time longer than this is none. */
export const ISO_LENGTH_MAX = 256;

/** Date.parse, but that a time without a zone is UTC's: a state machine must not depend on the zone of its host. */
export function isoMillis(timestamp: string): number {
  const isDate = /^\d{4}(?:-\d\d){0,2}$/.test(timestamp);
  const hasZone = /(?:[+-]\d\d:?\d\d|Z)$/.test(timestamp);
  if (isDate || hasZone) return Date.parse(timestamp);
  return Date.parse(timestamp.includes("T") ? `${timestamp}Z` : `${timestamp} UTC`);
}

const QUOTED_NODES_MAX = 10_000;
/** AWS's causes end at 32,768 characters. */
const QUOTED_LENGTH_MAX = 32_768;

/** A value quoted in an error message: JSON, cut short when there is very much of it. */
export function quoted(value: unknown, isFunction: (value: unknown) => boolean): string | undefined {
  let nodes = 0;
  const text = JSON.stringify(value, (_key, member) => {
    if (++nodes > QUOTED_NODES_MAX) return null;
    if (typeof member === "string" && member.length > QUOTED_LENGTH_MAX) return member.slice(0, QUOTED_LENGTH_MAX);
    return isFunction(member) ? "" : member;
  });
  return text?.slice(0, QUOTED_LENGTH_MAX);
}
