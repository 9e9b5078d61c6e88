/**
 * Time triggers of flows (cloudflow.md 3.4). A schedule is a record that is due at its next time.
 *
 * P1. An execution started by a schedule has a name made of the schedule and the time: however often the start is tried, it
 *     is started once.
 * P2. A time that passed while nobody served is made up for once.
 */
import type { EpochMs, JsonObject } from "@stepwell/core";
import { DueRecords } from "../catalog/due-records.ts";
import type { Executions } from "../executions/executions.ts";
import type { CatalogStore, StoredRecord } from "../ports/catalog-store.ts";
import type { Clock, Ids } from "../ports/clock.ts";
import { Rejection } from "../rejection.ts";
import { parseCron } from "./cron.ts";
import { type Flow, internalName } from "./flow.ts";
import { conflict, type Flows, justBefore, type Listed, preconditionFailed } from "./flows.ts";

export interface Schedule {
  readonly id: string;
  readonly flowName: string;
  readonly name: string;
  readonly cronExpression: string;
  readonly description: string;
  /** JSON text, as it was given. */
  readonly payload: string;
  readonly enable: boolean;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
  readonly etag: string;
}

export type ScheduleContent = Pick<Schedule, "cronExpression" | "description" | "payload" | "enable">;

export interface SchedulesOptions {
  readonly store: CatalogStore;
  readonly flows: Flows;
  readonly executions: Pick<Executions, "start">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly onProblem: (problem: unknown, about: string) => void;
}

export interface Schedules {
  create(flowName: string, name: string, content: ScheduleContent): Promise<Schedule>;
  update(flowName: string, name: string, content: Partial<ScheduleContent>, expectedEtag?: string): Promise<Schedule>;
  delete(flowName: string, name: string, expectedEtag?: string): Promise<void>;
  describe(flowName: string, name: string): Promise<Schedule>;
  /** By name, from `from` on. */
  list(flowName: string, from: string | undefined, limit: number): Promise<Listed<Schedule>>;
  /** Deletes all schedules of a flow. */
  forget(flowName: string): Promise<void>;
  /** Starts what is due, from now on. */
  run(): void;
  stop(): Promise<void>;
}

export function createSchedules(options: SchedulesOptions): Schedules {
  return new StoredSchedules(options);
}

const KIND = "cloudflow-schedule";
const ATTEMPTS_MAX = 20;
const PAGE = 100;
/** How long a change made by another process, or a failure, waits at most. */
const LOOK_EVERY_MS = 30_000;
const EXECUTION_NAME_MAX = 128;

class StoredSchedules implements Schedules {
  readonly #options: SchedulesOptions;
  readonly #due: DueRecords;

