/**
 * The functions that the compiler of flows calls beside JSONata's own. Expressions of state machines never see them: they stand in a
 * frame of their own, which only definitions compiled from a flow are read with.
 *
 * F1. What is not there is null, and comparing unlike types is false: CloudFlow's rules, not JSONata's.
 * F2. A function that cannot do its work fails with an FnF error, as data (`StatesErrorSignal`).
 * F3. Every value a function makes is charged to the evaluation's account where its size is not bounded by its arguments'.
 */

import { StatesErrorSignal } from "../errors/states-error.ts";
import { library } from "../generated/jsonata-sync.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { base64Decode, base64Encode } from "./base64.ts";
import { BoundedRegex } from "./bounded-regex.ts";
import { followPath, type PathStep, sameValue } from "./flow-path.ts";
import { hashHex } from "./hash.ts";
import { Frame } from "./jsonata-frame.ts";
import { claimElements, claimText, currentFacts, readText, spend } from "./jsonata-meter.ts";
import { getOwn, setOwn } from "./own-property.ts";
import { parseTimestamp, timestampMs } from "./timestamp.ts";

/** What an expression of a flow fails with, where the documents give no name of its own (cloudflow.md 5.5). */
const FLOW_RUNTIME_ERROR = "FnF.RuntimeError";
const INVALID_LOCAL = "FnF.InvalidLocal";

/** cloudflow.md 5.1: input, output and local of a step of the old language, together. */
const STEP_BYTES_MAX = 32_768;
/** cloudflow.md 6.1. */
const GLOBAL_KEY_BYTES_MAX = 128;
const GLOBAL_VALUE_BYTES_MAX = 262_144;
/** cloudflow.md 5.3, "wait". */
const WAIT_SECONDS_MAX = 172_800;
/** ASL's largest number of seconds: never, for a task. */
const NEVER_SECONDS = 99_999_999;

type Value = Json | undefined;

