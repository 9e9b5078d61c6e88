/**
 * Paths that may lead to several values: each step becomes a closure that calls the next one for what it finds.
 *
 * V1. The stack grows with the number of steps (bounded by the parser), never with the depth of the document: the deep
 *     scan keeps its own stack.
 * V2. Every value visited is paid for with `spend`, so the work of a read is bounded.
 * V3. Results come in Jayway's order: an object or array itself before what is in it.
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { ownMember, pickMembers, restText } from "./json-path-definite.ts";
import {
  filterOnPrimitive,
  indexOutOfBounds,
  missingProperty,
  noResults,
  notAnArray,
  notAnObject,
  nullInsteadOfArray,
  PathFailure,
  type Place,
  severalNamesMustBeLast,
} from "./json-path-failure.ts";
import { endRun, type PathRun, spend, startRun } from "./json-path-run.ts";
import { type ArrayStep, isDefiniteStep, type Step, type StepOf, stepText } from "./json-path-step.ts";

/** Finds what the remaining steps lead to from `value` at `place`, into `run.results`. */
type Evaluate = (value: Json, place: Place | undefined, run: PathRun) => PathFailure | undefined;

/** All values that the steps lead to, or why the read failed. */
export function compileSteps(steps: readonly Step[]): (document: Json) => readonly Json[] | PathFailure {
  let evaluate: Evaluate = collect;
  let afterNext: Evaluate = collect;
  for (let at = steps.length - 1; at >= 0; at--) {
    const next = evaluate;
    evaluate = compileStep(steps, at, next, afterNext);
    afterNext = next;
  }
  return (document) => {
    const run = startRun(document);
    const failure = evaluate(document, undefined, run);
    endRun(run);
    return failure ?? run.results;
  };
}

const collect: Evaluate = (value, _place, run) => {
  run.results.push(value);
  return spend(run, 1);
};

function compileStep(steps: readonly Step[], at: number, next: Evaluate, afterNext: Evaluate): Evaluate {
  const step = steps[at] as Step;
  switch (step.kind) {
    case "root":
      return (value, _place, run) => next(value, undefined, run);
    case "property":
      return compileProperty(step, steps, at, next);
    case "properties":
      return compileProperties(step, at === steps.length - 1, next);
    case "wildcard":
      return compileWildcard(next);
    case "scan":
      return compileScan(steps, at + 1, next, afterNext);
    case "filter":
      return compileFilter(step, steps, at, next);
    default:
      return compileArrayStep(step, steps, at, next);
  }
}

function compileProperty(step: StepOf<"property">, steps: readonly Step[], at: number, next: Evaluate): Evaluate {
  const isLast = at === steps.length - 1;
  // Jayway asks the wrong way round: whether the path is definite from the step before this one to its end. So `$.a[*]`
  // and `$.items[1:].x` give [] when the first name is missing, which AWS's recordings confirm (fact 16).
  const definiteOnward = at > 0 && steps.slice(at - 1).every(isDefiniteStep);
  return (value, place, run) => {
    if (!isJsonObject(value)) return notAnObject(() => stepText(step), place);
    const found: Place = { parent: place, key: step.name };
    const member = ownMember(value, step);
    if (member !== undefined) return spend(run, 1) ?? next(member, found, run);
    if (isLast) return noResults(found);
    return definiteOnward ? missingProperty(found) : undefined;
  };
}

function compileProperties(step: StepOf<"properties">, isLast: boolean, next: Evaluate): Evaluate {
  return (value, place, run) => {
    if (!isJsonObject(value)) return notAnObject(() => stepText(step), place);
    if (!isLast) return severalNamesMustBeLast(() => stepText(step), place);
    return spend(run, step.names.length) ?? next(pickMembers(value, step.names), place, run);
  };
}

/** Passes over items of an array in which the rest of the path is not found, but not over members of an object. */
function compileWildcard(next: Evaluate): Evaluate {
  return (value, place, run) => {
    if (isJsonArray(value)) {
      for (let index = 0; index < value.length; index++) {
        const failure = spend(run, 1) ?? next(value[index] as Json, { parent: place, key: index }, run);
        if (failure !== undefined && failure.kind !== "notFound") return failure;
      }
    } else if (isJsonObject(value)) {
      for (const key of Object.keys(value)) {
        const failure = spend(run, 1) ?? next(value[key] as Json, { parent: place, key }, run);
        if (failure !== undefined) return failure;
      }
    }
    return undefined;
  };
}

