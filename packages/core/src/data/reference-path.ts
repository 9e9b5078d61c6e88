/**
 * Reference paths: `$`, `.name`, `['name']`, `[n]` and nothing else, so that each names exactly one place, which can also
 * be written. ASL spec, "Reference Paths"; AWS developer guide, "Using JSONPath paths".
 */
import { StatesErrorSignal } from "../errors/states-error.ts";
import { isJsonArray, isJsonObject, type Json } from "../json.ts";
import { JsonPathSyntaxError, type PathResult, pathResult } from "./json-path.ts";
import { evaluateDefinite, ownMember } from "./json-path-definite.ts";
import { parseSteps } from "./json-path-parser.ts";
import type { Step, StepOf } from "./json-path-step.ts";
import { shownPath } from "./json-path-syntax-error.ts";
import { setOwn } from "./own-property.ts";

/** A compiled reference path. It holds no state. */
export interface ReferencePath {
  /** As it was written. */
  readonly text: string;
  /** Never throws; see JsonPath.read. */
  read(document: Json): PathResult;
  /**
   * The document with `value` at this place. Copies the objects and arrays on the way and shares the rest; the document
   * itself does not change. Missing objects are made. Throws StatesErrorSignal `States.ResultPathMatchFailure` where the
   * way leads through a value that is no object (for a name) or no array with such an item (for an index).
   */
  write(document: Json, value: Json): Json;
}

type ReferenceStep = StepOf<"property" | "index">;

/** Characters that a name may have between quotes only. */
const OPERATORS = /[@,:?*()]/;

/** Compiles a reference path. Throws JsonPathSyntaxError for any other text, paths that are no reference path included. */
export function compileReferencePath(text: string): ReferencePath {
  const steps = parseSteps(text);
  if (!text.startsWith("$") || !steps.every(isReferenceStep) || OPERATORS.test(withoutQuoted(text))) {
    throw new JsonPathSyntaxError(
      `Invalid reference path '${shownPath(text)}': it may have only $, .name, ['name'] and [n]`,
    );
  }
  return {
    text,
    read: (document) => pathResult(evaluateDefinite(steps, document)),
    write: (document, value) => {
      const written = writeAt(steps, 0, document, value);
      if (written === undefined) throw matchFailure(text, document);
      return written;
    },
  };
}

function isReferenceStep(step: Step): step is ReferenceStep {
  return step.kind === "property" || (step.kind === "index" && step.index >= 0);
}

function withoutQuoted(text: string): string {
  return text.replace(/\['[^']*'\s*\]/g, "[]");
}

/** `target` with the value at the rest of the path; undefined where that can not be. Calls nest once a step: bounded. */
function writeAt(steps: readonly ReferenceStep[], at: number, target: Json | undefined, value: Json): Json | undefined {
  const step = steps[at];
  if (step === undefined) return value;
  return step.kind === "property"
    ? writeMember(step, steps, at, target === undefined ? {} : target, value)
    : writeItem(step, steps, at, target, value);
}

function writeMember(
  step: StepOf<"property">,
  steps: readonly ReferenceStep[],
  at: number,
  target: Json,
  value: Json,
): Json | undefined {
  if (!isJsonObject(target)) return undefined;
  const written = writeAt(steps, at + 1, ownMember(target, step), value);
  if (written === undefined) return undefined;
  const copy: { [key: string]: Json } = { ...target };
  setOwn(copy, step.name, written);
  return copy;
}

function writeItem(
  step: StepOf<"index">,
  steps: readonly ReferenceStep[],
  at: number,
  target: Json | undefined,
  value: Json,
): Json | undefined {
  if (!isJsonArray(target) || step.index >= target.length) return undefined;
  const written = writeAt(steps, at + 1, target[step.index], value);
  return written === undefined ? undefined : target.with(step.index, written);
}

/** The wording is AWS's, quoted in aws/aws-cdk#29473. */
function matchFailure(text: string, document: Json): StatesErrorSignal {
  const input = isDeep(document, SHOWN_DEPTH_MAX) ? "…" : JSON.stringify(document);
  return new StatesErrorSignal(
    "States.ResultPathMatchFailure",
    `Unable to apply ReferencePath ${text} to input ${input}`,
  );
}

/** JSON.stringify nests one call per level and would run out of stack. */
const SHOWN_DEPTH_MAX = 1000;

function isDeep(value: Json, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeep(inner, levels - 1));
}
