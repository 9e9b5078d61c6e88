/**
 * Sends tasks to connectors and brings their results back.
 *
 * F1. A task is under way here at most once, from before its start until what came of it is durable. After a restart it
 *     is started again with the same token, or polled when it was submitted: at least once, and counted once.
 * F2. No connector has more calls under way than ConnectorLanes allow; no more tasks wait in memory for a call than TaskRoom
 *     allows, of all and of each lane. The rest stands in the store and is fetched when there is room (design invariant 9).
 * F3. A job that was submitted for a task nobody waits for any more is stopped, where the connector can (job-stops.ts). Not
 *     so when the execution went to another process: that one goes on with the job.
 * F4. The start of a job is not broken off when its task is cancelled: its answer, awaited for `ANSWER_MS` at most, says
 *     what is to be stopped.
 */
import type { StartTask } from "@stepwell/core";
import type { ExecutionSettings } from "../executions/engine-options.ts";
import { type ExecutionLoop, ExecutionMissing } from "../executions/execution-loop.ts";
import type { LiveExecution } from "../executions/live-execution.ts";
import { mayHaveJob, taskRequestOf } from "../executions/task-request.ts";
import type { CancelledTask } from "../executions/uncommitted.ts";
import type { WorkCounter } from "../executions/work-counter.ts";
import type { Clock } from "../ports/clock.ts";
import { NotOwned } from "../ports/cluster.ts";
import type { Connector, TaskOutcome, TaskRequest, TaskRouter } from "../ports/connector.ts";
import type { ExecutionKey } from "../ports/store.ts";
import { StoreUnavailable } from "../rejection.ts";
import { ConnectorLanes } from "./connector-lane.ts";
import type { JobStops } from "./job-stops.ts";
import { TaskRoom } from "./task-room.ts";

const POLL_FIRST_MS = 100;
const POLL_GROWTH = 1.5;
const POLL_MAX_MS = 30_000;
/** Polls that throw in a row, after which the task fails. */
const POLL_FAILURES_MAX = 20;
/** A result whose commit fails is tried again for about this long before it is given up to a repetition of the task. */
const RESULT_ATTEMPTS_MAX = 60;
const RESULT_PAUSE_MAX_MS = 5_000;
const REPEAT_MS = 60_000;
const ANSWER_MS = 60_000;

export interface TaskEffectPorts {
  readonly loop: ExecutionLoop;
  readonly router: TaskRouter;
  readonly clock: Clock;
  readonly settings: ExecutionSettings;
  readonly work: WorkCounter;
  readonly stops: Pick<JobStops, "stop" | "forget" | "look">;
  /** Tasks for which there was no room may be fetched from the store. */
  roomAgain(): void;
  /** Some tasks that are not under way are to be found in the store. */
  lookThrough(): void;
}

/** It stays in the store. */
const NO_ROOM = new Error("there is no room for this task");

/** One task under way. */
interface Underway {
  readonly executionArn: string;
  readonly key: ExecutionKey | undefined;
  readonly taskId: number;
  readonly abort: AbortController;
  connector?: Connector;
  handle?: string;
  /** Takes back the wait for the next poll. */
  stopWaiting?: () => void;
  /** The execution went to another process. */
  isDisowned?: boolean;
  /** Nobody waits for it any more. */
  isAbandoned?: boolean;
  /** Its job is being started: there may be one whose handle is not known yet. */
  isStarting?: boolean;
  /** An earlier process, or call, may have started it. */
  mayBeStarted?: boolean;
  /** The job has come to its end: there is nothing to stop. */
  hasEnded?: boolean;
}

export class TaskEffects {
  readonly #ports: TaskEffectPorts;
  readonly #underway = new Map<string, Underway>();
  /** The same by execution. */
  readonly #underwayOf = new Map<string, Set<Underway>>();
  readonly #lanes = new Map<Connector, ConnectorLanes>();
  /** Cancelled tasks whose start has not been answered yet. */
  readonly #awaited = new Map<string, Underway>();
  readonly #room: TaskRoom;
  #stopped = false;

