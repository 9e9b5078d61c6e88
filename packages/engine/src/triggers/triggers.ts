/**
 * Rules and schedules, as records that are due at their next time.
 *
 * G1. A due time starts a target once: the execution's name is made of the trigger, the target and the time, so a start
 *     that is tried again, by whatever process, finds the execution that is there.
 * G2. Whoever starts what is due says so first, in the record: of several processes one does it. When that one dies,
 *     another does it again; an Express execution, whose name is nobody's alone, may then run twice, as AWS says of it.
 * G3. What became due while nobody served is not made up for: EventBridge does not either. A minute's delay is none.
 */
import type { EpochMs, JsonObject } from "@stepwell/core";
import { type AwsIdentity, parseStateMachineArn } from "../catalog/arn.ts";
import { DueRecords } from "../catalog/due-records.ts";
import { executionArnOf } from "../executions/execution-arn.ts";
import type { Executions } from "../executions/executions.ts";
import type { CatalogStore, StoredRecord } from "../ports/catalog-store.ts";
import type { Clock, Ids } from "../ports/clock.ts";
import { Rejection } from "../rejection.ts";
import { matchesPattern } from "./event-pattern.ts";
import { parseTriggerArn, scheduleOf, type TriggerContent, type TriggerTarget, triggerProblems } from "./trigger.ts";
import { ruleInput, scheduledEvent, scheduleInput, stableUuid, type TriggerEvent } from "./trigger-input.ts";

export interface Trigger extends TriggerContent {
  /** Of the rule, or of the schedule. */
  readonly arn: string;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
  /** When it is due next; absent: never, or disabled. */
  readonly dueAt?: EpochMs;
  /** What the last due time came to. */
  readonly last?: LastStart;
}

export interface LastStart {
  readonly at: EpochMs;
  readonly executionArns: readonly string[];
  /** What was refused: error and message of each target. */
  readonly problems: readonly string[];
}

export interface TriggersOptions {
  readonly store: CatalogStore;
  readonly executions: Pick<Executions, "start">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly identity: AwsIdentity;
  readonly onProblem: (problem: unknown, about: string) => void;
}

export interface Triggers {
  /** Makes or changes it. Throws ValidationException with all that is wrong. */
  put(arn: string, content: TriggerContent): Promise<Trigger>;
  /** False: there was none. */
  delete(arn: string): Promise<boolean>;
  find(arn: string): Promise<Trigger | undefined>;
  /** By ARN, after the ARN `after`. */
  list(after: string | undefined, limit: number): Promise<readonly Trigger[]>;
  /** Whether rules mean the event: those that this process knows of, which may be seconds behind what another process changed. */
  wants(event: TriggerEvent): boolean;
  /** False: no rule has an event pattern. */
  wantsAny(): boolean;
  /** Starts what rules say to events; to one that comes again, nothing again. Rejects when they must come again. */
  deliver(events: readonly TriggerEvent[]): Promise<void>;
  /** Reads the rules that have event patterns. */
  load(): Promise<void>;
  /** Starts what is due, from now on. */
  run(): void;
  stop(): Promise<void>;
}

export function createTriggers(options: TriggersOptions): Triggers {
  return new StoredTriggers(options);
}

const KIND = "trigger";
const ATTEMPTS_MAX = 20;
/** How long a change made by another process, or a failure, waits at most. */
const LOOK_EVERY_MS = 5_000;
/** G3. AWS fires within the minute that is meant. */
const LATE_MS_MAX = 60_000;
/** G2. So long after one has said that it starts, another does. */
const CLAIM_MS = 30_000;
/** G2. What could not be started for so long is given up. */
const CLAIMED_MS_MAX = 600_000;

/** A record's value. */
interface StoredTrigger extends TriggerContent {
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
  /** Where a rate begins to count. */
  readonly anchor: EpochMs;
  /** G2. The due time that somebody is starting. */
  readonly claimed?: EpochMs;
  readonly last?: LastStart;
}

/** What is read of all triggers at once. */
const LIST_PAGE = 500;

interface PatternRule {
  readonly arn: string;
  readonly pattern: JsonObject;
  readonly targets: readonly TriggerTarget[];
}

class StoredTriggers implements Triggers {
  readonly #options: TriggersOptions;
  /** Enabled, with an event pattern. */
  #rules: readonly PatternRule[] = [];
  readonly #due: DueRecords;

