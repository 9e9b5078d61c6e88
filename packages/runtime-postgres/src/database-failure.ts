import { StoreUnavailable } from "@stepwell/engine";

/**
 * SQLSTATEs of a server that cannot serve now, or did nothing and may be asked again: connection exception, invalid
 * authorization, no such database, insufficient resources, operator intervention (shutting down, starting up, cancelled
 * by a timeout), transaction rollback, read only (a standby, or a primary that is one no longer), lock not available.
 */
const UNAVAILABLE = /^(08|28|3D|40|53|57|58|25006|25P03|55P03|XX)/;

const UNIQUE_VIOLATION = "23505";
const DIVISION_BY_ZERO = "22012";

/** What the engine is told of an error of the driver: `StoreUnavailable`, or the error itself, which is then a bug. */
export function asStoreFailure(error: unknown): unknown {
  const state = sqlState(error);
  if (state !== undefined) return UNAVAILABLE.test(state) ? unavailable(error) : error;
  // Without a SQLSTATE it comes from the connection: refused, cut, timed out, gone.
  const isBug = error instanceof TypeError || error instanceof RangeError || error instanceof StoreUnavailable;
  return error instanceof Error && !isBug ? unavailable(error) : error;
}

function unavailable(error: unknown): StoreUnavailable {
  return new StoreUnavailable(`PostgreSQL cannot answer: ${(error as Error).message}`, { cause: error });
}

/** The name of the constraint that was violated. */
export function violatedConstraint(error: unknown): string | undefined {
  if (sqlState(error) !== UNIQUE_VIOLATION) return undefined;
  return (error as { readonly constraint?: string }).constraint ?? "";
}

/** A statement found, while it wrote, that it was not writing all it should, and took itself back. */
export function tookItselfBack(error: unknown): boolean {
  return sqlState(error) === DIVISION_BY_ZERO;
}

function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return /^[0-9A-Z]{5}$/.test(error.code) && "severity" in error ? error.code : undefined;
}
