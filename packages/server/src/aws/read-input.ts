/**
 * From the JSON body of a request to an operation's typed input, as AWS's services do it: first every value is brought
 * to its type (SerializationException), then every constraint of the model is checked (ValidationException, all
 * violations in one message). Members that the model does not know are dropped, `null` is the same as absent.
 */
import { Rejection } from "@stepwell/engine";
import type { ApiModel, Shape } from "./api-model.ts";
import { inSetOrder } from "./java-enum-order.ts";

/** Longest value quoted in a message; what AWS's own limits allow in a request is quoted whole. */
const QUOTED_CHARACTERS_MAX = 16_384;
/** Sizes of payloads are limited in bytes of UTF-8 (API reference, "StartExecution", input), other lengths in characters. */
const SIZED_IN_BYTES = new Set(["SensitiveData", "SensitiveDataJobInput"]);

/** Throws SerializationException or ValidationException. */
export function readInput<Name extends string>(model: ApiModel<Name>, operation: Name, body: unknown): object {
  const shape = model.inputs[operation];
  const input = new Reader(model).coerce(shape, body ?? {});
  if (!isStructure(input)) throw serializationError("The request body must be a JSON object");
  const violations: string[] = [];
  new Constraints(model, violations).check(shape, input, "");
  if (violations.length > 0) {
    const errors = violations.length === 1 ? "error" : "errors";
    throw new Rejection(
      "ValidationException",
      `${violations.length} validation ${errors} detected: ${violations.join("; ")}`,
    );
  }
  return input;
}

type Structure = { [member: string]: unknown };

function isStructure(value: unknown): value is Structure {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

class Reader {
  readonly #model: ApiModel;

  constructor(model: ApiModel) {
    this.#model = model;
  }

  coerce(shapeName: string, value: unknown): unknown {
    const shape = shapeOf(this.#model, shapeName);
    switch (shape.type) {
      case "structure":
        return this.#structure(shape, value);
      case "list":
        if (!Array.isArray(value)) throw unexpected(value, "a List");
        return value.map((item) => (item === null ? null : this.coerce(shape.member ?? "", item)));
      case "map":
        if (!isStructure(value)) throw unexpected(value, "a Map");
        return Object.fromEntries(
          Object.entries(value).map(([key, item]) => [key, this.coerce(shape.value ?? "", item)]),
        );
      case "string":
        if (typeof value !== "string") throw unexpected(value, "a String");
        return value;
      case "boolean":
        if (typeof value !== "boolean") throw unexpected(value, "a Boolean");
        return value;
      case "float":
        if (typeof value !== "number") throw unexpected(value, "a Float");
        return value;
      default:
        return wholeNumber(shape.type, value);
    }
  }

  #structure(shape: Shape, value: unknown): Structure {
    if (!isStructure(value)) throw unexpected(value, "a structure");
    const read: Structure = {};
    for (const [member, target] of membersOf(shape)) {
      const given = Object.hasOwn(value, member) ? value[member] : undefined;
      if (given !== undefined && given !== null) read[member] = this.coerce(target, given);
    }
    return read;
  }
}

function wholeNumber(type: string, value: unknown): number {
  const [name, bound] = type === "integer" ? ["an Integer", 2 ** 31] : ["a Long", Number.MAX_SAFE_INTEGER];
  if (typeof value !== "number" || !Number.isInteger(value) || Math.abs(value) > bound) throw unexpected(value, name);
  return value;
}

/** The words of Coral, the framework of AWS's JSON services. */
function unexpected(value: unknown, wanted: string): Rejection {
  if (Array.isArray(value)) return serializationError("Start of list found where not expected");
  if (typeof value === "object" && value !== null) {
    return serializationError("Start of structure or map found where not expected.");
  }
  const token = value === null ? "NULL" : value === true || value === false ? String(value).toUpperCase() : undefined;
  const kind = token ?? (typeof value === "number" ? "NUMBER" : "STRING");
  return serializationError(`${kind}_VALUE can not be converted to ${wanted}`);
}

export function serializationError(message: string): Rejection {
  return new Rejection("SerializationException", message);
}

class Constraints {
  readonly #model: ApiModel;
  readonly #violations: string[];

  constructor(model: ApiModel, violations: string[]) {
    this.#model = model;
    this.#violations = violations;
  }

  check(shapeName: string, value: unknown, path: string): void {
    const shape = shapeOf(this.#model, shapeName);
    if (isStructure(value) && shape.type === "structure") this.#structure(shape, value, path);
    const violate = (rule: string) => this.#violate(shape, shapeName, value, path, rule);
    if (typeof value === "string") checkString(shapeName, shape, value, violate);
    if (typeof value === "number") checkRange(shape, value, "value", violate);
    if (Array.isArray(value)) {
      checkRange(shape, value.length, "length", violate);
      for (const [index, item] of value.entries()) this.#member(shape.member, item, `${path}.${index + 1}.member`);
    }
  }

  #structure(shape: Shape, value: Structure, path: string): void {
    for (const [member, target] of membersOf(shape)) {
      const memberPath = path === "" ? member : `${path}.${member}`;
      if (value[member] !== undefined) this.check(target, value[member], memberPath);
      else if (shape.required?.includes(member)) this.#member(target, null, memberPath);
    }
  }

  #member(shapeName = "", value: unknown, path: string): void {
    if (value === null) {
      this.#violations.push(`Value null at '${path}' failed to satisfy constraint: Member must not be null`);
    } else {
      this.check(shapeName, value, path);
    }
  }

  #violate(shape: Shape, shapeName: string, value: unknown, path: string, rule: string): void {
    const quoted = shape.sensitive ? "Value" : `Value '${shorten(this.#show(shapeName, value))}'`;
    this.#violations.push(`${quoted} at '${path}' failed to satisfy constraint: ${rule}`);
  }

  /** As Java prints it: `[Item(name=a, weight=1)]` (case test_error_create_alias_invalid_router_configs). */
  #show(shapeName: string, value: unknown): string {
    const shape = shapeOf(this.#model, shapeName);
    if (Array.isArray(value)) return `[${value.map((item) => this.#show(shape.member ?? "", item)).join(", ")}]`;
    if (!isStructure(value)) return String(value);
    const members = Object.entries(shape.members ?? {}).map(([member, target]) => {
      const hidden = shapeOf(this.#model, target).sensitive && value[member] !== undefined;
      return `${member}=${hidden ? "***Sensitive Data Redacted***" : this.#show(target, value[member] ?? null)}`;
    });
    return `${shapeName}(${members.join(", ")})`;
  }
}