  constructor(ports: TaskEffectPorts) {
    this.#ports = ports;
    this.#room = new TaskRoom(ports.settings.queuedTasksMax, () => ports.roomAgain());
  }

  /** Tasks that are queued, running or being polled. */
  get size(): number {
    return this.#underway.size;
  }

  get room(): Pick<TaskRoom, "hasRoom" | "isHungry" | "roundEnded"> {
    return this.#room;
  }

  /** The answer to the start of a cancelled task is still awaited. */
  isAwaited(executionArn: string, taskId: number): boolean {
    return this.#awaited.has(keyOf(executionArn, taskId));
  }

  /** After the commit that asked for it. */
  start(live: LiveExecution, command: StartTask): void {
    this.#start(live, command, false);
  }

  #start(live: LiveExecution, command: StartTask, mayBeStarted: boolean): void {
    const key = keyOf(live.executionArn, command.taskId);
    if (this.#stopped || this.#underway.has(key)) return;
    const underway = newUnderway(live, command.taskId);
    underway.mayBeStarted = mayBeStarted;
    this.#add(key, underway);
    const request = this.#request(live, command);
    void this.#ports.work.during(this.#run(underway, request));
  }

  /**
   * After an execution came into memory: whatever it waits for is under way, and nothing else of it is. A commit whose
   * outcome was unknown may have cancelled a task without anybody being told: it has stored that its job is to be stopped.
   */
  ensure(live: LiveExecution): void {
    for (const underway of [...(this.#underwayOf.get(live.executionArn) ?? [])]) {
      if (live.tasks.has(underway.taskId)) continue;
      this.#abandon(underway);
      this.#ports.stops.look();
    }
    for (const { command, phase, handle } of live.sentTasks()) {
      if (command.kind !== "StartTask") continue;
      if (phase === "waiting") this.#start(live, command, true);
      else if (handle !== undefined) this.#resumePolling(live, command, handle);
    }
  }

  #resumePolling(live: LiveExecution, command: StartTask, handle: string): void {
    const { executionArn } = live;
    const { taskId } = command;
    const key = keyOf(executionArn, taskId);
    if (this.#stopped || this.#underway.has(key)) return;
    const underway = newUnderway(live, taskId);
    underway.handle = handle;
    this.#add(key, underway);
    this.#pollLater(underway, 0, 0);
  }

  /** The task no longer counts. */
  cancel(live: LiveExecution, cancelled: CancelledTask): void {
    const { command } = cancelled;
    if (command.kind !== "StartTask") return;
    const underway = this.#underway.get(keyOf(live.executionArn, command.taskId));
    if (underway !== undefined) this.#abandon(underway);
    const handle = underway?.handle ?? cancelled.handle;
    // The answer that is awaited will say what there is to stop.
    if ((handle === undefined && !mayHaveJob(command)) || this.isAwaited(live.executionArn, command.taskId)) return;
    const isThere = underway === undefined || (underway.hasEnded !== true && mayHaveBegun(underway));
    this.#settleJob(live.key, this.#request(live, command), isThere ? { handle } : undefined);
  }

  /** Nobody waits for the task any more: its job, if there may be one, is stopped. */
  #settleJob(
    key: ExecutionKey | undefined,
    request: TaskRequest,
    job: { readonly handle: string | undefined } | undefined,
  ): void {
    const { stops, clock } = this.#ports;
    const { taskId, executionArn } = request;
    if (key === undefined) return;
    if (job === undefined) stops.forget({ key, taskId }, executionArn);
    else stops.stop({ key, taskId, request, since: clock.now(), ...job });
  }

  async #run(underway: Underway, request: TaskRequest): Promise<void> {
    const outcome = await this.#startPatiently(underway, request);
    const isLost = outcome === undefined || underway.abort.signal.aborted || underway.isAbandoned === true;
    if (isLost) return this.#strayed(underway, request, outcome);
    if (outcome.kind === "submitted") await this.#submitted(underway, request, outcome);
    else {
      underway.isStarting = false;
      underway.hasEnded = true;
      await this.#finish(underway, outcome);
    }
  }

