/**
 * How much evaluation whoever asks for a decision has time for, over all expressions and paths of that decision together.
 * An allowance changes no result: a decision is made as it would be without one, or it is given up with `AllowanceSpent`,
 * and then whatever it worked on is to be thrown away.
 *
 * The accounts are this module's state, as the meter's are: evaluation is synchronous.
 */

/** An elementary operation takes about 10 ns. */
export const OPERATIONS_PER_MS = 100_000;

/** The decision takes more evaluation than it was allowed. Says nothing about whether it would come to an end. */
export class AllowanceSpent extends Error {
  override readonly name = "AllowanceSpent";

  constructor() {
    super("the decision takes more evaluation than it was allowed");
  }
}

let allowanceLeft = Number.POSITIVE_INFINITY;
let eachMax = Number.POSITIVE_INFINITY;
let spentInAll = 0;

/**
 * Decides with at most so many operations of evaluation (of about 10 ns each). Throws `AllowanceSpent` when they do not
 * suffice. Work that is not evaluation is not counted.
 */
export function withAllowance<T>(operations: number, decide: () => T): T {
  const outer = allowanceLeft;
  allowanceLeft = Math.min(operations, outer);
  try {
    return decide();
  } finally {
    allowanceLeft = outer;
  }
}

/**
 * Decides as if no expression and no path might take more operations than these: one that does fails as at its usual
 * bound. For decisions that were tried elsewhere and could not be made.
 */
export function withSmallerBound<T>(operations: number, decide: () => T): T {
  const outer = eachMax;
  eachMax = Math.min(operations, outer);
  try {
    return decide();
  } finally {
    eachMax = outer;
  }
}

/** Operations of evaluation since this module was loaded: for differences. */
export function operationsSpent(): number {
  return spentInAll;
}

/** What one evaluation may spend: of its own bound or, when that is less, of the allowance. */
export interface EvaluationGrant {
  readonly operations: number;
  /** The allowance is what bounds it: at the end of it the decision is given up, the evaluation has not failed. */
  readonly isAllowance: boolean;
}

/** For an evaluation that is about to begin, whose own bound is `operationsMax`. */
export function grantOf(operationsMax: number): EvaluationGrant {
  const own = Math.min(operationsMax, eachMax);
  return allowanceLeft < own
    ? { operations: allowanceLeft, isAllowance: true }
    : { operations: own, isAllowance: false };
}

/** An evaluation is over. */
export function noteSpent(operations: number): void {
  // Whole numbers: the meter counts down from what is left, and V8 does that without allocating.
  const whole = Math.ceil(operations);
  // Not below zero: a spent allowance grants nothing.
  allowanceLeft = Math.max(0, allowanceLeft - whole);
  spentInAll += whole;
}
