/** The parameters of an integration as the API's own input. features.md B.6: admission, coercion. */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import type { Shape, ShapeReference } from "./model-data.ts";
import { memberName, type Spelling } from "./names.ts";
import type { OperationModel, ServiceModel } from "./service-model.ts";

/** A parameter the API cannot be called with. */
export interface ParameterProblem {
  readonly kind: "missing" | "unknown" | "mistyped";
  /** From the top: `["Entries", 0, "Detail"]`, spelled as in workflows. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type ParametersRead =
  | { readonly ok: true; readonly input: JsonObject }
  | { readonly ok: false; readonly problems: readonly ParameterProblem[] };

/** As many as anybody reads. */
const PROBLEMS_MAX = 100;
/** Deeper than any API; a bound for models that contain themselves. */
const DEPTH_MAX = 100;

/**
 * Renames parameters to the API's members and checks them: required members of the top level must be there, unknown ones
 * may not be anywhere, values must have the member's JSON type. Booleans may be given as texts or as 0 and 1. Blobs and
 * timestamps stay the texts they are. Nested required members are left to the service.
 */
export function readParameters(
  model: ServiceModel,
  operation: OperationModel,
  parameters: JsonObject,
  spelling: Spelling = memberName,
): ParametersRead {
  const reader = new ParameterReader(model, spelling);
  const shape = operation.input === undefined ? undefined : model.shape(operation.input);
  for (const name of shape?.required ?? []) {
    if (!Object.hasOwn(parameters, spelling(name))) reader.missing(spelling(name));
  }
  const input = reader.structure(shape, parameters, []);
  return reader.problems.length === 0 ? { ok: true, input } : { ok: false, problems: reader.problems };
}

type Path = readonly (string | number)[];

class ParameterReader {
  readonly problems: ParameterProblem[] = [];
  readonly #model: ServiceModel;

  readonly #spelling: Spelling;

  constructor(model: ServiceModel, spelling: Spelling) {
    this.#model = model;
    this.#spelling = spelling;
  }

  missing(name: string): void {
    this.#add({ kind: "missing", path: [name], message: `The field '${name}' is required but was missing` });
  }

  structure(shape: Shape | undefined, object: JsonObject, path: Path): JsonObject {
    const members = new Map(
      Object.entries(shape?.members ?? {}).map(([name, reference]) => [this.#spelling(name), { name, reference }]),
    );
    const read: [string, Json][] = [];
    for (const [name, value] of Object.entries(object)) {
      const member = members.get(name);
      if (member !== undefined) read.push([member.name, this.#value(member.reference, value, [...path, name])]);
      else {
        const message = `The field '${name}' is not supported by Step Functions`;
        this.#add({ kind: "unknown", path: [...path, name], message });
      }
    }
    return Object.fromEntries(read);
  }

  #value(reference: ShapeReference, value: Json, path: Path): Json {
    const shape = this.#model.shape(reference);
    if (value === null || shape.document === true || path.length > DEPTH_MAX) return value;
    switch (shape.type) {
      case "structure":
        return isJsonObject(value) ? this.structure(shape, value, path) : this.#mistyped(value, path);
      case "list":
        if (!isJsonArray(value) || shape.member === undefined) return this.#mistyped(value, path);
        return value.map((item, index) => this.#value(shape.member as ShapeReference, item, [...path, index]));
      case "map":
        if (!isJsonObject(value) || shape.value === undefined) return this.#mistyped(value, path);
        return Object.fromEntries(
          Object.entries(value).map(([key, item]) => [
            key,
            this.#value(shape.value as ShapeReference, item, [...path, key]),
          ]),
        );
      case "boolean":
        return booleanOf(value) ?? this.#mistyped(value, path);
      case "integer":
      case "long":
      case "float":
      case "double":
        return typeof value === "number" ? value : this.#mistyped(value, path);
      case "timestamp":
        return typeof value === "string" || typeof value === "number" ? value : this.#mistyped(value, path);
      case "string":
      case "blob":
        return typeof value === "string" ? value : this.#mistyped(value, path);
    }
  }

  #mistyped(value: Json, path: Path): Json {
    const name = path.findLast((step) => typeof step === "string") ?? "";
    this.#add({ kind: "mistyped", path, message: `The value of the field '${name}' has an invalid format` });
    return value;
  }

  #add(problem: ParameterProblem): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(problem);
  }
}

function booleanOf(value: Json): boolean | undefined {
  if (typeof value === "boolean") return value;
  const text = typeof value === "string" ? value.trim().toLowerCase() : String(value);
  if (text === "true" || text === "1") return true;
  return text === "false" || text === "0" ? false : undefined;
}
