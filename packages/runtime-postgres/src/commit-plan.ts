/** A batch of commits as columns: one unnest for each kind of rows they write. */
import type { ForkOrigin } from "@stepwell/core";
import type {
  EndRecord,
  ExecutionCommit,
  ExecutionKey,
  OverNothing,
  OverVersion,
  RedriveRecord,
} from "@stepwell/engine";
import { Column } from "./binary-array.ts";
import { type Common, commonOf } from "./common.ts";
import { contentId } from "./content-ids.ts";
import { known, RUNNING, splitArn, statusCode } from "./execution-rows.ts";
import { shardOf } from "./fence.ts";

/** Larger parts are not written again with every commit: they have rows of their own. */
const COLUMN_CHARACTERS_MAX = 4_096;
const MORE_PARTS = 1;
const MORE_SUBMITTED = 2;
/** RedriveExecution remembers this many client tokens: features.md A.18. */
const REDRIVE_TOKENS_MAX = 10;

/** The kinds of rows with their columns, in the order of the parameters. */
export const SECTIONS = {
  created: {
    id: "int8",
    scope: "bytea",
    name: "text",
    status: "int4",
    shard: "int4",
    origin: "bytea",
    machine_version: "bytea",
    machine_alias: "bytea",
    started: "int8",
    stopped: "int8",
    last_event: "int4",
    trace_header: "bytea",
    error: "bytea",
    cause: "bytea",
    output: "text",
    input: "text",
  },
  begun: {
    id: "int8",
    shard: "int4",
    version: "int4",
    last_event: "int4",
    wake_at: "int8",
    outstanding: "int4",
    more: "int4",
    part0: "text",
    part1: "text",
  },
  advanced: {
    id: "int8",
    version: "int4",
    last_event: "int4",
    sets_wake: "bool",
    wake_at: "int8",
    outstanding: "int4",
    more: "int4",
    sets0: "bool",
    part0: "text",
    sets1: "bool",
    part1: "text",
  },
  ended: {
    id: "int8",
    version: "int4",
    last_event: "int4",
    status: "int4",
    stopped: "int8",
    error: "bytea",
    cause: "bytea",
    output: "text",
    sets0: "bool",
    sets1: "bool",
  },
  redriven: {
    id: "int8",
    version: "int4",
    last_event: "int4",
    status: "int4",
    stopped: "int8",
    error: "bytea",
    cause: "bytea",
    output: "text",
    redrive_count: "int4",
    redriven: "int8",
  },
  chunks: { execution: "int8", first_id: "int4", last_id: "int4", text: "text" },
  parts: { execution: "int8", part: "int4", json: "text" },
  parts_gone: { execution: "int8", part: "int4" },
  submitted: { execution: "int8", task: "int4", handle: "text" },
  settled: { execution: "int8", task: "int4" },
  queued: { activity: "bytea", execution: "int8", task: "int4" },
  dequeued: { execution: "int8", task: "int4" },
  tokens: { execution: "int8", redrive: "int4", redriven: "int8", token: "bytea" },
  tokens_gone: { execution: "int8", redrive: "int4" },
  announced: { shard: "int4", text: "text" },
  to_stop: { execution: "int8", task: "int4", shard: "int4", since: "int8", request: "text", handle: "text" },
  forked: {
    id: "int8",
    scope: "bytea",
    name: "text",
    original_arn: "text",
    event: "int4",
    state: "text",
    context: "text",
  },
} as const;

export type SectionName = keyof typeof SECTIONS;
const SECTION_NAMES: readonly SectionName[] = Object.keys(SECTIONS) as SectionName[];

type Cell = string | number | boolean | Buffer | null | undefined;
type RowOf<S extends SectionName> = { readonly [column in keyof (typeof SECTIONS)[S]]: Cell };

export class CommitPlan {
  readonly keys: ExecutionKey[] = [];
  /** What the rows point to. */
  readonly common: Set<Common> = new Set();
  readonly #columns = new Map<SectionName, Column[]>();

