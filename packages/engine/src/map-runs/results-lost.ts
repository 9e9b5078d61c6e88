/**
 * When results that could not be put into files are written once more: all of them, from the store, by a new performer of the
 * run, if the run is still ours then. A run of hours does not fail at its end because its bucket was busy.
 */
import type { StatesErrorSignal } from "@stepwell/core";
import { ResultsUnavailable } from "../ports/map-run-io.ts";

/** With the pauses between them about four minutes, and whatever the store's own client waits for. */
const WRITE_TRIES_MAX = 12;
/** Nothing has been done yet that would be lost: some seconds. */
const OPEN_TRIES_MAX = 3;

/** The run is to be taken up again, after a pause. */
export class ResultsLost extends Error {
  override readonly name = "ResultsLost";

  constructor(mapRunArn: string, failure: StatesErrorSignal) {
    super(`the results are to be written again: ${mapRunArn}: ${failure.statesError.cause}`, { cause: failure });
  }
}

/** `tries`: how often this process has lost results of the run before. */
export function mayWriteAgain(failure: unknown, tries: number): failure is ResultsUnavailable {
  return failure instanceof ResultsUnavailable && tries < WRITE_TRIES_MAX;
}

export function mayOpenAgain(failure: unknown, tries: number): failure is ResultsUnavailable {
  return failure instanceof ResultsUnavailable && tries < OPEN_TRIES_MAX;
}
