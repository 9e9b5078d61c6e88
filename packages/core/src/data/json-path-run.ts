import type { Json } from "../json.ts";
import { AllowanceSpent, grantOf, noteSpent } from "./allowance.ts";
import { PathFailure } from "./json-path-failure.ts";

/**
 * The most steps one read may take: about half a second of work. A step is a value visited, a result, or 16 characters of
 * a text compared (for regular expressions see json-path-comparison.ts). A 256 KiB document has at most 131,072 values, so
 * a filter under a deep scan stays far below it; `$..*..*..*` over a large document does not.
 */
const PATH_READ_STEPS_MAX = 4_000_000;

/** So many operations of the allowance does a step take. */
const OPERATIONS_PER_STEP = 12;

/** One read under way. */
export interface PathRun {
  readonly document: Json;
  readonly results: Json[];
  readonly stepsMax: number;
  /** Whether the allowance is what bounds it. */
  readonly isAllowance: boolean;
  stepsLeft: number;
}

export function startRun(document: Json): PathRun {
  const { operations, isAllowance } = grantOf(PATH_READ_STEPS_MAX * OPERATIONS_PER_STEP);
  const stepsMax = Math.floor(operations / OPERATIONS_PER_STEP);
  return { document, results: [], stepsMax, isAllowance, stepsLeft: stepsMax };
}

export function endRun({ stepsMax, stepsLeft }: PathRun): void {
  noteSpent((stepsMax - stepsLeft) * OPERATIONS_PER_STEP);
}

const EXHAUSTED = new PathFailure(
  "exhausted",
  () => `The path takes more than ${PATH_READ_STEPS_MAX} steps to evaluate on this document`,
);

/** Counts work that was done; a failure when the read may not go on. */
export function spend(run: PathRun, steps: number): PathFailure | undefined {
  run.stepsLeft -= steps;
  return run.stepsLeft < 0 ? exhausted(run) : undefined;
}

function exhausted(run: PathRun): PathFailure {
  if (!run.isAllowance) return EXHAUSTED;
  endRun(run);
  throw new AllowanceSpent();
}
