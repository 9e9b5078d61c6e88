/**
 * One running execution in memory: its snapshot, what it waits for, and what was decided since the last commit.
 *
 * L1. Nothing decided here is seen outside before `committed` is called (design invariants 1 and 2).
 * L2. History ids follow each other without a gap (design invariant 3).
 * L3. `timers` and `tasks` are what the snapshot waits for; they are derived from its commands and can be derived again.
 */
import {
  AllowanceSpent,
  adoptChanges,
  type Command,
  commandOfTask,
  type EndExecution,
  type EpochMs,
  type ExecutionEvent,
  type ExecutionLimits,
  type ExecutionStart,
  type Facts,
  type HistoryEvent,
  holdsToken,
  outstandingCommands,
  restoreSnapshot,
  type ScheduleActivity,
  type Snapshot,
  type StartMapRun,
  type StartTask,
  type StateMachine,
  type Step,
  startExecution,
  takeChanges,
  transition,
  type WaitingBranch,
  waitingBranches,
} from "@stepwell/core";
import { encodeHistory } from "../history/history-chunk.ts";
import type { ExecutionCommit, ExecutionKey, LoadedExecution, SubmittedTask } from "../ports/store.ts";
import type { AskedTransition, PreparedTransition } from "../ports/work-threads.ts";
import { assert, BrokenInvariant } from "./assert.ts";
import { changeOf } from "./committed-change.ts";
import type { CommittedChange } from "./engine-options.ts";
import type { LongDecisions } from "./long-decisions.ts";
import { type Consequences, Uncommitted } from "./uncommitted.ts";

/** What a transition may know of the world, and its bounds. */
export interface DecisionContext {
  readonly limits: ExecutionLimits;
  now(): EpochMs;
  facts(missingActivities: ReadonlySet<string> | undefined): Facts;
  /** Absent: every decision is made here, however long it takes. */
  readonly long?: LongDecisions | undefined;
  /** What is told outside of a change that is about to be committed; absent: nothing. */
  readonly announcementsOf?: ((change: CommittedChange) => readonly string[]) | undefined;
}

/** A task the execution waits for. */
export interface LiveTask {
  readonly command: StartTask | ScheduleActivity;
  /** "waiting": to be started, or under way. "submitted": accepted elsewhere. "taken": by an activity worker. */
  readonly phase: "waiting" | "submitted" | "taken";
  readonly handle?: string;
}

const NONE_PREPARED: readonly PreparedTransition[] = [];

export class LiveExecution {
  readonly start: ExecutionStart;
  readonly revisionKey: string;
  readonly machine: StateMachine;
  readonly traceHeader: string | undefined;
  readonly timers: Map<string, EpochMs> = new Map();
  readonly tasks: Map<number, LiveTask> = new Map();
  readonly mapRuns: Map<number, StartMapRun> = new Map();
  /** Activities its definition names that do not exist; set before each decision. */
  missingActivities: ReadonlySet<string> | undefined;
  readonly #context: DecisionContext;
  readonly #partCharacters = new Map<number, number>();
  #snapshot: Snapshot;
  #key: ExecutionKey | undefined;
  #version = 0;
  #lastEventId = 0;
  #isRunning = true;
  #stopDate: EpochMs | undefined;
  #redriveCount = 0;
  #redriveDate: EpochMs | undefined;
  #storedWakeAt: EpochMs | undefined;
  #storedOutstanding = 0;
  #changes = new Uncommitted();
  /** Since the last commit, the last of them perhaps given up. */
  #asked: AskedTransition[] = [];
  #prepared: readonly PreparedTransition[] = NONE_PREPARED;
  #characters: number;

  private constructor(
    context: DecisionContext,
    machine: StateMachine,
    begun: Pick<LoadedExecution, "start" | "revisionKey" | "traceHeader">,
    snapshot: Snapshot,
  ) {
    this.#context = context;
    this.machine = machine;
    this.start = begun.start;
    this.revisionKey = begun.revisionKey;
    this.traceHeader = begun.traceHeader;
    this.#snapshot = snapshot;
    this.#characters = begun.start.input.length;
  }

  /** Decides the first transition of a new execution; one that takes too long up to the first state: it goes on at once. */
  static begin(
    context: DecisionContext,
    machine: StateMachine,
    begun: Pick<LoadedExecution, "start" | "revisionKey" | "traceHeader">,
    facts: Facts,
  ): LiveExecution {
    const step = firstStep(machine, begun.start, facts, context.limits);
    const live = new LiveExecution(context, machine, begun, step.snapshot);
    live.#absorb(step.history, step.commands, facts.now);
    return live;
  }

