import type { ForkOrigin } from "@stepwell/core";
import type {
  EndRecord,
  ExecutionCommit,
  ExecutionKey,
  OverNothing,
  OverVersion,
  RedriveRecord,
} from "@stepwell/engine";
import type { CommonTexts } from "./common-texts.ts";
import { ConstraintViolation } from "./database-failure.ts";
import { known, type Origin, RUNNING, splitArn, statusCode } from "./execution-rows.ts";
import type { SqliteConnection, SqlValue, Statement } from "./sqlite-connection.ts";

type Connection = Pick<SqliteConnection, "prepare">;

const NUMBER_MASK = 0xffffff;
/** RedriveExecution remembers this many client tokens: features.md A.18. */
const REDRIVE_TOKENS_MAX = 10;

const ORIGINS_MAX = 1_000;
/** Larger ones are not written again with every commit: they have rows of their own. */
const COLUMN_CHARACTERS_MAX = 4_096;
const MORE_PARTS = 1;
const MORE_SUBMITTED = 2;

/** What goes to the row in `running`; `undefined`: as it is. */
interface RunningColumns {
  part0: string | null | undefined;
  part1: string | null | undefined;
  more: number;
}

interface EndedRunning {
  readonly more: number;
  readonly part0: string | null;
  readonly part1: string | null;
}

/** Writes one execution's part of a commit, inside the transaction of the whole. */
export class CommitWriter {
  readonly #database: Connection;
  readonly #texts: CommonTexts;
  readonly #statements: Statements;
  readonly #insert: Statement<object>;
  readonly #selectRunning: Statement<EndedRunning>;
  readonly #origins = new Map<string, string>();
  #nextKey: ExecutionKey;

  constructor(database: Connection, texts: CommonTexts) {
    this.#database = database;
    this.#texts = texts;
    this.#statements = prepareAll(database);
    this.#insert = database.prepare("INSERT INTO running VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    this.#selectRunning = database.prepare("SELECT more, part0, part1 FROM running WHERE id = ? AND version = ?");
    const last = database.prepare<{ id: number | null }>("SELECT max(id) AS id FROM executions").get();
    this.#nextKey = (last?.id ?? 0) + 1;
  }

  /** The execution's key; `undefined` when it is not as the writer has seen it. */
  write(commit: ExecutionCommit): ExecutionKey | undefined {
    const key = commit.over.kind === "create" ? this.#create(commit, commit.over) : this.#advance(commit, commit.over);
    if (key !== undefined) this.#append(key, commit);
    return key;
  }

