import { type ExecutionStatus, type ExecutionSummary, Rejection, type StoreListQuery } from "@stepwell/engine";
import type { CommonTexts } from "./common-texts.ts";
import type { Database } from "./database.ts";
import { known, STATUS_CODES, statusOf } from "./execution-rows.ts";

interface SummaryRow {
  readonly id: number;
  readonly scope: number;
  readonly name: string;
  readonly status: number;
  readonly origin: number;
  readonly started: number;
  readonly stopped: number | null;
  readonly redrive_count: number;
  readonly redriven: number | null;
}

/** One range of an index: rows with one status, newest first. */
interface Range {
  readonly index: string;
  readonly column: string;
  readonly value: number;
}

/**
 * ListExecutions. Keys grow with time, so every index here ends in the key and a page is the newest part of one range
 * per status, merged: the cost is that of the page, whatever was stored before.
 */
export class ExecutionList {
  readonly #database: Database;
  readonly #texts: CommonTexts;

  constructor(database: Database, texts: CommonTexts) {
    this.#database = database;
    this.#texts = texts;
  }

  page(query: StoreListQuery): { items: readonly ExecutionSummary[]; cursor?: string } {
    const before = query.cursor === undefined ? Number.MAX_SAFE_INTEGER : parseCursor(query.cursor);
    const statuses: readonly ExecutionStatus[] = query.status === undefined ? [...STATUS_CODES.keys()] : [query.status];
    const ranges = this.#ranges(query);
    const rows = statuses
      .flatMap((status) => ranges.flatMap((range) => this.#rows(range, known(STATUS_CODES.get(status)), before, query)))
      .sort((a, b) => b.id - a.id);
    const items = rows.slice(0, query.limit).map((row) => this.#summary(row));
    const last = rows[query.limit - 1];
    return rows.length > query.limit && last !== undefined ? { items, cursor: String(last.id) } : { items };
  }

  scopesOf(stateMachineArn: string): number[] {
    return this.#database
      .prepare<{ id: number }>("SELECT id FROM execution_scopes WHERE state_machine_arn = ? ORDER BY id LIMIT 10")
      .all(stateMachineArn)
      .map((row) => row.id);
  }

  #ranges(query: StoreListQuery): Range[] {
    if (query.qualifiedArn === undefined) {
      const index = query.redrive === "REDRIVEN" ? "executions_redriven" : "executions_by_status";
      return this.scopesOf(query.stateMachineArn).map((value) => ({ index, column: "scope", value }));
    }
    const value = this.#texts.arns.find(query.qualifiedArn);
    if (value === undefined) return [];
    const isVersion = /:[0-9]+$/.test(query.qualifiedArn);
    return [
      isVersion
        ? { index: "executions_by_version", column: "machine_version", value }
        : { index: "executions_by_alias", column: "machine_alias", value },
    ];
  }

  #rows(range: Range, status: number, before: number, query: StoreListQuery): SummaryRow[] {
    const filter =
      query.redrive === undefined
        ? ""
        : query.redrive === "REDRIVEN"
          ? "AND redrive_count > 0"
          : "AND redrive_count = 0";
    return this.#database
      .prepare<SummaryRow>(
        `SELECT id, scope, name, status, origin, started, stopped, redrive_count, redriven
         FROM executions INDEXED BY ${range.index}
         WHERE ${range.column} = ? AND status = ? AND id < ? ${filter} ORDER BY id DESC LIMIT ?`,
      )
      .all(range.value, status, before, query.limit + 1);
  }

  #summary(row: SummaryRow): ExecutionSummary {
    const { stateMachineArn, stateMachineVersionArn, stateMachineAliasArn } = this.#texts.originOf(row.origin);
    return {
      executionArn: `${known(this.#texts.scopes.textOf(row.scope))}:${row.name}`,
      stateMachineArn,
      name: row.name,
      status: statusOf(row.status),
      startDate: row.started,
      redriveCount: row.redrive_count,
      ...(row.stopped === null ? {} : { stopDate: row.stopped }),
      ...(row.redriven === null ? {} : { redriveDate: row.redriven }),
      ...(stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn }),
      ...(stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn }),
    };
  }
}

function parseCursor(cursor: string): number {
  if (!/^[1-9][0-9]{0,15}$/.test(cursor)) throw new Rejection("InvalidToken", "Invalid Token: 'Invalid token'");
  return Number(cursor);
}