function compileFilter(step: StepOf<"filter">, steps: readonly Step[], at: number, next: Evaluate): Evaluate {
  return (value, place, run) => {
    if (isJsonArray(value)) {
      for (let index = 0; index < value.length; index++) {
        const item = value[index] as Json;
        const answer = spend(run, 1) ?? step.accepts(item, run);
        if (answer === false) continue;
        const failure = answer === true ? next(item, { parent: place, key: index }, run) : answer;
        if (failure !== undefined) return failure;
      }
      return undefined;
    }
    if (!isJsonObject(value)) return filterOnPrimitive(() => restText(steps, at), value);
    const answer = step.accepts(value, run);
    if (answer === false) return undefined;
    return answer === true ? next(value, place, run) : answer;
  };
}

function compileArrayStep(step: ArrayStep, steps: readonly Step[], at: number, next: Evaluate): Evaluate {
  return (value, place, run) => {
    if (value === null) return nullInsteadOfArray(place);
    if (!isJsonArray(value)) return notAnArray(() => restText(steps, at), value);
    if (step.kind === "indices") {
      for (const index of step.indices) {
        const failure = visitIndex(value, index, place, run, next);
        if (failure !== undefined) return failure;
      }
      return undefined;
    }
    const [from, to] = range(step, value.length);
    for (let index = from; index < to; index++) {
      const failure = visitIndex(value, index, place, run, next);
      if (failure !== undefined) return failure;
    }
    return undefined;
  };
}

/** The indices a step means, end excluded. Out of range ones are for visitIndex to refuse. */
function range(step: Exclude<ArrayStep, StepOf<"indices">>, length: number): [from: number, to: number] {
  switch (step.kind) {
    case "index":
      return [step.index, step.index + 1];
    case "fromEnd":
      return [length + step.offset, length + step.offset + 1];
    case "sliceFrom":
      return [Math.max(0, step.from < 0 ? length + step.from : step.from), length];
    case "sliceTo":
      return [0, Math.min(length, step.to < 0 ? length + step.to : step.to)];
    case "sliceBetween":
      // Negative ends count from the end only in the two open forms.
      return length === 0 ? [0, 0] : [step.from, Math.min(length, step.to)];
  }
}

function visitIndex(
  array: readonly Json[],
  index: number,
  place: Place | undefined,
  run: PathRun,
  next: Evaluate,
): PathFailure | undefined {
  const found: Place = { parent: place, key: index };
  const item = array[index];
  return item === undefined ? indexOutOfBounds(found) : (spend(run, 1) ?? next(item, found, run));
}

interface Visit {
  readonly value: readonly Json[] | JsonObject;
  readonly place: Place | undefined;
}

/**
 * `..`: visits every object and array, and where the step after it can apply, applies it. On an array which is not the end
 * of the path it does not: what follows that step is asked of every item instead, so `$..[2].a` is `$..[*].a`.
 */
function compileScan(steps: readonly Step[], target: number, next: Evaluate, afterNext: Evaluate): Evaluate {
  const step = steps[target];
  const isLast = target === steps.length - 1;
  return (value, place, run) => {
    const stack: Visit[] = [];
    pushVisit(stack, value, place);
    for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
      const applies = spend(run, 1) ?? appliesTo(step, visit.value, run);
      if (applies instanceof PathFailure) return applies;
      if (applies) {
        const direct = isLast || !isJsonArray(visit.value);
        const failure = direct ? next(visit.value, visit.place, run) : visitItems(visit, run, afterNext);
        if (failure !== undefined) return failure;
      }
      pushInside(stack, visit);
    }
    return undefined;
  };
}

function appliesTo(step: Step | undefined, value: Visit["value"], run: PathRun): boolean | PathFailure {
  switch (step?.kind) {
    case "property":
      return isJsonObject(value) && ownMember(value, step) !== undefined;
    case "properties":
      return isJsonObject(value) && step.names.every((name) => Object.hasOwn(value, name));
    case "wildcard":
      return true;
    case "filter":
      return step.accepts(value, run);
    case undefined:
    case "root":
    case "scan":
      return false;
    default:
      return isJsonArray(value);
  }
}

function visitItems(visit: Visit, run: PathRun, evaluate: Evaluate): PathFailure | undefined {
  const items = visit.value as readonly Json[];
  for (let index = 0; index < items.length; index++) {
    const failure = spend(run, 1) ?? evaluate(items[index] as Json, { parent: visit.place, key: index }, run);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Last first, so that they are taken up in order. */
function pushInside(stack: Visit[], visit: Visit): void {
  if (isJsonArray(visit.value)) {
    for (let index = visit.value.length - 1; index >= 0; index--) {
      pushVisit(stack, visit.value[index] as Json, { parent: visit.place, key: index });
    }
    return;
  }
  const object = visit.value as JsonObject;
  const keys = Object.keys(object);
  for (let at = keys.length - 1; at >= 0; at--) {
    const key = keys[at] as string;
    pushVisit(stack, object[key] as Json, { parent: visit.place, key });
  }
}

function pushVisit(stack: Visit[], value: Json, place: Place | undefined): void {
  if (typeof value === "object" && value !== null) stack.push({ value: value as Visit["value"], place });
}
