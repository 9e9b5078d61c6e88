import type { ForkOrigin } from "@stepwell/core";
import { arrayOf } from "./binary-array.ts";
import type { Statements } from "./database.ts";

/** A row of `execution_forks`. */
export interface ForkRow {
  readonly id: number;
  readonly original_arn: string;
  readonly event: number;
  readonly state: string;
  readonly context: string | null;
}

/** Those of these executions that are forks. */
export async function forksAmong(database: Statements, ids: readonly number[]): Promise<ReadonlyMap<number, ForkRow>> {
  if (ids.length === 0) return new Map();
  const rows = await database.query<ForkRow>(
    "SELECT id, original_arn, event, state, context FROM execution_forks WHERE id = ANY($1::bigint[])",
    [arrayOf("int8", ids)],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export function forkOriginOf(row: ForkRow): ForkOrigin {
  return { executionArn: row.original_arn, eventId: row.event, stateName: row.state };
}
