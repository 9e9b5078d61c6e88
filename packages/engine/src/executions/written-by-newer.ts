import { NewerFormat } from "@stepwell/core";
import { StoreUnavailable } from "../rejection.ts";

/**
 * What is stored of an execution cannot be read by this release, since a newer one wrote it: it waits, as it is, for a
 * process of that release. Trying again here does not help.
 */
export class WrittenByNewer extends StoreUnavailable {}

/** The error as the engine knows it. */
export function orWrittenByNewer(error: unknown): unknown {
  return error instanceof NewerFormat ? new WrittenByNewer(error.message, { cause: error }) : error;
}