  constructor(options: SchedulesOptions) {
    this.#options = options;
    const { store, clock, onProblem } = options;
    this.#due = new DueRecords({
      kind: KIND,
      store,
      clock,
      lookEveryMs: LOOK_EVERY_MS,
      handle: (record) => this.#start(record),
      onProblem: (problem) => onProblem(problem, "schedules of flows"),
    });
  }

  async create(flowName: string, name: string, content: ScheduleContent): Promise<Schedule> {
    const { store, ids, clock, flows } = this.#options;
    await flows.describe(flowName);
    const now = clock.now();
    const record = this.#record(flowName, name, { ...content, id: ids.uuid(), createdAt: now, modifiedAt: now });
    if (!(await store.commitRecord(KIND, record.key, undefined, record))) {
      throw new Rejection("ScheduleAlreadyExists", `The schedule ${name} for flow ${flowName} already exists.`);
    }
    this.#due.look();
    return scheduleOf(record);
  }

  async update(
    flowName: string,
    name: string,
    content: Partial<ScheduleContent>,
    expectedEtag?: string,
  ): Promise<Schedule> {
    const changed = await this.#changing(flowName, name, expectedEtag, (schedule) =>
      this.#record(flowName, name, { ...schedule, ...content, modifiedAt: this.#options.clock.now() }),
    );
    this.#due.look();
    return scheduleOf(changed as StoredRecord);
  }

  async delete(flowName: string, name: string, expectedEtag?: string): Promise<void> {
    await this.#changing(flowName, name, expectedEtag, () => undefined);
  }

  async describe(flowName: string, name: string): Promise<Schedule> {
    return scheduleOf(await this.#find(flowName, name));
  }

  async list(flowName: string, from: string | undefined, limit: number): Promise<Listed<Schedule>> {
    const { store, flows } = this.#options;
    await flows.describe(flowName);
    const after = from === undefined ? undefined : justBefore(keyOf(flowName, from));
    const records = await store.records(KIND, `${flowName}/`, after, limit + 1);
    const next = records[limit];
    const items = records.slice(0, limit).map(scheduleOf);
    return next === undefined ? { items } : { items, next: scheduleOf(next).name };
  }

  async forget(flowName: string): Promise<void> {
    const { store } = this.#options;
    for (;;) {
      const records = await store.records(KIND, `${flowName}/`, undefined, PAGE);
      for (const { key, etag } of records) await store.commitRecord(KIND, key, etag, undefined);
      if (records.length < PAGE) return;
    }
  }

  run(): void {
    this.#due.run();
  }

  stop(): Promise<void> {
    return this.#due.stop();
  }

  async #find(flowName: string, name: string): Promise<StoredRecord> {
    const { store, flows } = this.#options;
    await flows.describe(flowName);
    const record = await store.record(KIND, keyOf(flowName, name));
    if (record !== undefined) return record;
    throw new Rejection("ScheduleNotExists", `The schedule ${name} for flow ${flowName} does not exist.`);
  }

  async #changing(
    flowName: string,
    name: string,
    expectedEtag: string | undefined,
    decide: (schedule: Schedule) => StoredRecord | undefined,
  ): Promise<StoredRecord | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const record = await this.#find(flowName, name);
      if (expectedEtag !== undefined && expectedEtag !== record.etag) throw preconditionFailed();
      const changed = decide(scheduleOf(record));
      if (await this.#options.store.commitRecord(KIND, record.key, record.etag, changed)) return changed;
    }
    throw conflict();
  }

  #record(flowName: string, name: string, schedule: Omit<Schedule, "flowName" | "name" | "etag">): StoredRecord {
    const { id, cronExpression, description, payload, enable, createdAt, modifiedAt } = schedule;
    const cron = parseCron(cronExpression);
    if (typeof cron === "string") {
      throw new Rejection("InvalidArgument", `Parameter error. CronExpression '${cronExpression}' ${cron}.`);
    }
    const value = { flowName, name, id, cronExpression, description, payload, enable, createdAt, modifiedAt };
    const dueAt = enable ? cron.next(this.#options.clock.now()) : undefined;
    const etag = this.#options.ids.uuid();
    return { kind: KIND, key: keyOf(flowName, name), value, etag, ...(dueAt === undefined ? {} : { dueAt }) };
  }

  async #start(record: StoredRecord): Promise<void> {
    const { store, executions, flows, onProblem } = this.#options;
    const schedule = scheduleOf(record);
    const at = record.dueAt ?? 0;
    try {
      const flow = await flows.describe(schedule.flowName);
      await executions.start(startOf(flow, schedule, at));
    } catch (error) {
      const settled = error instanceof Rejection && SETTLED.has(error.name);
      if (!settled) {
        onProblem(error, `schedule ${schedule.name} of flow ${schedule.flowName}`);
        // What is no refusal is tried again.
        if (!(error instanceof Rejection)) return;
      }
    }
    await store.commitRecord(KIND, record.key, record.etag, this.#record(schedule.flowName, schedule.name, schedule));
  }
}

/** The execution was started before, or there is no flow to start. */
const SETTLED: ReadonlySet<string> = new Set(["ExecutionAlreadyExists", "FlowNotExists"]);

/** P1. */
function startOf(flow: Flow, schedule: Schedule, at: EpochMs): Parameters<Executions["start"]>[0] {
  const time = new Date(at).toISOString();
  const suffix = `-${time.replace(/[-:.]/g, "")}`;
  const name = schedule.name.slice(0, EXECUTION_NAME_MAX - suffix.length) + suffix;
  const payload = JSON.parse(schedule.payload === "" ? "{}" : schedule.payload) as JsonObject;
  const input = { payload, triggerName: schedule.name, triggerTime: time };
  return { stateMachineArn: flow.stateMachineArn, name: internalName(flow, name), input: JSON.stringify(input) };
}

function keyOf(flowName: string, name: string): string {
  return `${flowName}/${name}`;
}

function scheduleOf({ value, etag }: StoredRecord): Schedule {
  return { ...(value as unknown as Omit<Schedule, "etag">), etag };
}
