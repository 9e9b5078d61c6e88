import type { Json } from "../json.ts";
import type { PathFailure } from "./json-path-failure.ts";
import type { PathRun } from "./json-path-run.ts";

/** One step of a path after the leading `$` or `@`, as Jayway's compiler understands it. */
export type Step =
  /** A further `$`: goes on with the same value. */
  | { readonly kind: "root" }
  /** `inherited`: plain objects have a member of this name without owning it, so ownership must be asked. */
  | { readonly kind: "property"; readonly name: string; readonly inherited: boolean }
  /** `['a','b']`: one object with the members that exist. No name at all is possible and gives `{}`. */
  | { readonly kind: "properties"; readonly names: readonly string[] }
  | { readonly kind: "index"; readonly index: number }
  /** `[(@.length-1)]`: `offset` is what is added to the length. */
  | { readonly kind: "fromEnd"; readonly offset: number }
  | { readonly kind: "indices"; readonly indices: readonly number[] }
  | { readonly kind: "sliceFrom"; readonly from: number }
  | { readonly kind: "sliceTo"; readonly to: number }
  | { readonly kind: "sliceBetween"; readonly from: number; readonly to: number }
  | { readonly kind: "wildcard" }
  | { readonly kind: "scan" }
  | { readonly kind: "filter"; readonly accepts: ItemFilter };

export type StepOf<K extends Step["kind"]> = Extract<Step, { kind: K }>;

/** Whether an item of a collection stays. A failure ends the whole read. */
export type ItemFilter = (item: Json, run: PathRun) => boolean | PathFailure;

/** A definite step leads to one value at most, and so does a path of definite steps only. */
export type DefiniteStep = StepOf<"root" | "property" | "properties" | "index" | "fromEnd">;

export function isDefinite(steps: readonly Step[]): steps is readonly DefiniteStep[] {
  return steps.every(isDefiniteStep);
}

export function isDefiniteStep(step: Step): step is DefiniteStep {
  switch (step.kind) {
    case "root":
    case "property":
    case "properties":
    case "index":
    case "fromEnd":
      return true;
    default:
      return false;
  }
}

/** Steps that apply to arrays only. */
export type ArrayStep = StepOf<"index" | "fromEnd" | "indices" | "sliceFrom" | "sliceTo" | "sliceBetween">;

export function propertyStep(name: string): Step {
  return { kind: "property", name, inherited: name in Object.prototype };
}

/** The step as Jayway writes it in messages. */
export function stepText(step: Step): string {
  switch (step.kind) {
    case "root":
      return "$";
    case "property":
      return `['${step.name}']`;
    case "properties":
      return `[${step.names.map((name) => `'${name}'`).join(", ")}]`;
    case "index":
      return `[${step.index}]`;
    case "fromEnd":
      return `[@.size()${step.offset}]`;
    case "indices":
      return `[${step.indices.join(",")}]`;
    case "sliceFrom":
      return `[${step.from}:]`;
    case "sliceTo":
      return `[:${step.to}]`;
    case "sliceBetween":
      return `[${step.from}:${step.to}]`;
    case "wildcard":
      return "[*]";
    case "scan":
      return "..";
    case "filter":
      return "[?]";
  }
}
