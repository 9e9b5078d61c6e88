import { Misuse } from "../misuse.ts";
import { DISCARDED, listReference, pathOf, Reference, stringReference } from "./reference.ts";

const INTRINSICS = [
  "Array",
  "ArrayPartition",
  "ArrayContains",
  "ArrayRange",
  "ArrayGetItem",
  "ArrayLength",
  "ArrayUnique",
  "Base64Encode",
  "Base64Decode",
  "Hash",
  "JsonMerge",
  "StringToJson",
  "JsonToString",
  "MathRandom",
  "MathAdd",
  "StringSplit",
  "UUID",
  "Format",
].map((name) => `States.${name}`);

/** As a result path: the result is dropped. */
export const DISCARD: string = DISCARDED;

/**
 * References into a state's input, the context object and variables, and calls of intrinsic functions. What these give
 * is put where a property's value goes; the key becomes `key.$` in the definition.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: the shape the CDK's users know.
export class JsonPath {
  /** As a result path: the result is dropped. As a value: null. */
  static readonly DISCARD: string = DISCARD;

  static stringAt(path: string): string {
    return stringReference(checked(path));
  }
  static listAt(path: string): string[] {
    // AWS calls a function's result by a path as well, so only plain paths make sense here.
    if (path.startsWith("States.")) throw new Misuse("JsonPath", `listAt takes a plain path, got ${path}`);
    return listReference(checked(path));
  }
  /** Stands for a number; nothing can be computed with it before an execution runs. */
  static numberAt(path: string): number {
    return new Reference(checked(path)) as unknown as number;
  }
  static objectAt(path: string): Reference {
    return new Reference(checked(path));
  }
  static isEncodedJsonPath(value: string): boolean {
    return pathOf(value) !== undefined;
  }

  static get entirePayload(): string {
    return stringReference("$");
  }
  static get entireContext(): string {
    return stringReference("$$");
  }
  static get taskToken(): string {
    return stringReference("$$.Task.Token");
  }
  static get executionId(): string {
    return stringReference("$$.Execution.Id");
  }
  static get executionInput(): string {
    return stringReference("$$.Execution.Input");
  }
  static get executionName(): string {
    return stringReference("$$.Execution.Name");
  }
  static get executionRoleArn(): string {
    return stringReference("$$.Execution.RoleArn");
  }
  static get executionStartTime(): string {
    return stringReference("$$.Execution.StartTime");
  }
  static get stateEnteredTime(): string {
    return stringReference("$$.State.EnteredTime");
  }
  static get stateName(): string {
    return stringReference("$$.State.Name");
  }
  static get stateRetryCount(): string {
    return stringReference("$$.State.RetryCount");
  }
  static get stateMachineId(): string {
    return stringReference("$$.StateMachine.Id");
  }
  static get stateMachineName(): string {
    return stringReference("$$.StateMachine.Name");
  }

  static array(...values: readonly string[]): string {
    return call("Array", ...values);
  }
  static arrayPartition(array: unknown, chunkSize: number): string {
    return call("ArrayPartition", list(array, "arrayPartition"), chunkSize);
  }
  static arrayContains(array: unknown, value: unknown): string {
    return call("ArrayContains", list(array, "arrayContains"), value);
  }
  static arrayRange(start: number, end: number, step: number): string {
    return call("ArrayRange", start, end, step);
  }
  static arrayGetItem(array: unknown, index: number): string {
    return call("ArrayGetItem", list(array, "arrayGetItem"), index);
  }
  static arrayLength(array: unknown): string {
    return call("ArrayLength", list(array, "arrayLength"));
  }
  static arrayUnique(array: unknown): string {
    return call("ArrayUnique", list(array, "arrayUnique"));
  }
  static base64Encode(input: string): string {
    return call("Base64Encode", input);
  }
  static base64Decode(base64: string): string {
    return call("Base64Decode", base64);
  }
  static hash(data: unknown, algorithm: string): string {
    return call("Hash", data, algorithm);
  }
  static jsonMerge(value1: unknown, value2: unknown): string {
    return stringReference(`States.JsonMerge(${argument(value1)}, ${argument(value2)}, false)`);
  }
  static mathRandom(start: number, end: number): string {
    return call("MathRandom", start, end);
  }
  static mathAdd(num1: number, num2: number): string {
    return call("MathAdd", num1, num2);
  }
  static stringSplit(inputString: string, splitter: string): string {
    return call("StringSplit", inputString, splitter);
  }
  static uuid(): string {
    return call("UUID");
  }
  /** `{}` in formatString is replaced by the values in order. */
  static format(formatString: string, ...values: readonly string[]): string {
    return call("Format", formatString, ...values);
  }
  static stringToJson(jsonString: string): Reference {
    return new Reference(`States.StringToJson(${argument(jsonString)})`);
  }
  static jsonToString(value: unknown): string {
    if (pathOf(value) === undefined) throw new Misuse("JsonPath", "jsonToString takes what a path points to");
    return call("JsonToString", value);
  }
}

/** A path property (`InputPath`, …): a path, a reference to one, or DISCARD, which becomes null. */
export function renderPath(path: string | undefined): string | null | undefined {
  if (path === undefined) return undefined;
  if (path === JsonPath.DISCARD) return null;
  const reference = pathOf(path);
  if (reference !== undefined) return reference;
  if (path.startsWith("$")) return path;
  throw new Misuse("JsonPath", `Expected JSON path to start with '$', got: ${path}`);
}

/** `States.Array(…)` of literals and references: what a list with a reference in it has to become. */
export function arrayCall(values: readonly unknown[]): string {
  return `States.Array(${values.map(arrayMember).join(", ")})`;
}

function arrayMember(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value) && pathOf(value) === undefined) return arrayCall(value);
  if (typeof value === "string" && pathOf(value) === undefined) return literal(value);
  return argument(value);
}

/** Text that is itself, with no escapes of the writer's. */
function literal(text: string): string {
  return `'${text.replaceAll(/['\\{}]/g, "\\$&")}'`;
}

function checked(path: string): string {
  const isPath = path.startsWith("$") || INTRINSICS.some((name) => path.startsWith(name));
  if (isPath && !/\p{Cc}/u.test(path)) return path;
  throw new Misuse(
    "JsonPath",
    "JSON path values must be exactly '$', '$$', start with '$', start with '$$.', start with '$[', or start with an " +
      `intrinsic function: ${INTRINSICS.join(", ")}. Received: ${path}`,
  );
}

// A literal string is no array: such a call would fail in every execution.
function list(value: unknown, method: string): unknown {
  if (typeof value === "string" && pathOf(value) === undefined) {
    throw new Misuse("JsonPath", `the array of ${method} must be a reference such as JsonPath.listAt, got '${value}'`);
  }
  return value;
}

function call(name: string, ...values: readonly unknown[]): string {
  return stringReference(`States.${name}(${values.map(argument).join(", ")})`);
}

function argument(value: unknown): string {
  const path = pathOf(value);
  if (path !== undefined) return path;
  if (typeof value === "number") return value.toString(10);
  if (typeof value === "string") return quoted(value);
  throw new Misuse("JsonPath", `an intrinsic function takes references, strings and numbers, got ${typeof value}`);
}

// As the CDK has it: a backslash before a brace is the writer's own escape, any other stands for itself. Line ends stay as
// they are: AWS knows no escape for them, and takes them plain.
function quoted(text: string): string {
  return `'${text.replaceAll(/'|\\(?![{}])/g, "\\$&")}'`;
}
