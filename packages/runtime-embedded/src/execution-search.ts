/**
 * Searches over executions of all machines, newest first, within a bound of rows that are looked at. Keys grow with time
 * and every index of `executions` ends in the key, so a page is one of three walks down the keys:
 *
 * - few names match: their keys, straight from the index of names;
 * - few enough ranges of (machine, status): the ranges of that index, merged;
 * - else, and where most executions are wanted: the table itself, a slab of keys at a time.
 *
 * Nothing was added to the tables for it, so commits cost what they did.
 */
import type { ExecutionSearch, ExecutionSearchPage, ExecutionStatus, FoundExecution } from "@stepwell/engine";
import type { CommonTexts } from "./common-texts.ts";
import type { Database, SqlValue } from "./database.ts";
import { type ForkRow, forkOriginOf, known, STATUS_CODES, statusCode, statusOf } from "./execution-rows.ts";
import { KeyRanges } from "./key-ranges.ts";

/** More (machine, status) pairs than this are not merged: finding the first key of each takes some microseconds. */
const RANGES_MAX = 4_096;
/** More names than this are not collected. */
const NAMED_MAX = 5_000;
const SLAB = 4_096;
/** Rows read by one statement. */
const READ_MAX = 64;
const READ_MIN = 8;
const READ_TOGETHER = Array.from({ length: READ_MAX }, () => "?").join(", ");
/** Executions are created in order of their start but for what a clock was set back: so much of that is allowed for. */
const DISORDER_MS = 60_000;
/** Only these ends have an error. */
const WITH_ERROR: readonly ExecutionStatus[] = ["FAILED", "TIMED_OUT", "ABORTED"];

interface FoundRow {
  readonly id: number;
  readonly scope: number;
  readonly name: string;
  readonly status: number;
  readonly origin: number;
  readonly started: number;
  readonly stopped: number | null;
  readonly redrive_count: number;
  readonly redriven: number | null;
  readonly error: string | null;
  readonly payload: string | null;
}

/** Keys to look at, greatest first: above `low`, below `high`. */
interface Bounds {
  readonly low: number;
  readonly high: number;
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export class ExecutionSearches {
  readonly #database: Database;
  readonly #texts: CommonTexts;

  constructor(database: Database, texts: CommonTexts) {
    this.#database = database;
    this.#texts = texts;
  }

  search(query: ExecutionSearch): ExecutionSearchPage {
    const statuses = statusesOf(query);
    const bounds = this.#bounds(query);
    if (statuses.length === 0 || bounds.high - bounds.low <= 1) return { items: [], examined: 0 };
    const scopes = this.#scopes(query.stateMachineArn);
    if (scopes !== undefined && scopes.length === 0) return { items: [], examined: 0 };
    const condition = conditionOf(query, statuses);
    const named = scopes && query.namePrefix ? this.#named(scopes, query.namePrefix, bounds) : undefined;
    if (named !== undefined) return this.#examine(query, condition, named.values());
    if (isBroad(query)) return this.#broad(query, condition, bounds, scopes);
    return this.#narrow(query, condition, bounds, scopes);
  }

  /** Most executions are wanted: those are the next ones of the table, unless there are many children among them. */
  #broad(
    query: ExecutionSearch,
    condition: Condition,
    bounds: Bounds,
    scopes: readonly number[] | undefined,
  ): ExecutionSearchPage {
    const { limit, examinedMax } = query;
    const near = this.#scan({ ...query, examinedMax: Math.min(examinedMax, SLAB) }, condition, bounds);
    const { next } = near;
    if (next === undefined || near.items.length >= limit || near.examined >= examinedMax) return near;
    const rest = { ...query, limit: limit - near.items.length, examinedMax: examinedMax - near.examined };
    const far = this.#narrow(rest, condition, { ...bounds, high: next }, scopes);
    return { ...far, items: [...near.items, ...far.items], examined: near.examined + far.examined };
  }