  constructor(batch: readonly ExecutionCommit[], nextKey: () => ExecutionKey) {
    for (const commit of batch) this.keys.push(this.#add(commit, nextKey));
  }

  /** Rows of a section. */
  count(section: SectionName): number {
    return this.#columns.get(section)?.[0]?.length ?? 0;
  }

  /** The sections that have rows. */
  get sections(): SectionName[] {
    return SECTION_NAMES.filter((section) => this.#columns.has(section));
  }

  parameters(): Buffer[] {
    return this.sections.flatMap((section) => known(this.#columns.get(section)).map((column) => column.encode()));
  }

  #row<S extends SectionName>(section: S, row: RowOf<S>): void {
    let columns = this.#columns.get(section);
    if (columns === undefined) {
      columns = Object.values(SECTIONS[section]).map((type) => new Column(type));
      this.#columns.set(section, columns);
    }
    let i = 0;
    for (const name in SECTIONS[section]) known(columns[i++]).push(row[name as keyof RowOf<S>] as never);
  }

  #add(commit: ExecutionCommit, nextKey: () => ExecutionKey): ExecutionKey {
    const { over } = commit;
    const key = over.kind === "create" ? nextKey() : over.key;
    if (over.kind === "create") this.#create(key, commit, over);
    else if (commit.redrive !== undefined) this.#redrive(commit, over, commit.redrive);
    else if (commit.end !== undefined) this.#end(commit, over, commit.end);
    else this.#advance(commit, over);
    this.#append(key, commit);
    return key;
  }

  #create(id: ExecutionKey, commit: ExecutionCommit, over: OverNothing): void {
    const { start } = over;
    const { executionArn, end } = commit;
    const common = commonOf(executionArn, over);
    this.common.add(common);
    const shard = shardOf(executionArn);
    this.#row("created", {
      id,
      scope: common.scopeId,
      name: executionArn.slice(common.scope.length + 1),
      status: end === undefined ? RUNNING : statusCode(end.status),
      shard,
      origin: common.originId,
      machine_version: start.stateMachineVersionArn && contentId(start.stateMachineVersionArn),
      machine_alias: start.stateMachineAliasArn && contentId(start.stateMachineAliasArn),
      started: start.startedAt,
      last_event: commit.lastEventId,
      trace_header: bytes(over.traceHeader),
      input: start.input,
      ...endOf(end),
    });
    if (end === undefined) this.#begin(id, shard, 1, commit, 0);
    else this.#putParts(id, commit.parts);
    if (start.forkOf !== undefined) this.#fork(id, start.forkOf, start.forkContext);
  }

  #fork(id: ExecutionKey, { executionArn, eventId, stateName }: ForkOrigin, context: string | undefined): void {
    const { prefix, name } = known(splitArn(executionArn));
    const scope = contentId(prefix);
    this.#row("forked", { id, scope, name, original_arn: executionArn, event: eventId, state: stateName, context });
  }

  #begin(id: ExecutionKey, shard: number, version: number, commit: ExecutionCommit, before: number): void {
    const { part0, part1, more } = this.#partColumns(id, commit);
    this.#row("begun", {
      id,
      shard,
      version,
      last_event: commit.lastEventId,
      wake_at: commit.wakeAt,
      outstanding: commit.outstandingTasks ?? 0,
      more: before | more,
      part0,
      part1,
    });
  }

  #advance(commit: ExecutionCommit, { key, version }: OverVersion): void {
    const { part0, part1, more } = this.#partColumns(key, commit);
    this.#row("advanced", {
      id: key,
      version,
      last_event: commit.lastEventId,
      sets_wake: commit.wakeAt !== undefined,
      wake_at: commit.wakeAt,
      outstanding: commit.outstandingTasks,
      more,
      sets0: part0 !== undefined,
      part0,
      sets1: part1 !== undefined,
      part1,
    });
  }

  #end(commit: ExecutionCommit, { key, version }: OverVersion, end: EndRecord): void {
    const changes = (part: number): boolean => commit.parts.some((changed) => changed.part === part);
    this.#row("ended", {
      id: key,
      version,
      last_event: commit.lastEventId,
      status: statusCode(end.status),
      sets0: changes(0),
      sets1: changes(1),
      ...endOf(end),
    });
    this.#putParts(key, commit.parts);
  }

  #redrive(commit: ExecutionCommit, { key, version }: OverVersion, redrive: RedriveRecord): void {
    const { end, executionArn } = commit;
    const { redriveCount, redriveDate, clientToken } = redrive;
    this.#row("redriven", {
      id: key,
      version,
      last_event: commit.lastEventId,
      status: end === undefined ? RUNNING : statusCode(end.status),
      redrive_count: redriveCount,
      redriven: redriveDate,
      ...endOf(end),
    });
    // What is not in the commit stays in its rows.
    if (end === undefined) this.#begin(key, shardOf(executionArn), version + 1, commit, MORE_PARTS);
    else this.#putParts(key, commit.parts);
    if (clientToken === undefined) return;
    this.#row("tokens", { execution: key, redrive: redriveCount, redriven: redriveDate, token: bytes(clientToken) });
    this.#row("tokens_gone", { execution: key, redrive: redriveCount - REDRIVE_TOKENS_MAX });
  }

  /** Small parts 0 and 1 are columns (`undefined`: as it is); all others are rows. */
  #partColumns(
    key: ExecutionKey,
    commit: ExecutionCommit,
  ): { part0: string | null | undefined; part1: string | null | undefined; more: number } {
    let part0: string | null | undefined;
    let part1: string | null | undefined;
    let more = commit.tasksSubmitted.length > 0 ? MORE_SUBMITTED : 0;
    for (const { part, json } of commit.parts) {
      const isColumn = part <= 1 && json !== null && json.length <= COLUMN_CHARACTERS_MAX;
      if (part === 0) part0 = isColumn ? json : null;
      else if (part === 1) part1 = isColumn ? json : null;
      if (isColumn) continue;
      if (json !== null) more |= MORE_PARTS;
      this.#putPart(key, part, json);
    }
    return { part0, part1, more };
  }

  #putParts(key: ExecutionKey, parts: ExecutionCommit["parts"]): void {
    for (const { part, json } of parts) this.#putPart(key, part, json);
  }

  #putPart(execution: ExecutionKey, part: number, json: string | null): void {
    if (json === null) this.#row("parts_gone", { execution, part });
    else this.#row("parts", { execution, part, json });
  }

  #append(execution: ExecutionKey, commit: ExecutionCommit): void {
    for (const { firstId, lastId, text } of commit.history) {
      this.#row("chunks", { execution, first_id: firstId, last_id: lastId, text });
    }
    for (const { taskId, handle } of commit.tasksSubmitted) this.#row("submitted", { execution, task: taskId, handle });
    for (const task of commit.tasksSettled) this.#row("settled", { execution, task });
    for (const { activityArn, taskId } of commit.activityTasksQueued) {
      this.#row("queued", { activity: contentId(activityArn), execution, task: taskId });
    }
    for (const task of commit.activityTasksRemoved) this.#row("dequeued", { execution, task });
    for (const text of commit.announcements ?? []) {
      this.#row("announced", { shard: shardOf(commit.executionArn), text });
    }
    for (const { taskId, since, request, handle } of commit.jobsToStop ?? []) {
      const shard = shardOf(commit.executionArn);
      this.#row("to_stop", { execution, task: taskId, shard, since, request, handle });
    }
  }
}

function endOf(end: EndRecord | undefined): {
  stopped: number | undefined;
  error: Buffer | undefined;
  cause: Buffer | undefined;
  output: string | undefined;
} {
  return { stopped: end?.stopDate, error: bytes(end?.error), cause: bytes(end?.cause), output: end?.output };
}

function bytes(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text);
}