const FUNCTIONS: { readonly [name: string]: (...values: never[]) => Json } = {
  // Expressions.
  fnfPath: (value: Value, steps: readonly PathStep[]) => followPath(value, steps),
  fnfTrue: (value: Value) => isTrue(value),
  fnfEquals: (one: Value, other: Value) => equal(one, other),
  fnfDiffers: (one: Value, other: Value) => !equal(one, other),
  fnfLess: (one: Value, other: Value) => compared(one, other, (order) => order < 0),
  fnfAtMost: (one: Value, other: Value) => compared(one, other, (order) => order <= 0),
  fnfIn: (item: Value, holder: Value) => contains(holder, item),
  fnfNegative: (value: Value) => -numberOf("-", value),
  fnfCalculate: (operator: string, one: Value, other: Value) => calculate(operator, one, other),
  fnfList: (...items: Value[]) => items.map(orNull),
  // Built-in functions, cloudflow.md 6.4.
  fnfFormat: (template: Value, ...values: Value[]) => format(template, values),
  fnfLength: (value: Value) => lengthOf(value),
  fnfSplit: (text: Value, separator: Value) => split(text, separator),
  fnfRegexMatch: (pattern: Value, text: Value) => regexMatches("regexMatchString", pattern, text),
  fnfArrayContains: (array: Value, item: Value) => arrayOf("arrayContains", array).some((other) => equal(other, item)),
  fnfArrayUnique: (array: Value) => unique(arrayOf("arrayUnique", array)),
  fnfMapKeys: (map: Value) => Object.keys(objectOf("mapKeys", map)),
  fnfMapValues: (map: Value) => Object.values(objectOf("mapValues", map)),
  fnfJsonMerge: (one: Value, other: Value) => merged(objectOf("jsonMerge", one), objectOf("jsonMerge", other)),
  // What is parsed already (the body of an answer that is JSON) stays what it is.
  fnfStringToJson: (text: Value) => (typeof text === "object" ? text : parseJson(textOf("stringToJson", text))),
  fnfJsonToString: (value: Value) => JSON.stringify(orNull(value)),
  fnfFromBase64: (text: Value) =>
    base64Decode(textOf("fromBase64", text)) ?? refuse("fromBase64", "is not base64", text),
  fnfToBase64: (text: Value) => base64Encode(textOf("toBase64", text)),
  fnfHash: (text: Value, algorithm: Value) => hash(text, algorithm),
  fnfUuid: () => currentFacts().uuid(),
  fnfGet: (value: Value, key: Value) => get(value, key),
  fnfIntAdd: (one: Value, other: Value) => integerOf("intAdd", one) + integerOf("intAdd", other),
  fnfRandomInt: (low: Value, high: Value) => randomInt(low, high),
  // The data of a step or state.
  fnfMerge: (...objects: Value[]) => objects.reduce<JsonObject>((all, one) => merged(all, members(one)), {}),
  fnfObject: (value: Value) => resultObject(value),
  fnfLocals: (scopes: Value) => locals(scopes),
  fnfEnter: (scope: JsonObject, input: Value) => ({ input: orNull(input), local: {}, outer: without(scope, "left") }),
  fnfLeave: (scope: JsonObject, input: Value, output: Value, local: Value) => leave(scope, input, output, local),
  fnfBranches: (results: Value) => branches(results),
  fnfMapItems: (results: Value) => ({ Items: orNull(results) }),
  fnfResult: (value: Value) => (isJsonObject(value) ? value : { Body: orNull(value) }),
  fnfAnswerBody: (answer: Value) => (isJsonObject(answer) ? (getOwn(answer, "Body") ?? answer) : orNull(answer)),
  fnfConstructed: (value: Value) => objectOf("The constructor", value),
  fnfChildItems: (value: Value, wanted: Value, most: number, isAnyItem: boolean) =>
    childItems(value, wanted, most, isAnyItem),
  fnfItems: (value: Value) => itemsOf(value),
  fnfObjectItems: (value: Value) => objectItems(value),
  fnfGlobal: (global: Value) => members(global),
  fnfSetGlobal: (global: Value, added: JsonObject) => merged(members(global), checkedGlobals(added)),
  fnfSeconds: (value: Value, low: number, high: number) => secondsOf(value, low, high),
  fnfTimestamp: (value: Value) => timestampOf(value),
  fnfTimeout: (value: Value) => secondsOf(value, 0, 604_800) || NEVER_SECONDS,
  // The engine's name of an execution also tells of which flow of this name it is.
  fnfName: (name: Value) => (typeof name === "string" ? name.replace(/~\d+$/, "") : null),
  // States that cannot be retried have no count.
  fnfCount: (count: Value) => (typeof count === "number" ? count : 0),
  fnfError: (name: Value) => flowErrorName(typeof name === "string" ? name : ""),
};

/** The frame of all functions an expression of a flow may call. */
export const FLOW_FUNCTIONS: Frame = new Frame(library.staticFrame);

for (const [name, implementation] of Object.entries(FUNCTIONS)) {
  // Without a signature, arguments come as they are: nothing and null alike.
  FLOW_FUNCTIONS.bind(name, { ...(library.defineFunction(implementation, "<x?:x>") as object), signature: undefined });
}

/** CloudFlow's name of an error that the engine has its own name for (cloudflow.md 5.5, 7). */
export function flowErrorName(name: string): string {
  if (name === "States.Timeout") return "FnF.TaskTimeout";
  if (name === "States.TaskFailed") return "FnF.TaskFailed";
  if (name === "States.DataLimitExceeded") return "FnF.DataLimitExceeded";
  if (name === "States.ExceedToleratedFailureThreshold") return "FnF.ExceedToleratedFailureThreshold";
  return name.startsWith("States.") ? FLOW_RUNTIME_ERROR : name;
}

function failure(cause: string, error: string = FLOW_RUNTIME_ERROR): StatesErrorSignal {
  return new StatesErrorSignal(error, cause);
}

function refuse(where: string, rule: string, value: Value): never {
  throw failure(`${where}: ${shown(value)} ${rule}`);
}

function shown(value: Value): string {
  const text = JSON.stringify(orNull(value));
  return text.length <= 100 ? text : `${text.slice(0, 97)}...`;
}

function orNull(value: Value): Json {
  return value === undefined ? null : value;
}

function isTrue(value: Value): boolean {
  return value === true || value === "true" || (typeof value === "number" && value !== 0);
}

function equal(one: Value, other: Value): boolean {
  spend(20);
  return sameValue(orNull(one), orNull(other));
}