  #narrow(
    query: ExecutionSearch,
    condition: Condition,
    bounds: Bounds,
    scopes: readonly number[] | undefined,
  ): ExecutionSearchPage {
    const statuses = statusesOf(query);
    if (scopes !== undefined && scopes.length * statuses.length <= RANGES_MAX) {
      const codes = statuses.map(statusCode);
      const ranges = scopes.flatMap((scope) => codes.map((status) => ({ scope, status })));
      return this.#examine(query, condition, new KeyRanges(this.#database, ranges, bounds).keys());
    }
    return this.#scan(query, condition, bounds);
  }

  /** `undefined`: too many to go through one by one. */
  #scopes(stateMachineArn: string | undefined): number[] | undefined {
    const which = stateMachineArn === undefined ? "instr(state_machine_arn, '/') = 0" : "state_machine_arn = ?";
    const ids = this.#database
      .prepare<{ id: number }>(`SELECT id FROM execution_scopes WHERE ${which} LIMIT ${RANGES_MAX + 1}`)
      .all(...(stateMachineArn === undefined ? [] : [stateMachineArn]))
      .map(({ id }) => id);
    return ids.length > RANGES_MAX ? undefined : ids;
  }

  /** All keys of executions with such names, greatest first; `undefined`: there are too many. */
  #named(scopes: readonly number[], prefix: string, { low, high }: Bounds): number[] | undefined {
    const ids: number[] = [];
    const until = afterAll(prefix);
    for (const scope of scopes) {
      const rows = this.#database
        .prepare<{ id: number }>(
          `SELECT id FROM executions WHERE scope = ? AND name >= ? ${until === undefined ? "" : "AND name < ?"} LIMIT ?`,
        )
        .all(scope, prefix, ...(until === undefined ? [] : [until]), NAMED_MAX + 1 - ids.length);
      for (const { id } of rows) ids.push(id);
      if (ids.length > NAMED_MAX) return undefined;
    }
    return ids.filter((id) => id > low && id < high).sort((a, b) => b - a);
  }

  #examine(query: ExecutionSearch, condition: Condition, keys: Iterator<number>): ExecutionSearchPage {
    const { limit, examinedMax } = query;
    const select = this.#database.prepare<FoundRow>(
      `SELECT ${columnsFor(query)} FROM executions WHERE id IN (${READ_TOGETHER}) AND ${condition.sql}`,
    );
    const items: FoundExecution[] = [];
    let examined = 0;
    for (;;) {
      const wanted = Math.min(READ_MAX, examinedMax - examined, Math.max(limit - items.length, READ_MIN));
      const ids = take(keys, wanted);
      const last = ids.at(-1);
      if (last === undefined) return { items, examined };
      // The same statement for any number of them: what is asked for twice is given once.
      const asked = Array.from({ length: READ_MAX }, (_, index) => ids[index] ?? last);
      const rows = select.all(...asked, ...condition.values).sort((a, b) => b.id - a.id);
      for (const row of rows) {
        items.push(this.#found(row));
        if (items.length >= limit) return { items, examined: examined + ids.indexOf(row.id) + 1, next: row.id };
      }
      examined += ids.length;
      if (examined >= examinedMax) return { items, examined, next: last };
    }
  }

  #scan(query: ExecutionSearch, condition: Condition, { low, high }: Bounds): ExecutionSearchPage {
    const top = this.#database.prepare<{ id: number | null }>("SELECT max(id) AS id FROM executions WHERE id < ?");
    const inScope =
      query.stateMachineArn === undefined
        ? "scope IN (SELECT id FROM execution_scopes WHERE instr(state_machine_arn, '/') = 0)"
        : "scope IN (SELECT id FROM execution_scopes WHERE state_machine_arn = ?)";
    const select = this.#database.prepare<FoundRow>(
      `SELECT ${columnsFor(query)} FROM executions
       WHERE id > ? AND id <= ? AND ${inScope} AND ${condition.sql} ORDER BY id DESC LIMIT ?`,
    );
    const machine = query.stateMachineArn === undefined ? [] : [query.stateMachineArn];
    const items: FoundExecution[] = [];
    let examined = 0;
    for (let before = high; ; ) {
      const last = top.get(before)?.id ?? 0;
      if (last <= low) return { items, examined };
      const first = Math.max(low, last - Math.min(SLAB, query.examinedMax - examined));
      const rows = select.all(first, last, ...machine, ...condition.values, query.limit - items.length);
      for (const row of rows) items.push(this.#found(row));
      const full = items.length >= query.limit;
      const reached = full ? known(items.at(-1)).key : first + 1;
      examined += last - reached + 1;
      if (full || examined >= query.examinedMax) return { items, examined, next: reached };
      before = reached;
    }
  }

  /** By the times of the first and last rows they could stand among; each row's own time is looked at too. */
  #bounds({ before, startedFrom, startedBefore }: ExecutionSearch): Bounds {
    const high = before ?? Number.MAX_SAFE_INTEGER;
    if (startedFrom === undefined && startedBefore === undefined) return { low: 0, high };
    const last = this.#database.prepare<{ id: number | null }>("SELECT max(id) AS id FROM executions").get()?.id ?? 0;
    const low = startedFrom === undefined ? 0 : this.#firstFrom(startedFrom - DISORDER_MS, last) - 1;
    const until = startedBefore === undefined ? high : this.#firstFrom(startedBefore + DISORDER_MS, last);
    return { low, high: Math.min(high, until) };
  }

  /** The first key from which on executions have started at or after `time`; above `last` when there is none. */
  #firstFrom(time: number, last: number): number {
    const at = this.#database.prepare<{ id: number; started: number }>(
      "SELECT id, started FROM executions WHERE id >= ? ORDER BY id LIMIT 1",
    );
    let low = 1;
    let high = last + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = at.get(middle);
      if (row === undefined || row.started >= time) high = middle;
      else low = row.id + 1;
    }
    return low;
  }

  #found(row: FoundRow): FoundExecution {
    const origin = this.#texts.originOf(row.origin);
    const { stateMachineArn, stateMachineVersionArn, stateMachineAliasArn, mapRunArn } = origin;
    const fork = origin.isFork === true ? this.fork(row.id) : undefined;
    return {
      key: row.id,
      executionArn: `${known(this.#texts.scopes.textOf(row.scope))}:${row.name}`,
      stateMachineArn,
      name: row.name,
      status: statusOf(row.status),
      startDate: row.started,
      redriveCount: row.redrive_count,
      ...(row.stopped === null ? {} : { stopDate: row.stopped }),
      ...(row.redriven === null ? {} : { redriveDate: row.redriven }),
      ...(row.error === null ? {} : { error: row.error }),
      ...(row.payload === null ? {} : { payload: row.payload }),
      ...(stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn }),
      ...(stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn }),
      ...(mapRunArn === undefined ? {} : { mapRunArn }),
      ...(fork === undefined ? {} : { forkOf: forkOriginOf(fork) }),
    };
  }

  fork(key: number): ForkRow | undefined {
    return this.#database
      .prepare<ForkRow>("SELECT original_arn, event, state, context FROM execution_forks WHERE id = ?")
      .get(key);
  }

  /** ARNs of the forks of an execution, oldest first. */
  forksOf(key: number, limit: number): string[] {
    return this.#database
      .prepare<{ scope: number; name: string }>(
        `SELECT e.scope, e.name FROM execution_forks f JOIN executions e ON e.id = f.id
         WHERE f.original = ? ORDER BY f.id LIMIT ?`,
      )
      .all(key, limit)
      .map(({ scope, name }) => `${known(this.#texts.scopes.textOf(scope))}:${name}`);
  }
}

