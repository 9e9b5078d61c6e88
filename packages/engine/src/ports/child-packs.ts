/**
 * Express children that one transition finishes, run in memory by other processes for the one that performs their run.
 * Absent: the performer runs them all.
 *
 * P1. A pack is lent for a bounded time. When that is over, or whoever has it cannot go on, the performer runs its
 *     children; what is answered later is not heard.
 * P2. A packed child asks for nothing outside and nothing of it is stored where it runs: it may be run any number of
 *     times, and counts once, in the commit of the performer, which is fenced as all its commits are.
 * P3. Those who observe are told where a child was run, when the commit that counts it is durable, and only then.
 * P4. A process runs one packed child at a time, whoever lent it: no more run at once than processes are asked.
 */
import type { ChildEnd, StoredMapRun } from "./map-run-store.ts";

/** What a child is told of its run. */
export type PackedRun = Pick<
  StoredMapRun,
  "mapRunArn" | "key" | "executionType" | "stateMachineArn" | "stateMachineName" | "roleArn"
>;

/** Children that follow each other. JSON values, since they travel. */
export interface ChildPack {
  /** Of this loan; another loan of the same children has another one. */
  readonly id: string;
  /** Of the children. */
  readonly revisionKey: string;
  readonly run: PackedRun;
  /** Index of the first child. */
  readonly firstIndex: number;
  /** JSON texts: one a child. */
  readonly inputs: readonly string[];
}

export interface PackAnswer {
  /**
   * How the first children ended, in their order; each began in the millisecond of its end. Fewer than were lent when the
   * time is over, the outputs are long, the pack was cancelled, or the process has no time for it (then none).
   */
  readonly ends: readonly ChildEnd[];
  /** The child behind them needs more than one transition. */
  readonly needsMore: boolean;
}

export interface ChildPacks {
  /** Processes that may be asked now. They come and go. */
  helpers(): readonly string[];
  /** Rejects when the helper is gone, or cannot do it. */
  run(helper: string, pack: ChildPack): Promise<PackAnswer>;
  /** The first `count` children of the loan are committed (P3); nothing is to be kept of it. May get lost. */
  counted(helper: string, id: string, count: number): void;
  /** Nobody waits for the rest of the loan: it is answered as it stands. May get lost. */
  cancel(helper: string, id: string): void;
}