  static restore(context: DecisionContext, machine: StateMachine, loaded: LoadedExecution): LiveExecution {
    const snapshot = restoreSnapshot(machine, loaded.start, loaded.parts);
    const live = new LiveExecution(context, machine, loaded, snapshot);
    live.#key = loaded.key;
    live.#version = loaded.version;
    live.#lastEventId = loaded.lastEventId;
    live.#isRunning = loaded.status === "RUNNING";
    live.#stopDate = loaded.stopDate;
    live.#redriveCount = loaded.redriveCount;
    live.#redriveDate = loaded.redriveDate;
    live.#storedWakeAt = loaded.wakeAt;
    for (const { part, json } of loaded.parts) live.#countPart(part, json.length);
    if (live.#isRunning) live.#derive(loaded.submittedTasks);
    live.#storedOutstanding = live.#outstanding();
    return live;
  }

  #derive(submittedTasks: readonly SubmittedTask[]): void {
    for (const command of outstandingCommands(this.machine, this.#snapshot)) {
      if (command.kind === "SetTimer") this.timers.set(command.timerId, command.at);
      else if (command.kind === "StartMapRun") this.mapRuns.set(command.taskId, command);
      else if (command.kind === "StartTask" || command.kind === "ScheduleActivity") {
        this.tasks.set(command.taskId, { command, phase: "waiting" });
      }
    }
    for (const { taskId, handle } of submittedTasks) {
      const command = commandOfTask(this.machine, this.#snapshot, taskId);
      if (command === undefined) continue;
      this.tasks.set(taskId, { command, phase: "submitted", ...(handle === undefined ? {} : { handle }) });
    }
  }

  get executionArn(): string {
    return this.start.executionArn;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get stopDate(): EpochMs | undefined {
    return this.#stopDate;
  }

  get redriveCount(): number {
    return this.#redriveCount;
  }

  get redriveDate(): EpochMs | undefined {
    return this.#redriveDate;
  }

  get lastEventId(): number {
    return this.#lastEventId;
  }

  /** Absent before its first commit. */
  get key(): ExecutionKey | undefined {
    return this.#key;
  }

  /** About how much memory it takes. */
  get characters(): number {
    return this.#characters;
  }

  /** When its earliest timer is due. */
  get wakeAt(): EpochMs | undefined {
    let earliest: EpochMs | undefined;
    for (const at of this.timers.values()) if (earliest === undefined || at < earliest) earliest = at;
    return earliest;
  }

  /** Tasks whose start was committed: what may be under way. */
  *sentTasks(): Iterable<LiveTask> {
    for (const [taskId, task] of this.tasks) if (!this.#changes.isUnsent(taskId)) yield task;
  }

  *begunMapRuns(): Iterable<StartMapRun> {
    for (const [taskId, command] of this.mapRuns) if (!this.#changes.isUnsent(taskId)) yield command;
  }

  awaitsMapRun(mapRunArn: string): boolean {
    return [...this.mapRuns.values()].some((command) => command.mapRunArn === mapRunArn);
  }

  waiting(): WaitingBranch[] {
    return this.#isRunning ? waitingBranches(this.machine, this.#snapshot) : [];
  }

  holdsToken(taskId: number, nonce: string): boolean {
    return this.#isRunning && holdsToken(this.#snapshot, taskId, nonce);
  }

  /** Nothing was decided since the last commit. */
  get isAsCommitted(): boolean {
    return this.#asked.length === 0;
  }

  /** What was decided since `version` was committed, for whoever is to decide it elsewhere. */
  get asked(): { readonly version: number; readonly transitions: readonly AskedTransition[] } {
    return { version: this.#version, transitions: this.#asked };
  }

  /** The next transitions, in order, as far as they are asked for: what is asked for otherwise is decided here. */
  prepare(transitions: readonly PreparedTransition[]): void {
    this.#prepared = transitions;
  }

  #takePrepared(event: ExecutionEvent): PreparedTransition | undefined {
    const [next, ...others] = this.#prepared;
    if (next === undefined) return undefined;
    const isSame = sameEvent(next.event, event);
    this.#prepared = isSame ? others : NONE_PREPARED;
    return isSame ? next : undefined;
  }

  /** Throws AllowanceSpent: then the execution is to be thrown away, and loaded again. */
  apply(event: ExecutionEvent): void {
    assert(this.#isRunning, `${this.executionArn} must be running when ${event.kind} comes`);
    const prepared = this.#takePrepared(event);
    const facts = prepared?.facts ?? this.#context.facts(this.missingActivities);
    this.#asked.push({ event, facts });
    const step = prepared ?? transition(this.machine, this.#snapshot, event, facts, this.#context.limits);
    if ("snapshot" in step) this.#snapshot = step.snapshot;
    else adoptChanges(this.#snapshot, step.changes);
    if (event.kind === "TaskSucceeded" || event.kind === "TaskFailed") this.#settle(event.taskId);
    if (event.kind === "MapRunSucceeded" || event.kind === "MapRunFailed") this.mapRuns.delete(event.taskId);
    this.#absorb(step.history, step.commands, facts.now);
  }

  /** Fires what is due now, in order of time and of setting. */
  fireDueTimers(): void {
    const now = this.#context.now();
    const due = [...this.timers].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
    const wasPrepared = this.#prepared.length > 0;
    for (const [timerId, at] of due) {
      // What was not decided elsewhere has its own turn: it may take as long.
      if (wasPrepared && this.#prepared.length === 0) return;
      // One that fired before may have taken this one back, or moved it.
      if (this.timers.get(timerId) !== at) continue;
      this.timers.delete(timerId);
      this.apply({ kind: "TimerFired", timerId });
    }
  }

  /** The API behind a `.sync` or `.waitForTaskToken` task answered. False when the task no longer counts. */
  submit(taskId: number, output: string, handle: string | undefined): boolean {
    const task = this.tasks.get(taskId);
    if (task === undefined || !this.#isRunning) return false;
    this.apply({ kind: "TaskSubmitted", taskId, output });
    const submitted = handle === undefined ? { taskId } : { taskId, handle };
    this.tasks.set(taskId, { command: task.command, phase: "submitted", ...(handle === undefined ? {} : { handle }) });
    this.#changes.submit(submitted);
    return true;
  }

  /** A worker takes an activity task. `undefined` when it is not there to be taken; then it leaves its queue. */
  take(taskId: number, workerName: string | undefined): ScheduleActivity | undefined {
    // It has left its queue with the end of the execution.
    if (!this.#isRunning) return undefined;
    const task = this.tasks.get(taskId);
    this.#changes.dequeue(taskId);
    if (task?.phase !== "waiting" || task.command.kind !== "ScheduleActivity") return undefined;
    this.tasks.set(taskId, { command: task.command, phase: "taken" });
    this.apply({ kind: "ActivityStarted", taskId, ...(workerName === undefined ? {} : { workerName }) });
    return task.command;
  }

  redrive(clientToken: string | undefined): EpochMs {
    assert(!this.#isRunning, `${this.executionArn} must have ended to be redriven`);
    const redriveDate = this.#prepared[0]?.facts.now ?? this.#context.now();
    const redriveCount = this.#redriveCount + 1;
    this.#isRunning = true;
    this.#stopDate = undefined;
    this.#redriveCount = redriveCount;
    this.#redriveDate = redriveDate;
    this.#changes.redrive = { redriveCount, redriveDate, ...(clientToken === undefined ? {} : { clientToken }) };
    this.apply({ kind: "Redriven", redriveCount });
    return redriveDate;
  }

  #absorb(history: readonly HistoryEvent[], commands: readonly Command[], now: EpochMs): void {
    for (const event of history) {
      if (event.id !== this.#lastEventId + 1) {
        throw new BrokenInvariant(`history id ${event.id} must follow ${this.#lastEventId}`);
      }
      this.#lastEventId = event.id;
      this.#changes.history.push(event);
    }
    for (const command of commands) this.#obey(command, now);
  }

  #obey(command: Command, now: EpochMs): void {
    const changes = this.#changes;
    switch (command.kind) {
      case "SetTimer":
        this.timers.delete(command.timerId);
        this.timers.set(command.timerId, command.at);
        return;
      case "ClearTimer":
        this.timers.delete(command.timerId);
        return;
      case "StartTask":
        this.tasks.set(command.taskId, { command, phase: "waiting" });
        changes.start(command);
        return;
      case "ScheduleActivity":
        this.tasks.set(command.taskId, { command, phase: "waiting" });
        changes.queue(command);
        return;
      case "CancelTask":
        this.#cancel(command.taskId);
        return;
      case "StartMapRun":
        this.mapRuns.set(command.taskId, command);
        changes.startMapRun(command);
        return;
      case "CancelMapRun":
        this.mapRuns.delete(command.taskId);
        changes.cancelMapRun(command);
        return;
      case "EndExecution":
        this.#end(command, now);
        return;
    }
  }

  #end(command: EndExecution, now: EpochMs): void {
    const { kind: _, ...end } = command;
    for (const taskId of [...this.tasks.keys()]) this.#cancel(taskId);
    this.timers.clear();
    this.mapRuns.clear();
    this.#isRunning = false;
    this.#stopDate = now;
    this.#changes.end = { ...end, stopDate: now };
  }

  #cancel(taskId: number): void {
    const task = this.tasks.get(taskId);
    // One that was never sent out needs no stopping.
    const wasSent = !this.#changes.isUnsent(taskId);
    this.#settle(taskId);
    if (task === undefined || !wasSent || task.command.kind !== "StartTask") return;
    this.#changes.cancel({
      command: task.command,
      ...(task.handle === undefined ? {} : { handle: task.handle }),
    });
  }

  /** The execution no longer waits for a task. */
  #settle(taskId: number): void {
    const task = this.tasks.get(taskId);
    if (task === undefined) return;
    this.tasks.delete(taskId);
    this.#changes.unstart(taskId);
    if (task.phase === "submitted") this.#changes.settle(taskId);
    if (task.command.kind === "ScheduleActivity" && task.phase === "waiting") this.#changes.dequeue(taskId);
  }

  #outstanding(): number {
    let count = this.mapRuns.size;
    for (const { command, phase, handle } of this.tasks.values()) {
      if (command.kind === "StartTask" && (phase === "waiting" || handle !== undefined)) count += 1;
    }
    return count;
  }

  /** What the commit of all that was decided since the last one writes; `undefined` when that is nothing. */
  commit(): ExecutionCommit | undefined {
    const changes = this.#changes;
    const parts = takeChanges(this.#snapshot);
    const isNew = this.#key === undefined;
    const wakeAt = this.wakeAt;
    if (!isNew && parts.length === 0 && wakeAt === this.#storedWakeAt && changes.isEmpty) {
      this.#asked = [];
      return undefined;
    }
    for (const { part, json } of parts) this.#countPart(part, json?.length);
    const base = {
      executionArn: this.executionArn,
      over: this.#over(),
      lastEventId: this.#lastEventId,
      history: encodeHistory(changes.history, { input: this.start.input, output: changes.end?.output }),
      parts,
      ...changes.taskChanges(),
    };
    const { end, redrive } = changes;
    const ending = end === undefined ? this.#waitChanges(wakeAt) : { end };
    const announcements = this.#announcements(isNew);
    const jobsToStop = changes.jobsToStop(this.start, this.#context.now());
    return {
      ...base,
      ...ending,
      ...(redrive === undefined ? {} : { redrive }),
      ...(announcements.length === 0 ? {} : { announcements }),
      ...(jobsToStop.length === 0 ? {} : { jobsToStop }),
    };
  }

  #announcements(isNew: boolean): readonly string[] {
    const { announcementsOf } = this.#context;
    if (announcementsOf === undefined) return [];
    const { history, end, redrive } = this.#changes;
    const change = { history, end, started: isNew, redriven: redrive !== undefined };
    return announcementsOf(changeOf(this, change, this.#context.now()));
  }

  #over(): ExecutionCommit["over"] {
    if (this.#key !== undefined) return { kind: "advance", key: this.#key, version: this.#version };
    const { start, revisionKey, traceHeader } = this;
    return traceHeader === undefined
      ? { kind: "create", start, revisionKey }
      : { kind: "create", start, revisionKey, traceHeader };
  }

  #waitChanges(wakeAt: EpochMs | undefined): Pick<ExecutionCommit, "wakeAt" | "outstandingTasks"> {
    const outstandingTasks = this.#outstanding();
    return {
      ...(wakeAt === this.#storedWakeAt ? {} : { wakeAt: wakeAt ?? null }),
      ...(outstandingTasks === this.#storedOutstanding ? {} : { outstandingTasks }),
    };
  }

  /** The commit is durable: what it asks for may be done now. */
  committed(key: ExecutionKey): Consequences {
    const consequences = this.#changes.consequences(this.#key === undefined);
    this.#changes = new Uncommitted();
    this.#asked = [];
    this.#prepared = NONE_PREPARED;
    this.#key = key;
    this.#version += 1;
    this.#storedWakeAt = this.#isRunning ? this.wakeAt : undefined;
    this.#storedOutstanding = this.#isRunning ? this.#outstanding() : 0;
    return consequences;
  }

  #countPart(part: number, characters: number | undefined): void {
    this.#characters += (characters ?? 0) - (this.#partCharacters.get(part) ?? 0);
    if (characters === undefined) this.#partCharacters.delete(part);
    else this.#partCharacters.set(part, characters);
  }
}

/** Up to the first state nothing is evaluated, and whoever started the execution gets an answer. */
function firstStep(machine: StateMachine, start: ExecutionStart, facts: Facts, limits: ExecutionLimits): Step {
  try {
    return startExecution(machine, start, facts, limits);
  } catch (error) {
    if (!(error instanceof AllowanceSpent)) throw error;
    return startExecution(machine, start, facts, { ...limits, statesPerTransitionMax: 0 });
  }
}

/** Their members are texts and numbers. */
function sameEvent(one: ExecutionEvent, other: ExecutionEvent): boolean {
  const members = Object.entries(one);
  const others = new Map<string, unknown>(Object.entries(other));
  return members.length === others.size && members.every(([name, value]) => others.get(name) === value);
}
