/** Work that is begun on the calling thread, and goes to another one when it takes long. */
import { AllowanceSpent, OPERATIONS_PER_MS, StatesErrorSignal, withAllowance, withSmallerBound } from "@stepwell/core";
import { type WorkKinds, WorkLost, type WorkThreads, WorkThreadsClosed } from "../ports/work-threads.ts";

/** Where a thread could not come to an end, no expression may take more than this: see `withSmallerBound`. */
export const LOST_OPERATIONS_MAX: number = 20 * OPERATIONS_PER_MS;

export interface LongWork {
  readonly threads: WorkThreads;
  /** Evaluation that is done on the calling thread, in milliseconds. */
  readonly quickMs: number;
  /** Told of work that no thread could do. */
  report(problem: unknown, about: string): void;
}

/** Runs something within an allowance; throws AllowanceSpent. */
type Within = <T>(decide: () => T) => T;

/**
 * What `here` gives, at once; or when that takes long, what a thread gives that is asked the same. `here` may be called
 * again. Throws, or rejects with, what `here` throws, and rejects with WorkThreadsClosed.
 */
export function hereOrElsewhere<Kind extends keyof WorkKinds>(
  work: LongWork,
  kind: Kind,
  asked: () => WorkKinds[Kind]["asked"],
  here: () => WorkKinds[Kind]["answer"],
  within: Within = (decide) => withAllowance(Math.round(work.quickMs * OPERATIONS_PER_MS), decide),
): WorkKinds[Kind]["answer"] | Promise<WorkKinds[Kind]["answer"]> {
  try {
    return within(here);
  } catch (error) {
    if (!(error instanceof AllowanceSpent)) throw error;
    return elsewhere(work, kind, asked(), here);
  }
}

async function elsewhere<Kind extends keyof WorkKinds>(
  { threads, report }: LongWork,
  kind: Kind,
  asked: WorkKinds[Kind]["asked"],
  here: () => WorkKinds[Kind]["answer"],
): Promise<WorkKinds[Kind]["answer"]> {
  try {
    return await threads.perform(kind, asked);
  } catch (error) {
    if (error instanceof StatesErrorSignal || error instanceof WorkThreadsClosed) throw error;
    report(error, `work elsewhere (${kind})`);
    return error instanceof WorkLost ? withSmallerBound(LOST_OPERATIONS_MAX, here) : here();
  }
}
