/**
 * Searches over executions of all machines, newest first. A page is a walk down the keys: of the whole table, or of the
 * ranges of (machine, status) merged, a slab at a time, until it is full or as many rows were looked at as may be.
 */
import type { ExecutionSearch, ExecutionStatus } from "@stepwell/engine";
import { arrayOf } from "./binary-array.ts";
import type { Statements, Value } from "./database.ts";
import { STATUSES, SUMMARY_COLUMNS, type SummaryRow, statusCode } from "./execution-rows.ts";

const SLAB_FIRST = 256;
const SLAB_MAX = 8_192;
/** Only these ends have an error. */
const WITH_ERROR: readonly ExecutionStatus[] = ["FAILED", "TIMED_OUT", "ABORTED"];

export interface FoundRow extends SummaryRow {
  readonly error: Buffer | null;
  readonly payload: string | null;
}

export interface FoundPage {
  readonly rows: readonly FoundRow[];
  readonly examined: number;
  readonly next?: number;
}

interface Slab {
  readonly looked: number;
  readonly last: number | null;
}

/** `scopes`: those of the machine that is asked for; absent: all but those of children. */
export async function searchExecutions(
  database: Statements,
  query: ExecutionSearch,
  scopes: readonly Buffer[] | undefined,
): Promise<FoundPage> {
  const statuses = statusesOf(query);
  if (statuses.length === 0 || scopes?.length === 0) return { rows: [], examined: 0 };
  const rows: FoundRow[] = [];
  let examined = 0;
  let before = query.before ?? Number.MAX_SAFE_INTEGER;
  for (let size = SLAB_FIRST; ; size = Math.min(size * 4, SLAB_MAX)) {
    const slab = Math.min(size, query.examinedMax - examined);
    const { text, values } = statement(query, statuses, scopes, { before, slab, limit: query.limit - rows.length });
    const found = await database.query<FoundRow & Slab>(text, values);
    const { looked, last } = found[0] as Slab;
    const matching = found.filter(({ id }) => id !== null);
    rows.push(...matching);
    examined += looked;
    const full = rows.length >= query.limit;
    if (!full && looked < slab) return { rows, examined };
    const reached = full ? (rows.at(-1)?.id ?? 0) : (last ?? 0);
    if (full || examined >= query.examinedMax) return { rows, examined, next: reached };
    before = reached;
  }
}

function statement(
  query: ExecutionSearch,
  statuses: readonly ExecutionStatus[],
  scopes: readonly Buffer[] | undefined,
  { before, slab, limit }: { before: number; slab: number; limit: number },
): { text: string; values: Value[] } {
  const values: Value[] = [before, slab, limit, arrayOf("int4", statuses.map(statusCode))];
  const filters = ["status = ANY($4::int[])"];
  const also = (condition: (parameter: string) => string, value: Value): void => {
    values.push(value);
    filters.push(condition(`$${values.length}`));
  };
  const columns = `${SUMMARY_COLUMNS}, error, ${query.payload ?? "NULL::text"} AS payload`;
  let looked: string;
  if (scopes === undefined) {
    filters.push("scope NOT IN (SELECT id FROM execution_scopes WHERE strpos(state_machine_arn, '/') > 0)");
    looked = `SELECT ${columns} FROM executions WHERE id < $1 ORDER BY id DESC LIMIT $2`;
  } else {
    values.push(arrayOf("bytea", scopes));
    looked = `SELECT x.* FROM unnest($5::bytea[]) AS v(value) CROSS JOIN unnest($4::int[]) AS s(code) CROSS JOIN LATERAL (
        SELECT ${columns} FROM executions e WHERE e.scope = v.value AND e.status = s.code AND e.id < $1
        ORDER BY e.id DESC LIMIT $2) x ORDER BY x.id DESC LIMIT $2`;
  }
  const { startedFrom, startedBefore, namePrefix, errorPart, payload } = query;
  if (startedFrom !== undefined) also((at) => `started >= ${at}`, startedFrom);
  if (startedBefore !== undefined) also((at) => `started < ${at}`, startedBefore);
  if (namePrefix) also((at) => `starts_with(name, ${at})`, namePrefix);
  if (errorPart) also((at) => `position(${at}::bytea IN error) > 0`, Buffer.from(errorPart));
  if (payload === "output") filters.push("payload IS NOT NULL");
  const text = `WITH looked AS (${looked}),
    found AS (SELECT * FROM looked WHERE ${filters.join(" AND ")} ORDER BY id DESC LIMIT $3)
    SELECT f.*, l.looked, l.last FROM (SELECT count(*) AS looked, min(id) AS last FROM looked) l
    LEFT JOIN found f ON true ORDER BY f.id DESC`;
  return { text, values };
}

function statusesOf({ statuses, errorPart }: ExecutionSearch): ExecutionStatus[] {
  const asked = statuses === undefined ? [...STATUSES] : [...new Set(statuses)];
  return errorPart ? asked.filter((status) => WITH_ERROR.includes(status)) : asked;
}