  #create(commit: ExecutionCommit, over: OverNothing): ExecutionKey | undefined {
    const key = this.#nextKey++;
    const { start } = over;
    const { prefix, name } = known(splitArn(commit.executionArn));
    const { end } = commit;
    try {
      this.#statements.insertExecution.run(
        key,
        this.#texts.scopes.idOf(prefix, start.stateMachineArn),
        name,
        end === undefined ? RUNNING : statusCode(end.status),
        this.#originId(over),
        this.#arnId(start.stateMachineVersionArn),
        this.#arnId(start.stateMachineAliasArn),
        start.startedAt,
        end?.stopDate ?? null,
        1,
        commit.lastEventId,
        over.traceHeader ?? null,
        end?.error ?? null,
        end?.cause ?? null,
        end?.output ?? null,
        start.input,
      );
    } catch (error) {
      if (error instanceof ConstraintViolation && error.unique) return undefined;
      throw error;
    }
    if (end === undefined) this.#insertRunning(key, 1, commit, 0);
    else this.#putParts(key, commit.parts);
    if (start.forkOf !== undefined) this.#linkFork(key, start.forkOf, start.forkContext);
    return key;
  }

  #linkFork(key: ExecutionKey, { executionArn, eventId, stateName }: ForkOrigin, forkContext?: string): void {
    const arn = known(splitArn(executionArn));
    const scope = this.#texts.scopes.find(arn.prefix);
    const original = this.#database
      .prepare<{ id: number }>("SELECT id FROM executions WHERE scope = ? AND name = ?")
      .get(scope ?? null, arn.name);
    this.#database
      .prepare("INSERT INTO execution_forks VALUES (?, ?, ?, ?, ?, ?)")
      .run(key, original?.id ?? null, executionArn, eventId, stateName, forkContext ?? null);
  }

  /** Thousands of executions have the same origin: its text is made once. */
  #originId(over: OverNothing): number {
    const {
      stateMachineArn,
      stateMachineVersionArn = "",
      stateMachineAliasArn = "",
      mapRunArn = "",
      forkOf,
    } = over.start;
    const from = `${over.revisionKey}\n${stateMachineArn}\n${stateMachineVersionArn}\n${stateMachineAliasArn}`;
    const same = `${from}\n${mapRunArn}${forkOf === undefined ? "" : "\nfork"}`;
    let json = this.#origins.get(same);
    if (json === undefined) {
      if (this.#origins.size >= ORIGINS_MAX) this.#origins.clear();
      json = originJson(over);
      this.#origins.set(same, json);
    }
    return this.#texts.origins.idOf(json);
  }

  #arnId(arn: string | undefined): number | null {
    return arn === undefined ? null : this.#texts.arns.idOf(arn);
  }

  #insertRunning(key: ExecutionKey, version: number, commit: ExecutionCommit, before: number): void {
    const { lastEventId, wakeAt, outstandingTasks } = commit;
    const { part0, part1, more } = this.#columns(key, commit);
    const waits = [wakeAt ?? null, outstandingTasks ?? 0] as const;
    this.#insert.run(key, version, lastEventId, ...waits, before | more, part0 ?? null, part1 ?? null);
  }

  /** Small parts 0 and 1 are columns; all others are written to their rows here. */
  #columns(key: ExecutionKey, commit: ExecutionCommit): RunningColumns {
    const columns: RunningColumns = { part0: undefined, part1: undefined, more: 0 };
    for (const { part, json } of commit.parts) {
      const isColumn = part <= 1 && json !== null && json.length <= COLUMN_CHARACTERS_MAX;
      if (part === 0) columns.part0 = isColumn ? json : null;
      else if (part === 1) columns.part1 = isColumn ? json : null;
      if (isColumn) continue;
      if (json !== null) columns.more = MORE_PARTS;
      this.#putPart(key, part, json);
    }
    if (commit.tasksSubmitted.length > 0) columns.more |= MORE_SUBMITTED;
    return columns;
  }

  #putParts(key: ExecutionKey, parts: ExecutionCommit["parts"]): void {
    for (const { part, json } of parts) this.#putPart(key, part, json);
  }

  #putPart(key: ExecutionKey, part: number, json: string | null): void {
    if (json === null) this.#statements.deletePart.run(key, part);
    else this.#statements.putPart.run(key, part, json);
  }

  #advance(commit: ExecutionCommit, over: OverVersion): ExecutionKey | undefined {
    if (commit.redrive !== undefined) return this.#redrive(commit, over, commit.redrive);
    if (commit.end !== undefined) return this.#end(commit, over, commit.end);
    const { part0, part1, more } = this.#columns(over.key, commit);
    const { wakeAt, outstandingTasks } = commit;
    const values: SqlValue[] = [over.version + 1, commit.lastEventId];
    let sql = "UPDATE running SET version = ?, last_event = ?";
    const set = (column: string, value: SqlValue | undefined): void => {
      if (value === undefined) return;
      sql += `, ${column}`;
      values.push(value);
    };
    // An index is touched only when its column is named: most commits change neither.
    set("wake_at = ?", wakeAt);
    set("outstanding = ?", outstandingTasks);
    set("part0 = ?", part0);
    set("part1 = ?", part1);
    set("more = more | ?", more === 0 ? undefined : more);
    const update = this.#database.prepare(`${sql} WHERE id = ? AND version = ?`);
    return update.run(...values, over.key, over.version) === 1 ? over.key : undefined;
  }

  #end(commit: ExecutionCommit, over: OverVersion, end: EndRecord): ExecutionKey | undefined {
    // Not DELETE … RETURNING: that takes three times as long as the two together.
    const ended = this.#selectRunning.get(over.key, over.version);
    if (ended === undefined) return undefined;
    this.#statements.deleteRunning.run(over.key);
    this.#statements.endExecution.run(
      statusCode(end.status),
      end.stopDate,
      over.version + 1,
      commit.lastEventId,
      end.error ?? null,
      end.cause ?? null,
      end.output ?? null,
      over.key,
    );
    this.#keepParts(over.key, commit.parts, ended);
    return over.key;
  }

  /** What an ended execution keeps of its memory goes to rows. */
  #keepParts(key: ExecutionKey, parts: ExecutionCommit["parts"], ended: EndedRunning): void {
    const hadRows = (ended.more & MORE_PARTS) !== 0;
    for (const { part, json } of parts) if (json !== null || hadRows) this.#putPart(key, part, json);
    for (const [part, json] of [ended.part0, ended.part1].entries()) {
      if (json !== null && !parts.some((changed) => changed.part === part)) this.#putPart(key, part, json);
    }
  }

  #redrive(commit: ExecutionCommit, over: OverVersion, redrive: RedriveRecord): ExecutionKey | undefined {
    const { end } = commit;
    const changed = this.#statements.redriveExecution.run(
      end === undefined ? RUNNING : statusCode(end.status),
      end?.stopDate ?? null,
      over.version + 1,
      commit.lastEventId,
      redrive.redriveCount,
      redrive.redriveDate,
      end?.error ?? null,
      end?.cause ?? null,
      end?.output ?? null,
      over.key,
      over.version,
      RUNNING,
    );
    if (changed !== 1) return undefined;
    // What is not in the commit stays in its rows.
    if (end === undefined) this.#insertRunning(over.key, over.version + 1, commit, MORE_PARTS);
    else this.#putParts(over.key, commit.parts);
    if (redrive.clientToken !== undefined) {
      const { redriveCount, redriveDate, clientToken } = redrive;
      this.#statements.insertToken.run(over.key, redriveCount, redriveDate, clientToken);
      this.#statements.forgetTokens.run(over.key, redriveCount - REDRIVE_TOKENS_MAX);
    }
    return over.key;
  }

  #append(key: ExecutionKey, commit: ExecutionCommit): void {
    const statements = this.#statements;
    for (const chunk of commit.history) statements.insertChunk.run(key, chunk.firstId, chunk.lastId, chunk.text);
    for (const { taskId, handle } of commit.tasksSubmitted) statements.putSubmitted.run(key, taskId, handle ?? null);
    for (const taskId of commit.tasksSettled) statements.deleteSubmitted.run(key, taskId);
    for (const { activityArn, taskId } of commit.activityTasksQueued) {
      statements.queueActivity.run(this.#texts.arns.idOf(activityArn), key, taskId);
    }
    for (const taskId of commit.activityTasksRemoved) statements.removeActivity.run(key, taskId);
    for (const text of commit.announcements ?? []) statements.announce.run(text);
    for (const { taskId, since, request, handle } of commit.jobsToStop ?? []) {
      statements.putJobToStop.run(key, taskId, since, request, handle ?? null);
    }
  }

  delete(key: ExecutionKey): void {
    for (const table of ["history_chunks", "execution_parts"]) {
      this.#database
        .prepare(`DELETE FROM ${table} WHERE id BETWEEN (?1 << 24) AND (?1 << 24 | ${NUMBER_MASK})`)
        .run(key);
    }
    this.#database.prepare("DELETE FROM redrive_tokens WHERE execution = ?").run(key);
    this.#database.prepare("DELETE FROM execution_forks WHERE id = ?").run(key);
    this.#database.prepare("UPDATE execution_forks SET original = NULL WHERE original = ?").run(key);
    this.#database.prepare("DELETE FROM executions WHERE id = ?").run(key);
  }
}