function compared(one: Value, other: Value, holds: (order: number) => boolean): boolean {
  if (typeof one === "number" && typeof other === "number") return holds(one - other);
  if (typeof one === "string" && typeof other === "string") return holds(one < other ? -1 : Number(one > other));
  return false;
}

function contains(holder: Value, item: Value): boolean {
  if (isJsonArray(holder)) return holder.some((other) => equal(other, item));
  return isJsonObject(holder) && typeof item === "string" && Object.hasOwn(holder, item);
}

function calculate(operator: string, one: Value, other: Value): Json {
  if (operator === "=~") return regexMatches("=~", other, one);
  if (operator === "+" && (typeof one === "string" || typeof other === "string")) {
    return concatenated(plainText(one), plainText(other));
  }
  const [left, right] = [numberOf(operator, one), numberOf(operator, other)];
  const result = { "+": left + right, "-": left - right, "*": left * right, "/": left / right, "%": left % right };
  const value = result[operator as keyof typeof result];
  return Number.isFinite(value) ? value : refuse(operator, "has no result that is a number", other);
}

function concatenated(one: string, other: string): string {
  claimText(one.length + other.length);
  return one + other;
}

function numberOf(where: string, value: Value): number {
  return typeof value === "number" ? value : refuse(where, "is not a number", value);
}

function integerOf(where: string, value: Value): number {
  return Number.isSafeInteger(value) ? (value as number) : refuse(where, "is not a whole number", value);
}

function textOf(where: string, value: Value): string {
  if (typeof value !== "string") return refuse(where, "is not a string", value);
  readText(value);
  return value;
}

function arrayOf(where: string, value: Value): readonly Json[] {
  return isJsonArray(value) ? value : refuse(where, "is not an array", value);
}

function objectOf(where: string, value: Value): JsonObject {
  return isJsonObject(value) ? value : refuse(where, "is not a map", value);
}

/** A string as it is, anything else as JSON text. */
function plainText(value: Value): string {
  return typeof value === "string" ? value : JSON.stringify(orNull(value));
}

/** `{}` is filled in order; what is left over on either side stays, or is not used. */
function format(template: Value, values: readonly Value[]): string {
  const parts = textOf("format", template).split("{}");
  const texts = values.map(plainText);
  const filled = parts.map((part, at) => (at === parts.length - 1 ? part : part + (texts[at] ?? "{}")));
  claimText(filled.reduce((sum, part) => sum + part.length, 0));
  return filled.join("");
}

function lengthOf(value: Value): number {
  if (typeof value === "string") return [...value].length;
  if (isJsonArray(value)) return value.length;
  return isJsonObject(value) ? Object.keys(value).length : refuse("length", "is not an array, map or string", value);
}

function split(text: Value, separator: Value): string[] {
  const written = textOf("split", text);
  claimElements(0, written.length + 1);
  return written.split(textOf("split", separator));
}

function regexMatches(where: string, pattern: Value, text: Value): boolean {
  const source = textOf(where, pattern);
  let regex: BoundedRegex;
  try {
    regex = new BoundedRegex(source, "");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refuse(where, `is no regular expression (${error.message})`, source);
  }
  return regex.match(textOf(where, text), 0) !== null;
}

function unique(array: readonly Json[]): Json[] {
  const kept: Json[] = [];
  for (const item of array) if (!kept.some((other) => equal(other, item))) kept.push(item);
  return kept;
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw failure(`stringToJson: ${(error as SyntaxError).message}`);
  }
}

function hash(text: Value, algorithm: Value): string {
  const written = textOf("hash", text);
  const name = textOf("hash", algorithm);
  const hex = HASHES.has(name) ? hashHex(name, written) : undefined;
  return hex ?? refuse("hash", `is not one of ${[...HASHES].join(", ")}`, name);
}

const HASHES: ReadonlySet<string> = new Set(["MD5", "SHA-1", "SHA-256", "SHA-512"]);

function get(value: Value, key: Value): Json {
  if (typeof key !== "string" && !Number.isInteger(key)) return refuse("get", "is not a key or an index", key);
  return followPath(value, [key as string | number]);
}