  /**
   * A connector that works on this very store is asked again when the store is away: that is no failure of the task.
   * `undefined`: cancelled, or left to a repetition.
   */
  async #startPatiently(underway: Underway, request: TaskRequest): Promise<TaskOutcome | undefined> {
    for (let attempt = 1; underway.isAbandoned !== true && !underway.abort.signal.aborted; attempt++) {
      try {
        return await this.#call(underway, request, false, async (connector, signal) => {
          underway.isStarting = mayHaveJob(request);
          return await connector.start(request, signal);
        });
      } catch (error) {
        if (error === NO_ROOM) {
          this.#forget(underway);
          return undefined;
        }
        underway.isStarting = false;
        underway.mayBeStarted = true;
        if (attempt >= RESULT_ATTEMPTS_MAX || this.#stopped) {
          this.#forget(underway);
          if (!this.#stopped) this.#giveUp(underway, error);
          return undefined;
        }
      }
      await this.#pause(Math.min(50 * 2 ** attempt, RESULT_PAUSE_MAX_MS));
    }
    return undefined;
  }

  /** What came back for a task that was cancelled meanwhile; a job must not be left running. */
  #strayed(underway: Underway, request: TaskRequest, outcome: TaskOutcome | undefined): void {
    underway.stopWaiting?.();
    const wasAwaited = this.#awaited.delete(keyOf(underway.executionArn, underway.taskId));
    if (underway.isDisowned === true || !(wasAwaited || outcome?.kind === "submitted")) return;
    const isAnswered = outcome !== undefined && (outcome.kind === "submitted" || !underway.abort.signal.aborted);
    const handle = outcome?.kind === "submitted" ? outcome.handle : undefined;
    const isThere = isAnswered ? handle !== undefined : mayHaveBegun(underway);
    this.#settleJob(underway.key, request, isThere ? { handle } : undefined);
  }

  /**
   * Calls the connector of a request when it is its turn. `undefined`: cancelled before. Rejects `StoreUnavailable` and,
   * but for what must enter, NO_ROOM.
   */
  async #call<T>(
    underway: Underway,
    request: TaskRequest,
    mustEnter: boolean,
    call: (connector: Connector, signal: AbortSignal) => Promise<T>,
  ): Promise<T | TaskOutcome | undefined> {
    const connector = this.#ports.router.connectorFor(request);
    if (connector === undefined) return nobodyPerforms(request, this.#ports.router.whyNobody?.(request.resource));
    underway.connector = connector;
    const lanes = this.#lanesOf(connector);
    const lane = connector.lane?.(request);
    if (!this.#room.enter(connector, lane, mustEnter)) throw NO_ROOM;
    const { signal } = underway.abort;
    const isTurn = await lanes.enter(lane, signal);
    this.#room.leave(connector, lane);
    if (!isTurn) return undefined;
    try {
      // The task may have been cancelled since it got its turn: then nothing is sent.
      if (signal.aborted) return undefined;
      return await call(connector, signal);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      if (!signal.aborted) this.#report(error, request);
      return { kind: "failed", error: "States.TaskFailed", cause: `The connector failed: ${messageOf(error)}` };
    } finally {
      lanes.leave(lane);
    }
  }

  #request(live: LiveExecution, command: StartTask): TaskRequest {
    const { executionArn, redriveCount, traceHeader } = live;
    const { enteredEventId } = command;
    const traced = traceHeader === undefined ? {} : { traceHeader };
    const traceparent = this.#ports.settings.traceparentOf?.({ executionArn, redriveCount, enteredEventId, ...traced });
    const request = taskRequestOf(live.start, command);
    return traceparent === undefined ? request : { ...request, traceparent };
  }

  #lanesOf(connector: Connector): ConnectorLanes {
    let lanes = this.#lanes.get(connector);
    if (lanes === undefined) {
      lanes = new ConnectorLanes(this.#ports.settings.connectorCallsMax);
      this.#lanes.set(connector, lanes);
    }
    return lanes;
  }

  async #submitted(
    underway: Underway,
    request: TaskRequest,
    outcome: Extract<TaskOutcome, { kind: "submitted" }>,
  ): Promise<void> {
    const { taskId } = request;
    const { output, handle } = outcome;
    const isWaitedFor = await this.#bringHome(underway, (live) => live.submit(taskId, output, handle));
    underway.isStarting = false;
    if (isWaitedFor !== true || underway.isAbandoned === true) {
      this.#forget(underway);
      // Where it could not be said, the task is started or polled again.
      if (isWaitedFor === false || underway.isAbandoned === true) this.#strayed(underway, request, outcome);
    } else if (handle === undefined || underway.connector?.poll === undefined) this.#forget(underway);
    else if (!underway.abort.signal.aborted) {
      underway.handle = handle;
      this.#pollLater(underway, POLL_FIRST_MS, 0);
    }
  }

  /** Polls after a wait of about `delayMs`; each wait is longer than the one before. */
  #pollLater(underway: Underway, delayMs: number, failures: number): void {
    const { clock, work } = this.#ports;
    underway.stopWaiting = clock.wakeAt(clock.now() + delayMs, () => {
      void work.during(this.#poll(underway, Math.max(delayMs, POLL_FIRST_MS), failures));
    });
  }

  async #poll(underway: Underway, delayMs: number, failures: number): Promise<void> {
    const { executionArn, taskId, handle, abort } = underway;
    const request = await this.#ports.loop
      .deliver(executionArn, (live) => {
        const command = live.tasks.get(taskId)?.command;
        return command?.kind === "StartTask" ? this.#request(live, command) : undefined;
      })
      .catch((error: unknown) => (error instanceof StoreUnavailable ? "later" : undefined));
    const next = Math.min(Math.round(delayMs * POLL_GROWTH), POLL_MAX_MS);
    if (abort.signal.aborted || this.#stopped) return;
    if (request === "later") return this.#pollLater(underway, next, failures);
    if (request === undefined || handle === undefined) return this.#forget(underway);
    let failed = 0;
    const outcome = await this.#call(underway, request, true, async (connector, signal) => {
      try {
        return await connector.poll?.(request, handle, signal);
      } catch (error) {
        if (error instanceof StoreUnavailable) return undefined;
        // A poll changes nothing: it is simply asked again, unless that goes on for too long.
        failed = failures + 1;
        if (failed >= POLL_FAILURES_MAX) throw error;
        return undefined;
      }
    });
    if (abort.signal.aborted || this.#stopped) return;
    if (outcome === undefined || outcome.kind === "submitted") return this.#pollLater(underway, next, failed);
    underway.hasEnded = true;
    await this.#finish(underway, outcome);
  }

  async #finish(underway: Underway, outcome: Exclude<TaskOutcome, { kind: "submitted" }>): Promise<void> {
    const { taskId } = underway;
    await this.#bringHome(underway, (live) => {
      if (!live.tasks.has(taskId)) return;
      if (outcome.kind === "succeeded") live.apply({ kind: "TaskSucceeded", taskId, output: outcome.output });
      else {
        const { kind: _, ...failure } = outcome;
        live.apply({ kind: "TaskFailed", taskId, ...failure });
      }
    });
    this.#forget(underway);
  }

  /** A result is worth more than the work behind it: it is tried for long when the store is away. */
  async #bringHome<T>(underway: Underway, decide: (live: LiveExecution) => T): Promise<T | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#ports.loop.deliver(underway.executionArn, decide);
      } catch (error) {
        const isWorthTrying = error instanceof StoreUnavailable && attempt < RESULT_ATTEMPTS_MAX && !this.#stopped;
        if (!isWorthTrying) {
          this.#giveUp(underway, error);
          return undefined;
        }
      }
      await this.#pause(Math.min(50 * 2 ** attempt, RESULT_PAUSE_MAX_MS));
    }
  }

  /** The result is lost: some time later the task is started or polled again, as after a restart. */
  #giveUp(underway: Underway, error: unknown): void {
    const { executionArn } = underway;
    const { settings, clock, lookThrough } = this.#ports;
    if (error instanceof NotOwned) {
      underway.isDisowned = true;
      return;
    }
    if (error instanceof ExecutionMissing) return;
    settings.onProblem(error, executionArn);
    clock.wakeAt(clock.now() + REPEAT_MS, lookThrough);
  }

  /** Time may pass meanwhile: this is no work under way. */
  async #pause(delayMs: number): Promise<void> {
    const { clock, work } = this.#ports;
    work.end();
    await new Promise<void>((resolve) => {
      clock.wakeAt(clock.now() + delayMs, resolve);
    });
    work.begin();
  }

  #add(key: string, underway: Underway): void {
    this.#underway.set(key, underway);
    const ofExecution = this.#underwayOf.get(underway.executionArn);
    if (ofExecution === undefined) this.#underwayOf.set(underway.executionArn, new Set([underway]));
    else ofExecution.add(underway);
  }

  /** A call that nobody waits for any more. When it submitted a job meanwhile, `#strayed` stops that. */
  #abandon(underway: Underway): void {
    this.#forget(underway);
    underway.isAbandoned = true;
    underway.stopWaiting?.();
    if (underway.isStarting !== true || underway.isDisowned === true) {
      underway.abort.abort();
      return;
    }
    const { clock, stops } = this.#ports;
    const key = keyOf(underway.executionArn, underway.taskId);
    this.#awaited.set(key, underway);
    underway.stopWaiting = clock.wakeAt(clock.now() + ANSWER_MS, () => {
      underway.abort.abort();
      // Who does not even say that it was broken off is waited for no longer.
      underway.stopWaiting = clock.wakeAt(clock.now() + ANSWER_MS, () => {
        if (this.#awaited.delete(key)) stops.look();
      });
    });
  }

  #forget(underway: Underway): void {
    const { executionArn, taskId } = underway;
    const key = keyOf(executionArn, taskId);
    if (this.#underway.get(key) === underway) this.#underway.delete(key);
    const ofExecution = this.#underwayOf.get(executionArn);
    ofExecution?.delete(underway);
    if (ofExecution?.size === 0) this.#underwayOf.delete(executionArn);
  }

  #report(error: unknown, request: TaskRequest): void {
    this.#ports.settings.onProblem(error, `${request.executionArn}, state ${request.stateName}`);
  }

  /** Executions went to another process, which starts their tasks again, or polls them. */
  disown(owns: (executionArn: string) => boolean): void {
    for (const underway of [...this.#underway.values()]) {
      if (owns(underway.executionArn)) continue;
      underway.isDisowned = true;
      this.#abandon(underway);
    }
  }

  /** Takes no more work; what is under way may end until `stop` is called. */
  quiesce(): void {
    this.#stopped = true;
    for (const underway of this.#underway.values()) underway.stopWaiting?.();
  }

  stop(): void {
    this.quiesce();
    for (const underway of [...this.#underway.values(), ...this.#awaited.values()]) underway.abort.abort();
    this.#underway.clear();
    this.#underwayOf.clear();
  }
}

function newUnderway({ executionArn, key }: LiveExecution, taskId: number): Underway {
  return { executionArn, key, taskId, abort: new AbortController() };
}

/** False only for what was never given to its connector. */
function mayHaveBegun({ handle, isStarting, mayBeStarted }: Underway): boolean {
  return handle !== undefined || isStarting === true || mayBeStarted === true;
}

function keyOf(executionArn: string, taskId: number): string {
  return `${executionArn}#${taskId}`;
}

function nobodyPerforms(request: TaskRequest, why: string | undefined): TaskOutcome {
  const cause = `No connector performs the resource ${request.resource.arn}`;
  return { kind: "failed", error: "States.TaskFailed", cause: why === undefined ? cause : `${cause}: ${why}` };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