  constructor(options: TriggersOptions) {
    this.#options = options;
    const { store, clock, onProblem } = options;
    this.#due = new DueRecords({
      kind: KIND,
      store,
      clock,
      lookEveryMs: LOOK_EVERY_MS,
      before: () => this.load(),
      handle: (record) => this.#startOne(record),
      onProblem: (problem) => onProblem(problem, "rules and schedules"),
    });
  }

  async put(arn: string, content: TriggerContent): Promise<Trigger> {
    const [problem] = triggerProblems(arn, content);
    if (problem !== undefined)
      throw new Rejection("ValidationException", [problem.path, problem.message].join(" ").trim());
    const { store, clock } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const record = await store.record(KIND, arn);
      const changed = this.#changed(arn, content, record, clock.now());
      if (!(await store.commitRecord(KIND, arn, record?.etag, changed))) continue;
      await this.load();
      this.#due.look();
      return triggerOf(changed);
    }
    throw conflict(arn);
  }

  async delete(arn: string): Promise<boolean> {
    const { store } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const record = await store.record(KIND, arn);
      if (record === undefined) return false;
      if (!(await store.commitRecord(KIND, arn, record.etag, undefined))) continue;
      await this.load();
      return true;
    }
    throw conflict(arn);
  }

  async find(arn: string): Promise<Trigger | undefined> {
    const record = await this.#options.store.record(KIND, arn);
    return record && triggerOf(record);
  }

  async list(after: string | undefined, limit: number): Promise<readonly Trigger[]> {
    return (await this.#options.store.records(KIND, "", after, limit)).map(triggerOf);
  }

  wants(event: TriggerEvent): boolean {
    return this.#rules.some(({ pattern }) => matchesPattern(pattern, event));
  }

  wantsAny(): boolean {
    return this.#rules.length > 0;
  }

  async deliver(events: readonly TriggerEvent[]): Promise<void> {
    // The process that stored an event may have known of a rule that this one has not read yet.
    await this.load();
    for (const event of events)
      for (const rule of this.#rules) if (matchesPattern(rule.pattern, event)) await this.#startRule(rule, event);
  }

  async #startRule({ arn, targets }: PatternRule, event: TriggerEvent): Promise<void> {
    for (const target of targets) {
      try {
        await this.#start(arn, target, event, this.#options.clock.now());
      } catch (error) {
        if (!(error instanceof Rejection)) throw error;
        // What a state machine refuses once it refuses always.
        this.#options.onProblem(error, `${arn}, target ${target.id}`);
      }
    }
  }

  async load(): Promise<void> {
    const rules: PatternRule[] = [];
    for (let after: string | undefined; ; ) {
      const page = await this.list(after, LIST_PAGE);
      for (const { arn, eventPattern, state, targets } of page)
        if (eventPattern !== undefined && state === "ENABLED") rules.push({ arn, pattern: eventPattern, targets });
      if (page.length < LIST_PAGE) break;
      after = page.at(-1)?.arn;
    }
    this.#rules = rules;
  }

  run(): void {
    this.#due.run();
  }

  stop(): Promise<void> {
    return this.#due.stop();
  }

  #changed(arn: string, content: TriggerContent, record: StoredRecord | undefined, now: EpochMs): StoredRecord {
    const before = record && storedOf(record);
    const isSameTime = before !== undefined && timesOf(before) === timesOf(content);
    const anchor = isSameTime ? before.anchor : now;
    const value: StoredTrigger = {
      ...content,
      createdAt: before?.createdAt ?? now,
      modifiedAt: now,
      anchor,
      ...(before?.last && { last: before.last }),
    };
    // A schedule's rate begins at once, a rule's after its first interval.
    const isFirst = !isSameTime && parseTriggerArn(arn)?.kind === "schedule";
    return this.#record(arn, value, isFirst ? now - 1 : now);
  }

  #record(arn: string, value: StoredTrigger, after: EpochMs): StoredRecord {
    const dueAt = dueAfter(arn, value, after);
    return { ...this.#plain(arn, value), ...(dueAt === undefined ? {} : { dueAt }) };
  }

  #plain(arn: string, value: StoredTrigger): StoredRecord {
    return { kind: KIND, key: arn, value: value as unknown as JsonObject, etag: this.#options.ids.uuid() };
  }

  async #startOne(record: StoredRecord): Promise<void> {
    const { store, clock } = this.#options;
    const arn = record.key;
    const { claimed, ...trigger } = storedOf(record);
    const at = claimed ?? record.dueAt ?? 0;
    const now = clock.now();
    const isOver = now - at > (claimed === undefined ? LATE_MS_MAX : CLAIMED_MS_MAX);
    if (isOver) return this.#settle(record, arn, trigger, now);
    const mine = { ...this.#plain(arn, { ...trigger, claimed: at }), dueAt: now + CLAIM_MS };
    if (!(await store.commitRecord(KIND, arn, record.etag, mine))) return;
    const last = await this.#startTargets(arn, trigger, at);
    // A store or an owner that is away: tried again when the claim is over.
    if (last === undefined) return;
    await this.#settle(mine, arn, { ...trigger, last }, Math.max(at, now));
  }

  /** Due next, or over. When somebody has changed the trigger meanwhile, that counts. */
  async #settle(record: StoredRecord, arn: string, trigger: StoredTrigger, after: EpochMs): Promise<void> {
    const next = this.#record(arn, trigger, after);
    const isOver = next.dueAt === undefined && trigger.actionAfterCompletion === "DELETE";
    await this.#options.store.commitRecord(KIND, arn, record.etag, isOver ? undefined : next);
  }

  /** `undefined`: something is to be tried again. */
  async #startTargets(arn: string, trigger: StoredTrigger, at: EpochMs): Promise<LastStart | undefined> {
    const event = scheduledEvent(arn, at, this.#options.identity);
    const executionArns: string[] = [];
    const problems: string[] = [];
    for (const target of trigger.targets) {
      try {
        executionArns.push(await this.#start(arn, target, event, this.#options.clock.now()));
      } catch (error) {
        this.#options.onProblem(error, `${arn}, target ${target.id}`);
        if (!(error instanceof Rejection)) return undefined;
        problems.push(`${error.name}: ${error.message}`);
      }
    }
    return { at, executionArns, problems };
  }

  async #start(arn: string, target: TriggerTarget, event: TriggerEvent, now: EpochMs): Promise<string> {
    const uuid = stableUuid(arn, target.id, event.id);
    const isRule = parseTriggerArn(arn)?.kind === "rule";
    // As AWS names them: of rules <event>_<uuid>, of schedules <uuid>.
    const name = isRule ? `${event.id}_${uuid}` : uuid;
    const input = isRule ? ruleInput(target, arn, event, now) : scheduleInput(target, arn, event, uuid);
    try {
      return (await this.#options.executions.start({ stateMachineArn: target.arn, name, input })).executionArn;
    } catch (error) {
      if (!(error instanceof Rejection && error.name === "ExecutionAlreadyExists")) throw error;
      // G1. It was started before.
      return executionArnOf(parseStateMachineArn(target.arn).stateMachineArn, name, undefined);
    }
  }
}