function checkString(shapeName: string, shape: Shape, value: string, violate: (rule: string) => void): void {
  if (shape.enum !== undefined && !shape.enum.includes(value)) {
    violate(`Member must satisfy enum value set: [${inSetOrder(shape.enum).join(", ")}]`);
  }
  if (shape.pattern !== undefined && !patternOf(shape.pattern).test(value)) {
    violate(`Member must satisfy regular expression pattern: ${shape.pattern}`);
  }
  const length = SIZED_IN_BYTES.has(shapeName) ? Buffer.byteLength(value) : value.length;
  checkRange(shape, length, "length", violate);
}

function checkRange(shape: Shape, size: number, what: "length" | "value", violate: (rule: string) => void): void {
  if (shape.max !== undefined && size > shape.max)
    violate(`Member must have ${what} less than or equal to ${shape.max}`);
  if (shape.min !== undefined && size < shape.min) {
    violate(`Member must have ${what} greater than or equal to ${shape.min}`);
  }
}

const patterns = new Map<string, RegExp>();

/** The whole value must match, as with Java's `matches`. The few patterns of the model are the only keys. */
function patternOf(source: string): RegExp {
  const pattern = patterns.get(source) ?? new RegExp(`^(?:${source})$`, "u");
  patterns.set(source, pattern);
  return pattern;
}

function shorten(text: string): string {
  return text.length <= QUOTED_CHARACTERS_MAX ? text : `${text.slice(0, QUOTED_CHARACTERS_MAX)}...`;
}

/** Of the shapes of the model alone, which live as long as the process. */
const members = new WeakMap<Shape, readonly [member: string, target: string][]>();

function membersOf(shape: Shape): readonly [member: string, target: string][] {
  let found = members.get(shape);
  if (found === undefined) {
    found = Object.entries(shape.members ?? {});
    members.set(shape, found);
  }
  return found;
}

function shapeOf(model: ApiModel, name: string): Shape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`API model: shape "${name}" must be there`);
  return shape;
}