function originJson({ start, revisionKey }: OverNothing): string {
  const origin: Origin = {
    type: start.type,
    stateMachineArn: start.stateMachineArn,
    stateMachineName: start.stateMachineName,
    roleArn: start.roleArn,
    revisionKey,
    ...(start.stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn: start.stateMachineVersionArn }),
    ...(start.stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn: start.stateMachineAliasArn }),
    ...(start.mapRunArn === undefined ? {} : { mapRunArn: start.mapRunArn }),
    ...(start.forkOf === undefined ? {} : { isFork: true as const }),
  };
  return JSON.stringify(origin);
}

type Statements = ReturnType<typeof prepareAll>;

function prepareAll(database: Connection): {
  readonly [name in
    | "insertExecution"
    | "endExecution"
    | "redriveExecution"
    | "deleteRunning"
    | "insertChunk"
    | "putPart"
    | "deletePart"
    | "putSubmitted"
    | "deleteSubmitted"
    | "queueActivity"
    | "removeActivity"
    | "announce"
    | "putJobToStop"
    | "insertToken"
    | "forgetTokens"]: Statement<object>;
} {
  return {
    insertExecution: database.prepare(
      `INSERT INTO executions (id, scope, name, status, origin, machine_version, machine_alias, started, stopped, version,
         last_event, redrive_count, trace_header, error, cause, output, input)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)`,
    ),
    endExecution: database.prepare(
      `UPDATE executions SET status = ?, stopped = ?, version = ?, last_event = ?, error = ?, cause = ?, output = ?
       WHERE id = ?`,
    ),
    redriveExecution: database.prepare(
      `UPDATE executions SET status = ?, stopped = ?, version = ?, last_event = ?, redrive_count = ?, redriven = ?,
         error = ?, cause = ?, output = ? WHERE id = ? AND version = ? AND status <> ?`,
    ),
    deleteRunning: database.prepare("DELETE FROM running WHERE id = ?"),
    insertChunk: database.prepare("INSERT INTO history_chunks VALUES (? << 24 | ?, ?, ?)"),
    putPart: database.prepare(
      "INSERT INTO execution_parts VALUES (? << 24 | ?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json",
    ),
    deletePart: database.prepare("DELETE FROM execution_parts WHERE id = ? << 24 | ?"),
    putSubmitted: database.prepare(
      "INSERT INTO submitted_tasks VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET handle = excluded.handle",
    ),
    deleteSubmitted: database.prepare("DELETE FROM submitted_tasks WHERE execution = ? AND task = ?"),
    queueActivity: database.prepare("INSERT INTO activity_tasks (activity, execution, task) VALUES (?, ?, ?)"),
    removeActivity: database.prepare("DELETE FROM activity_tasks WHERE execution = ? AND task = ?"),
    announce: database.prepare("INSERT INTO announcements (text) VALUES (?)"),
    putJobToStop: database.prepare("INSERT OR REPLACE INTO jobs_to_stop VALUES (?, ?, ?, ?, ?)"),
    insertToken: database.prepare("INSERT INTO redrive_tokens VALUES (?, ?, ?, ?)"),
    forgetTokens: database.prepare("DELETE FROM redrive_tokens WHERE execution = ? AND redrive <= ?"),
  };
}
