/** Drives the core alone, in virtual time, for tests: performs timers, answers tasks from a script, checks I3 of snapshots. */
import { parseStateMachine } from "../definition/parse-state-machine.ts";
import type { FlowLanguage, StateMachineType } from "../definition/state-machine.ts";
import type { Json } from "../json.ts";
import type { Command, StartMapRun, StartTask } from "./command.ts";
import type { ExecutionEvent } from "./execution-event.ts";
import type { HistoryEvent } from "./history-event.ts";
import { type ExecutionLimits, STRICT_LIMITS } from "./limits.ts";
import { type ExecutionStart, restoreSnapshot, type Snapshot, takeChanges } from "./snapshot.ts";
import { type StepResult, startExecution, transition } from "./transition.ts";

export type Answer =
  | { readonly output: Json }
  | { readonly error: string; readonly cause?: string }
  /** Nobody answers: the task waits. */
  | "silence";

export interface DriveOptions {
  readonly type?: StateMachineType;
  /** The definition was compiled from a flow. */
  readonly flow?: FlowLanguage;
  readonly answer?: (task: StartTask, attempt: number) => Answer;
  readonly limits?: Partial<ExecutionLimits>;
  readonly start?: number;
  /** More of how it begins: a fork. */
  readonly begin?: Partial<ExecutionStart>;
  /** Restores the snapshot from its stored parts after every step. */
  readonly restart?: boolean;
}

const EPOCH: number = 1_769_860_800_000;

export class Drive {
  readonly history: HistoryEvent[] = [];
  readonly timers: Map<string, number> = new Map();
  readonly tasks: Map<number, StartTask> = new Map();
  readonly activities: Map<number, Extract<Command, { kind: "ScheduleActivity" }>> = new Map();
  readonly mapRuns: Map<number, StartMapRun> = new Map();
  readonly cancelled: number[] = [];
  readonly parts: Map<number, string> = new Map();
  ended: Extract<Command, { kind: "EndExecution" }> | undefined;
  now: number;
  snapshot: Snapshot;
  readonly #machine;
  readonly #options: DriveOptions;
  readonly #limits: ExecutionLimits;
  readonly #start: ExecutionStart;
  #seed = 0;
  #answered = 0;

  constructor(definition: unknown, input: Json = {}, options: DriveOptions = {}) {
    const type = options.type ?? "STANDARD";
    const parsed = parseStateMachine(JSON.stringify(definition), { type, flow: options.flow });
    if (!parsed.ok)
      throw new Error(parsed.diagnostics.map((d) => `${d.code}: ${d.message} at ${d.location}`).join("\n"));
    this.#machine = parsed.machine;
    this.#options = options;
    this.#limits = { ...STRICT_LIMITS, ...options.limits };
    this.now = options.start ?? EPOCH;
    this.#start = {
      executionArn: "arn:aws:states:us-east-1:123456789012:execution:machine:run",
      executionName: "run",
      type,
      stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:machine",
      stateMachineName: "machine",
      roleArn: "arn:aws:iam::123456789012:role/r",
      startedAt: this.now,
      input: JSON.stringify(input),
      ...options.begin,
    };
    const first = startExecution(this.#machine, this.#start, this.#facts(), this.#limits);
    this.snapshot = first.snapshot;
    this.#perform(first);
  }

  apply(event: ExecutionEvent): StepResult {
    const result = transition(this.#machine, this.snapshot, event, this.#facts(), this.#limits);
    this.#perform(result);
    return result;
  }

  /** Answers tasks and lets time pass until the execution ends or only waits for what nobody will do. */
  run(stepsMax = 10_000): this {
    for (let i = 0; i < stepsMax && this.ended === undefined; i++) {
      if (!this.#answerOne() && !this.#wakeOne()) return this;
    }
    return this;
  }

  /** `type` of each event with what it is linked to: "3 TaskScheduled<2". */
  get chain(): string[] {
    return this.history.map((event) => `${event.id} ${event.type}<${event.previousEventId}`);
  }

  get types(): string[] {
    return this.history.map((event) => event.type);
  }

  get output(): Json | undefined {
    return this.ended?.output === undefined ? undefined : (JSON.parse(this.ended.output) as Json);
  }

  #facts() {
    this.#seed += 1;
    return { now: this.now, seed: this.#seed.toString(16).padStart(32, "0") };
  }

  #answerOne(): boolean {
    for (const [taskId, task] of this.tasks) {
      const answer = this.#options.answer?.(task, ++this.#answered) ?? "silence";
      this.tasks.delete(taskId);
      if (answer === "silence") continue;
      if ("error" in answer) this.apply({ kind: "TaskFailed", taskId, ...answer });
      else this.apply({ kind: "TaskSucceeded", taskId, output: JSON.stringify(answer.output) });
      return true;
    }
    return false;
  }

  #wakeOne(): boolean {
    const [first] = [...this.timers].sort((a, b) => a[1] - b[1]);
    if (first === undefined) return false;
    const [timerId, at] = first;
    this.now = Math.max(this.now, at);
    this.timers.delete(timerId);
    this.apply({ kind: "TimerFired", timerId });
    return true;
  }

  #perform(result: StepResult): void {
    this.history.push(...result.history);
    for (const command of result.commands) this.#performOne(command);
    for (const { part, json } of takeChanges(result.snapshot)) {
      if (json === null) this.parts.delete(part);
      else this.parts.set(part, json);
    }
    if (this.#options.restart === true && this.ended === undefined) {
      const parts = [...this.parts].map(([part, json]) => ({ part, json }));
      this.snapshot = restoreSnapshot(this.#machine, this.#start, parts);
    }
  }

  #performOne(command: Command): void {
    switch (command.kind) {
      case "SetTimer":
        this.timers.set(command.timerId, command.at);
        break;
      case "ClearTimer":
        this.timers.delete(command.timerId);
        break;
      case "StartTask":
        this.tasks.set(command.taskId, command);
        break;
      case "ScheduleActivity":
        this.activities.set(command.taskId, command);
        break;
      case "StartMapRun":
        this.mapRuns.set(command.taskId, command);
        break;
      case "CancelMapRun":
        this.mapRuns.delete(command.taskId);
        this.cancelled.push(command.taskId);
        break;
      case "CancelTask":
        this.tasks.delete(command.taskId);
        this.cancelled.push(command.taskId);
        break;
      case "EndExecution":
        this.ended = command;
        this.timers.clear();
        break;
    }
  }
}