/** From `low` up to, not including, `high`; `low` itself when both are one. */
function randomInt(low: Value, high: Value): number {
  const [from, to] = [integerOf("randomInt", low), integerOf("randomInt", high)];
  if (to < from) return refuse("randomInt", `is below ${from}`, to);
  return from + Math.floor(currentFacts().random() * (to - from));
}

function members(value: Value): JsonObject {
  return isJsonObject(value) ? value : {};
}

function merged(one: JsonObject, other: JsonObject): JsonObject {
  const all: { [key: string]: Json } = {};
  for (const from of [one, other]) for (const [key, value] of Object.entries(from)) setOwn(all, key, value);
  return all;
}

function without(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}

function resultObject(value: Value): JsonObject {
  if (isJsonObject(value)) return value;
  throw failure(`The result of the task must be a JSON object but is ${shown(value)}`, INVALID_LOCAL);
}

/** The locals of the scopes that branches or iterations ended with. */
function locals(scopes: Value): Json[] {
  return arrayOf("branches", scopes).map((scope) => orNull(members(scope)["local"]));
}

/**
 * The end of a step of the old language: its output joins the local of the scope it stands in. `left` shows, in the
 * history, what the step left with.
 */
function leave(scope: JsonObject, input: Value, output: Value, local: Value): Json {
  const left = { output: orNull(output), local: orNull(local) };
  const bytes = jsonBytes(orNull(input)) + jsonBytes(left.output) + jsonBytes(left.local);
  if (bytes > STEP_BYTES_MAX) {
    const cause = `input, output and local of the step have ${bytes} bytes, more than ${STEP_BYTES_MAX}`;
    throw failure(cause, "States.DataLimitExceeded");
  }
  const { outer } = scope;
  const inner = { input: scope["input"] ?? {}, local: merged(members(scope["local"]), members(left.output)) };
  return outer === undefined ? { ...inner, left } : { ...inner, outer, left };
}

function jsonBytes(value: Json): number {
  const text = JSON.stringify(value);
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x80) bytes += unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

function branches(results: Value): JsonObject {
  return Object.fromEntries(arrayOf("branches", results).map((result, index) => [`Branch${index}`, result]));
}

function itemsOf(value: Value): readonly Json[] {
  return isJsonArray(value) ? value : refuse("The collection", "is not an array", value);
}

/** Every input of the new language is a JSON object (cloudflow.md 6.1). */
function objectItems(value: Value): readonly Json[] {
  const items = isJsonArray(value) ? value : refuse("ItemsPath", "is not an array", value);
  const wrong = items.findIndex((item) => !isJsonObject(item));
  return wrong < 0 ? items : refuse(`ItemsPath: element ${wrong}`, "is not a JSON object", items[wrong]);
}

/** The items of a distributed Map: the first `wanted`, of which there may be `most`. */
function childItems(value: Value, wanted: Value, most: number, isAnyItem: boolean): readonly Json[] {
  const all = isAnyItem ? itemsOf(value) : objectItems(value);
  const items = typeof wanted === "number" ? all.slice(0, wanted) : all;
  if (items.length > most) throw failure(`ItemsPath: there are ${items.length} items, more than ${most}`);
  return items;
}

function checkedGlobals(added: JsonObject): JsonObject {
  for (const [key, value] of Object.entries(added)) {
    if (jsonBytes(key) - 2 > GLOBAL_KEY_BYTES_MAX)
      refuse("$Global", `is a key of more than ${GLOBAL_KEY_BYTES_MAX} bytes`, key);
    if (jsonBytes(value) > GLOBAL_VALUE_BYTES_MAX) {
      refuse("$Global", `holds a value of more than ${GLOBAL_VALUE_BYTES_MAX} bytes`, key);
    }
  }
  return added;
}

function secondsOf(value: Value, low: number, high: number): number {
  const inRange = Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
  return inRange ? (value as number) : refuse("The seconds", `is not a whole number from ${low} to ${high}`, value);
}

function timestampOf(value: Value): string {
  const text = textOf("The timestamp", value);
  const at = parseTimestamp(text);
  if (at === undefined) return refuse("The timestamp", "is not an RFC 3339 time", text);
  const seconds = (timestampMs(at) - currentFacts().now) / 1000;
  if (seconds > WAIT_SECONDS_MAX) refuse("The timestamp", `is more than ${WAIT_SECONDS_MAX} seconds away`, text);
  return text;
}
