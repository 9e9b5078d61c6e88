/** Checks mocked results of TestState against the API the state calls. features.md C.7; wordings are recorded. */
import { isJsonArray, isJsonObject, type Json, type JsonObject, type TaskResource } from "@stepwell/core";
import type { Shape, ShapeReference } from "./model-data.ts";
import { memberName, type Spelling, sdkMemberName } from "./names.ts";
import { answeringOperation } from "./polling-operation.ts";
import type { ServiceModel } from "./service-model.ts";

/**
 * `STRICT`: required members must be there, and what is there must fit; `PRESENT`: what is there must fit; `NONE`:
 * anything goes. Members the API does not know are accepted in every mode.
 */
export type FieldValidationMode = "STRICT" | "PRESENT" | "NONE";

/** Deeper than any API; a bound for models that contain themselves. */
const DEPTH_MAX = 100;

/**
 * What is wrong with a mocked result of a Task, in AWS's words; `undefined` when nothing is. Results of tasks that call
 * no modelled API (functions and activities by ARN, HTTP, API Gateway, EKS jobs, task tokens) may be anything.
 */
export function mockResultProblem(resource: TaskResource, result: Json, mode: FieldValidationMode): string | undefined {
  const answering = mode === "NONE" ? undefined : answeringOperation(resource);
  if (answering === undefined) return undefined;
  if (!isJsonObject(result)) return "Mocked result must be a JSON object.";
  const { model, operation, anything } = answering;
  if (operation.output === undefined) return undefined;
  const check = new MockCheck(model, mode === "STRICT", isSdk(resource) ? sdkMemberName : memberName);
  const problem = check.members(model.shape(operation.output), result, 0, anything);
  return problem === undefined ? undefined : `Mock result schema validation error: ${problem}`;
}

function isSdk(resource: TaskResource): boolean {
  return resource.kind === "service" && resource.service.startsWith("aws-sdk:");
}

class MockCheck {
  readonly #model: ServiceModel;
  readonly #strict: boolean;

  readonly #spelling: Spelling;

  constructor(model: ServiceModel, strict: boolean, spelling: Spelling) {
    this.#model = model;
    this.#spelling = spelling;
    this.#strict = strict;
  }

  /** The first problem of an object; members named in `anything` are not looked into. */
  members(shape: Shape, object: JsonObject, depth: number, anything?: ReadonlySet<string>): string | undefined {
    if (depth > DEPTH_MAX) return undefined;
    const missing = this.#strict
      ? shape.required?.find((name) => !Object.hasOwn(object, this.#spelling(name)))
      : undefined;
    if (missing !== undefined) return `Required field '${this.#spelling(missing)}' is missing`;
    const members = new Map(
      Object.entries(shape.members ?? {}).map(([name, member]) => [this.#spelling(name), member]),
    );
    for (const [name, value] of Object.entries(object)) {
      const member = anything?.has(name) === true ? undefined : members.get(name);
      const problem = member === undefined ? undefined : this.#value(member, value, name, depth);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** Elements of lists and values of maps are called by the member that holds them. */
  #value(reference: ShapeReference, value: Json, name: string, depth: number): string | undefined {
    const shape = this.#model.shape(reference);
    if (value === null || shape.document === true) return undefined;
    const expected = JSON_TYPES[shape.type];
    if (!expected.fits(value)) return `Field '${name}' must be ${expected.shown}`;
    const problem = boundsProblem(shape, value, name);
    if (problem !== undefined) return problem;
    if (shape.type === "structure") return this.members(shape, value as JsonObject, depth + 1);
    if (shape.type === "list") return this.#each(shape.member, value as readonly Json[], name, depth);
    if (shape.type === "map") return this.#each(shape.value, Object.values(value as JsonObject), name, depth);
    return undefined;
  }

  #each(
    reference: ShapeReference | undefined,
    values: readonly Json[],
    name: string,
    depth: number,
  ): string | undefined {
    if (reference === undefined || depth > DEPTH_MAX) return undefined;
    for (const value of values) {
      const problem = this.#value(reference, value, name, depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

interface JsonType {
  readonly shown: string;
  fits(value: Json): boolean;
}

const TEXT: JsonType = { shown: "a string", fits: (value) => typeof value === "string" };
const NUMBER: JsonType = { shown: "a number", fits: (value) => typeof value === "number" };
const OBJECT: JsonType = { shown: "an object", fits: isJsonObject };

const JSON_TYPES: { readonly [type in Shape["type"]]: JsonType } = {
  structure: OBJECT,
  map: OBJECT,
  list: { shown: "an array", fits: isJsonArray },
  string: TEXT,
  timestamp: TEXT,
  blob: TEXT,
  boolean: { shown: "a boolean", fits: (value) => typeof value === "boolean" },
  integer: NUMBER,
  long: NUMBER,
  float: NUMBER,
  double: NUMBER,
};

/** Patterns are not checked: they are Java's, and no recording shows one. */
function boundsProblem({ min, max, enum: values }: Shape, value: Json, name: string): string | undefined {
  if (typeof value === "string" && values !== undefined && !values.includes(value)) {
    return `Field '${name}' is not an expected value`;
  }
  if (typeof value === "number") {
    if (min !== undefined && value < min) return `Field '${name}' is less than the minimum value`;
    if (max !== undefined && value > max) return `Field '${name}' exceeds the maximum value`;
    return undefined;
  }
  const size = sizeOf(value);
  if (size === undefined) return undefined;
  if (min !== undefined && size < min) return `Field '${name}' is smaller than the minimum length`;
  if (max !== undefined && size > max) return `Field '${name}' exceeds the maximum length`;
  return undefined;
}

function sizeOf(value: Json): number | undefined {
  if (typeof value === "string" || isJsonArray(value)) return value.length;
  return isJsonObject(value) ? Object.keys(value).length : undefined;
}
