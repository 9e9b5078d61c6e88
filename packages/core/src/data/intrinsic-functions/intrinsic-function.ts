import { isJsonArray, isJsonObject, type Json } from "../../json.ts";
import type { EvaluationFacts } from "../evaluation-scope.ts";

export type ParameterType = "any" | "array" | "object" | "text" | "number" | "boolean";

/** One of the functions; arguments have been checked against the parameters when `apply` is called. */
export interface IntrinsicFunction {
  readonly params: readonly ParameterType[];
  /** How many parameters at the end may be left out. */
  readonly optional?: number;
  /** The type of any number of further arguments. */
  readonly rest?: ParameterType;
  /** Throws IntrinsicFailure. */
  apply(args: readonly Json[], facts: EvaluationFacts): Json;
}

/** Why a function could not give a result; becomes States.IntrinsicFailure. */
export class IntrinsicFailure extends Error {
  override readonly name = "IntrinsicFailure";

  /** `name` is the function's, without `States.`. */
  static of(name: string, rule: string): IntrinsicFailure {
    return new IntrinsicFailure(`Invalid arguments in States.${name}: ${rule}`);
  }

  /** `index` counts from 0. */
  static ofArgument(name: string, index: number, type: ParameterType, value: Json): IntrinsicFailure {
    return IntrinsicFailure.of(name, `argument ${index + 1} must be ${NOUNS[type]}, got ${shortened(value)}`);
  }
}

const NOUNS: { readonly [T in ParameterType]: string } = {
  any: "any value",
  array: "an array",
  object: "an object",
  text: "a string",
  number: "a number",
  boolean: "true or false",
};

const SHOWN_CHARACTERS_MAX = 100;

/** A value's JSON text for a message. */
export function shortened(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}…`;
}

export function fits(value: Json, type: ParameterType): boolean {
  switch (type) {
    case "any":
      return true;
    case "array":
      return isJsonArray(value);
    case "object":
      return isJsonObject(value);
    case "text":
      return typeof value === "string";
    case "number":
    case "boolean":
      return typeof value === type;
  }
}
