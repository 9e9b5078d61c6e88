/** JSON as lines, and the difference of two values as marked lines. Pure; bounded by LINES_MAX. */
import type { Json } from "./json-value.ts";

export interface JsonLine {
  readonly mark: " " | "-" | "+";
  readonly depth: number;
  /** With its quotes and colon, absent for array items and closing brackets. */
  readonly key?: string;
  readonly text: string;
}

const LINES_MAX = 20_000;

const FOLD_LINES = 4;

type Mark = JsonLine["mark"];

class Lines {
  readonly found: JsonLine[] = [];

  add(mark: Mark, depth: number, key: string | undefined, text: string): void {
    if (this.found.length < LINES_MAX) this.found.push({ mark, depth, ...(key !== undefined && { key }), text });
  }
}

function isContainer(value: Json): value is readonly Json[] | { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null;
}

const entriesOf = (value: Json): readonly (readonly [string | undefined, Json])[] =>
  Array.isArray(value)
    ? (value as readonly Json[]).map((item) => [undefined, item] as const)
    : Object.entries(value as { readonly [key: string]: Json }).map(([key, item]) => [JSON.stringify(key), item]);

function write(lines: Lines, mark: Mark, depth: number, key: string | undefined, value: Json, comma: string): void {
  if (!isContainer(value)) {
    lines.add(mark, depth, key, `${JSON.stringify(value)}${comma}`);
    return;
  }
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const entries = entriesOf(value);
  if (entries.length === 0) {
    lines.add(mark, depth, key, `${open}${close}${comma}`);
    return;
  }
  lines.add(mark, depth, key, open ?? "");
  for (const [index, [name, item]] of entries.entries()) {
    if (lines.found.length >= LINES_MAX) return;
    write(lines, mark, depth + 1, name, item, index < entries.length - 1 ? "," : "");
  }
  lines.add(mark, depth, undefined, `${close}${comma}`);
}

/** A value as indented lines. */
export function jsonLines(value: Json): readonly JsonLine[] {
  const lines = new Lines();
  write(lines, " ", 0, undefined, value, "");
  return lines.found;
}

/** Equal as JSON: the order of members does not count. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || !isContainer(a) || !isContainer(b)) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a);
  if (left.length !== Object.keys(b).length) return false;
  return left.every(([key, value]) => Object.hasOwn(b, key) && sameJson(value, (b as Record<string, Json>)[key]));
}

/** What is equal in both and longer than a few lines is folded into one. */
function writeSame(lines: Lines, depth: number, key: string | undefined, value: Json): void {
  const inner = new Lines();
  write(inner, " ", depth, key, value, "");
  if (inner.found.length <= FOLD_LINES) {
    for (const line of inner.found) lines.add(line.mark, line.depth, line.key, line.text);
    return;
  }
  const count = entriesOf(value).length;
  const text = Array.isArray(value) ? `[ … ${count} items ]` : `{ … ${count} members }`;
  lines.add(" ", depth, key, text);
}

function writeDiff(lines: Lines, depth: number, key: string | undefined, before: Json, after: Json): void {
  if (sameJson(before, after)) {
    writeSame(lines, depth, key, after);
    return;
  }
  const alike = isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after);
  if (!alike) {
    write(lines, "-", depth, key, before, "");
    write(lines, "+", depth, key, after, "");
    return;
  }
  const [open, close] = Array.isArray(after) ? ["[", "]"] : ["{", "}"];
  lines.add(" ", depth, key, open ?? "");
  const left = before as { readonly [key: string]: Json };
  const right = after as { readonly [key: string]: Json };
  const names = [...Object.keys(left), ...Object.keys(right).filter((name) => !Object.hasOwn(left, name))];
  for (const name of names) {
    if (lines.found.length >= LINES_MAX) return;
    const shown = Array.isArray(after) ? undefined : JSON.stringify(name);
    const [had, has] = [Object.hasOwn(left, name), Object.hasOwn(right, name)];
    if (had && has) writeDiff(lines, depth + 1, shown, left[name] as Json, right[name] as Json);
    else if (had) write(lines, "-", depth + 1, shown, left[name] as Json, "");
    else write(lines, "+", depth + 1, shown, right[name] as Json, "");
  }
  lines.add(" ", depth, undefined, close ?? "");
}

/** What was taken away (-), added (+) and kept between two values. */
export function diffLines(before: Json, after: Json): readonly JsonLine[] {
  const lines = new Lines();
  writeDiff(lines, 0, undefined, before, after);
  return lines.found;
}

export function parseJson(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const UNFOLD_DEPTH_MAX = 6;

/** Texts that hold JSON objects or arrays (an error's Cause often does, more than once) as what they hold. */
export function unfoldJson(value: Json, depth = 0): Json {
  if (depth > UNFOLD_DEPTH_MAX) return value;
  if (typeof value === "string") {
    const parsed = /^\s*[[{]/.test(value) ? parseJson(value) : undefined;
    return parsed === undefined ? value : unfoldJson(parsed, depth + 1);
  }
  if (Array.isArray(value)) return value.map((item: Json) => unfoldJson(item, depth + 1));
  if (!isContainer(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unfoldJson(item as Json, depth + 1)]));
}

export interface TextLine {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** Compared tables larger than this are not built: the texts are then shown one after the other. */
const TABLE_MAX = 4_000_000;

/** The difference of two texts line by line (longest common subsequence). */
export function diffTexts(before: string, after: string): readonly TextLine[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const kept = (texts: readonly string[]) => texts.map((text) => ({ mark: " " as const, text }));
  const middle = diffMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  return [...kept(a.slice(0, head)), ...middle, ...kept(a.slice(a.length - tail))];
}

function diffMiddle(a: readonly string[], b: readonly string[]): readonly TextLine[] {
  const removed = a.map((text) => ({ mark: "-" as const, text }));
  const added = b.map((text) => ({ mark: "+" as const, text }));
  if (a.length * b.length > TABLE_MAX || a.length === 0 || b.length === 0) return [...removed, ...added];
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i * width + j] =
        a[i] === b[j]
          ? (table[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0);
    }
  }
  const lines: TextLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const down = table[(i + 1) * width + j] ?? 0;
    const right = table[i * width + j + 1] ?? 0;
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ mark: " ", text: a[i] ?? "" });
      i++;
      j++;
    } else if (i < a.length && (j === b.length || down >= right)) {
      lines.push({ mark: "-", text: a[i++] ?? "" });
    } else {
      lines.push({ mark: "+", text: b[j++] ?? "" });
    }
  }
  return lines;
}
