/**
 * The items of a run that failed, or was aborted, for which no child was ever begun: its results show them as PENDING, so
 * that somebody can go on by hand. The parent of an aborted run has ended by then; nobody waits for this.
 */
import { StatesErrorSignal } from "@stepwell/core";
import type { MapRunVerdict } from "../ports/map-run-store.ts";
import type { ChildInput, ChildInputSource } from "./child-inputs.ts";

const PAGE = 500;

export interface RestOfItems {
  readonly verdict: MapRunVerdict | undefined;
  /** What was read already. */
  readonly prepared: readonly ChildInput[];
  /** Reads what comes behind the last child that was begun: anew, since who aborts a run also ends its reading. */
  readonly open: () => ChildInputSource;
  /** Ends it with an error. */
  readonly signal: AbortSignal;
  /** Others have their turn. */
  readonly turn: () => Promise<void>;
  readonly problem: (problem: unknown) => void;
}

export async function* restOfItems(rest: RestOfItems): AsyncGenerator<readonly ChildInput[]> {
  const { verdict, prepared, open } = rest;
  if (verdict === undefined) return;
  // What could not be read a moment ago is not asked for again: its parent waits.
  if (verdict.error === "States.ItemReaderFailed") yield prepared;
  else yield* readRest(open(), verdict, rest);
}

async function* readRest(
  source: ChildInputSource,
  verdict: MapRunVerdict,
  { signal, turn, problem }: RestOfItems,
): AsyncGenerator<readonly ChildInput[]> {
  try {
    while (!source.isAtEnd) {
      yield await source.take(PAGE);
      await turn();
      signal.throwIfAborted();
    }
  } catch (error) {
    // The results of what was done are worth more than the list of what was not.
    if (signal.aborted || !(error instanceof StatesErrorSignal)) throw error;
    // An item that cannot become an input ends it, too: that may be why the run failed.
    if (error.statesError.error !== verdict.error) problem(error);
  } finally {
    await source.close().catch(problem);
  }
}