/** `undefined`: never again. */
function dueAfter(arn: string, trigger: StoredTrigger, after: EpochMs): EpochMs | undefined {
  if (trigger.state === "DISABLED" || trigger.targets.length === 0) return undefined;
  const schedule = scheduleOf(arn, trigger, trigger.anchor);
  if (schedule === undefined || typeof schedule === "string") return undefined;
  const { startDate = Number.NEGATIVE_INFINITY, endDate = Number.POSITIVE_INFINITY } = trigger;
  // A one-time schedule knows no other dates.
  if (schedule.kind === "at") return schedule.next(after);
  const next = schedule.next(Math.max(after, startDate - 1));
  return next !== undefined && next <= endDate ? next : undefined;
}

/** All that says when it is due. */
function timesOf({
  scheduleExpression,
  scheduleExpressionTimezone,
  startDate,
  endDate,
  state,
}: TriggerContent): string {
  return JSON.stringify([scheduleExpression, scheduleExpressionTimezone, startDate, endDate, state]);
}

function storedOf({ value }: StoredRecord): StoredTrigger {
  return value as unknown as StoredTrigger;
}

function triggerOf(record: StoredRecord): Trigger {
  const { anchor: _, claimed, ...trigger } = storedOf(record);
  const dueAt = claimed ?? record.dueAt;
  return { ...trigger, arn: record.key, ...(dueAt === undefined ? {} : { dueAt }) };
}

function conflict(arn: string): Rejection {
  return new Rejection("ConflictException", `${arn} is being changed by others: try again`);
}