/** No condition leaves out more than children of map runs, or what has no output. */
function isBroad({ stateMachineArn, statuses, namePrefix, errorPart }: ExecutionSearch): boolean {
  return stateMachineArn === undefined && statuses === undefined && !namePrefix && !errorPart;
}

function take(keys: Iterator<number>, count: number): number[] {
  const taken: number[] = [];
  while (taken.length < count) {
    const next = keys.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

function statusesOf({ statuses, errorPart }: ExecutionSearch): ExecutionStatus[] {
  const asked = statuses === undefined ? [...STATUS_CODES.keys()] : [...new Set(statuses)];
  return errorPart ? asked.filter((status) => WITH_ERROR.includes(status)) : asked;
}

function columnsFor({ payload }: ExecutionSearch): string {
  return `id, scope, name, status, origin, started, stopped, redrive_count, redriven, error, ${payload ?? "NULL"} AS payload`;
}

function conditionOf(query: ExecutionSearch, statuses: readonly ExecutionStatus[]): Condition {
  const { startedFrom, startedBefore, namePrefix, errorPart, payload } = query;
  const sql = [`status IN (${statuses.map(statusCode).join(", ")})`];
  const values: SqlValue[] = [];
  const also = (condition: string, ...more: SqlValue[]): void => {
    sql.push(condition);
    values.push(...more);
  };
  if (startedFrom !== undefined) also("started >= ?", startedFrom);
  if (startedBefore !== undefined) also("started < ?", startedBefore);
  if (namePrefix) also("substr(name, 1, length(?)) = ?", namePrefix, namePrefix);
  if (errorPart) also("instr(error, ?) > 0", errorPart);
  if (payload === "output") also("output IS NOT NULL");
  return { sql: sql.join(" AND "), values };
}

/** The first text after all that begin with `prefix`, in the order of UTF-8 bytes; `undefined`: there is none. */
function afterAll(prefix: string): string | undefined {
  const points = [...prefix];
  for (;;) {
    const last = points.pop()?.codePointAt(0);
    if (last === undefined) return undefined;
    // Surrogates are no characters of their own.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    if (next <= 0x10ffff) return points.join("") + String.fromCodePoint(next);
  }
}
