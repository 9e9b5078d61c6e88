/** Definite paths: a walk over the steps, with nothing allocated on the way. */
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import {
  indexOutOfBounds,
  missingProperty,
  noResults,
  notAnArray,
  notAnObject,
  nullInsteadOfArray,
  type PathFailure,
  type Place,
  severalNamesMustBeLast,
} from "./json-path-failure.ts";
import { type DefiniteStep, type Step, type StepOf, stepText } from "./json-path-step.ts";
import { setOwn } from "./own-property.ts";

/** The one value that the steps lead to from `document`, or why there is none. */
export function evaluateDefinite(steps: readonly DefiniteStep[], document: Json): Json | PathFailure {
  let value: Json = document;
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at] as DefiniteStep;
    let next: Json | undefined;
    switch (step.kind) {
      case "property":
        if (typeof value !== "object" || value === null || Array.isArray(value))
          return failure(steps, at, document, value);
        next = ownMember(value as JsonObject, step);
        break;
      case "index":
        if (!Array.isArray(value)) return failure(steps, at, document, value);
        next = value[step.index];
        break;
      case "fromEnd":
        if (!Array.isArray(value)) return failure(steps, at, document, value);
        next = value[value.length + step.offset];
        break;
      case "properties":
        if (!isJsonObject(value) || at < steps.length - 1) return failure(steps, at, document, value);
        next = pickMembers(value, step.names);
        break;
      case "root":
        next = value;
    }
    if (next === undefined) return failure(steps, at, document, value);
    value = next;
  }
  return value;
}

/** No JSON value is undefined, so only names that every object inherits need the slower question. */
export function ownMember(object: JsonObject, step: StepOf<"property">): Json | undefined {
  return step.inherited && !Object.hasOwn(object, step.name) ? undefined : object[step.name];
}

/** The members of these names that exist, in the order of the names. */
export function pickMembers(object: JsonObject, names: readonly string[]): JsonObject {
  const picked: { [key: string]: Json } = {};
  for (const name of names) {
    if (Object.hasOwn(object, name)) setOwn(picked, name, object[name] as Json);
  }
  return picked;
}

/** Why the step at `at` gives nothing for `value`. */
function failure(steps: readonly DefiniteStep[], at: number, document: Json, value: Json): PathFailure {
  const step = steps[at] as DefiniteStep;
  const isLast = at === steps.length - 1;
  const place = (count: number): Place | undefined => placeOf(steps.slice(0, count), document);
  switch (step.kind) {
    case "property":
      if (!isJsonObject(value)) return notAnObject(() => stepText(step), place(at));
      return isLast ? noResults(place(at + 1) as Place) : missingProperty(place(at + 1) as Place);
    case "properties":
      return isJsonObject(value)
        ? severalNamesMustBeLast(() => stepText(step), place(at))
        : notAnObject(() => stepText(step), place(at));
    default:
      if (value === null) return nullInsteadOfArray(place(at));
      if (!Array.isArray(value)) return notAnArray(() => restText(steps, at), value);
      return indexOutOfBounds(place(at + 1) as Place);
  }
}

/** The text of the steps from `at` on, as messages show it. */
export function restText(steps: readonly Step[], at: number): string {
  return steps.slice(at).map(stepText).join("");
}

function placeOf(steps: readonly DefiniteStep[], document: Json): Place | undefined {
  let place: Place | undefined;
  let value: Json | undefined = document;
  for (const step of steps) {
    if (step.kind === "root") place = undefined;
    else if (step.kind === "property") {
      place = { parent: place, key: step.name };
      value = isJsonObject(value) ? ownMember(value, step) : undefined;
    } else if (step.kind === "index" || step.kind === "fromEnd") {
      const array: readonly Json[] = Array.isArray(value) ? value : [];
      const index = step.kind === "index" ? step.index : array.length + step.offset;
      place = { parent: place, key: index };
      value = array[index];
    }
  }
  return place;
}
