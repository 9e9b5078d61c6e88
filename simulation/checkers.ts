/** The invariants of the design (design.md §2), checked on what was really committed. Numbers are the design's. */
import {
  type HistoryEvent,
  holdsToken,
  outstandingCommands,
  parseTaskToken,
  restoreSnapshot,
  type StateMachine,
} from "@stepwell/core";
import type { ExecutionCommit, ExecutionStore, HistoryChunk, TaskRequest } from "@stepwell/engine";
import { decodeHistory } from "@stepwell/engine/testing";

export class Violation extends Error {
  override readonly name = "Violation";

  constructor(invariant: number, what: string) {
    super(`invariant ${invariant}: ${what}`);
  }
}

export function must(condition: boolean, invariant: number, what: string): void {
  if (!condition) throw new Violation(invariant, what);
}

interface Known {
  readonly input: string;
  readonly machine: StateMachine;
  readonly start: Parameters<typeof restoreSnapshot>[1];
  readonly chunks: HistoryChunk[];
  readonly events: HistoryEvent[];
  readonly parts: Map<number, string>;
  version: number;
  ended: ExecutionCommit["end"];
}

export class Checkers {
  readonly executions: Map<string, Known> = new Map();
  readonly #machines: (arn: string) => StateMachine;
  /** Tasks that a commit asked for. */
  readonly #askedFor = new Set<string>();
  /** Tasks whose submission is committed. */
  readonly #submitted = new Set<string>();

  constructor(machines: (stateMachineArn: string) => StateMachine) {
    this.#machines = machines;
  }

  /** Each commit, as it was written. */
  committed(batch: readonly ExecutionCommit[]): void {
    for (const commit of batch) this.#one(commit);
  }

  #one(commit: ExecutionCommit): void {
    const { executionArn, over } = commit;
    if (over.kind === "create") {
      must(!this.executions.has(executionArn), 4, `${executionArn} was created twice`);
      const machine = this.#machines(over.start.stateMachineArn);
      const base = { chunks: [], events: [], parts: new Map(), version: 0, ended: undefined };
      this.executions.set(executionArn, { input: over.start.input, machine, start: over.start, ...base });
    }
    const known = this.#known(executionArn);
    if (over.kind === "advance")
      must(over.version === known.version, 4, `${executionArn} was written over another version`);
    const mayChange = known.ended === undefined || commit.redrive !== undefined;
    must(mayChange, 4, `${executionArn} was changed after its end`);
    known.version += 1;
    this.#history(commit, known);
    for (const { part, json } of commit.parts) {
      if (json === null) known.parts.delete(part);
      else known.parts.set(part, json);
    }
    known.ended = commit.end;
    for (const { taskId } of commit.tasksSubmitted) this.#submitted.add(`${executionArn}#${taskId}`);
    if (commit.end === undefined) this.#running(commit, known);
  }

  #history({ executionArn, history, lastEventId, end }: ExecutionCommit, known: Known): void {
    for (const chunk of history) {
      for (const event of decodeHistory(chunk, { input: known.input, output: end?.output })) {
        must(
          event.id === known.events.length + 1,
          3,
          `${executionArn}: event ${event.id} follows ${known.events.length}`,
        );
        must(event.previousEventId < event.id, 3, `${executionArn}: event ${event.id} is linked to a later one`);
        known.events.push(event);
      }
      known.chunks.push(chunk);
    }
    must(
      lastEventId === known.events.length,
      2,
      `${executionArn}: last event ${lastEventId} of ${known.events.length}`,
    );
  }

  /** Snapshot, timers and tasks of one commit belong together, and a parked execution says what it waits for. */
  #running(commit: ExecutionCommit, known: Known): void {
    const { executionArn } = commit;
    const parts = [...known.parts].map(([part, json]) => ({ part, json }));
    const snapshot = restoreSnapshot(known.machine, known.start, parts);
    const commands = outstandingCommands(known.machine, snapshot);
    const timers = commands.filter((command) => command.kind === "SetTimer").map((command) => command.at);
    const earliest = timers.length === 0 ? undefined : Math.min(...timers);
    if (commit.wakeAt !== undefined) {
      must(
        (commit.wakeAt ?? undefined) === earliest,
        2,
        `${executionArn}: wakes at ${commit.wakeAt}, its timers say ${earliest}`,
      );
    }
    for (const command of commands) {
      if (command.kind !== "StartTask" && command.kind !== "ScheduleActivity") continue;
      this.#askedFor.add(command.taskToken);
      const token = parseTaskToken(command.taskToken);
      const holds = token !== undefined && holdsToken(snapshot, token.taskId, token.nonce);
      must(holds, 5, `${executionArn}: a task is waited for by a token that nobody holds`);
    }
  }

  #known(executionArn: string): Known {
    const known = this.executions.get(executionArn);
    if (known === undefined) throw new Violation(4, `${executionArn} is changed but was never created`);
    return known;
  }

  hasEnded(executionArn: string): boolean {
    return this.#known(executionArn).ended !== undefined;
  }

  /** A connector is asked to start a task. */
  taskStarts(request: TaskRequest): void {
    const { executionArn, taskId, taskToken } = request;
    must(this.#askedFor.has(taskToken), 1, `${executionArn}: task ${taskId} is started before its commit`);
    const submitted = this.#submitted.has(`${executionArn}#${taskId}`);
    must(!submitted, 4, `${executionArn}: task ${taskId} is started again after its job was submitted`);
  }

  /** What the store says now is what was ever committed: nothing that was shown has changed. */
  async historyIsKept(store: ExecutionStore, executionArn: string): Promise<void> {
    const known = this.#known(executionArn);
    const chunks = await store.history(executionArn, { from: 1, limit: 100_000, reverse: false });
    must(JSON.stringify(chunks) === JSON.stringify(known.chunks), 3, `${executionArn}: its history has changed`);
  }

  /** What was announced is what happened: nothing of a commit that was not written, nothing twice, nothing left out. */
  async outboxIsWhole(store: ExecutionStore): Promise<void> {
    const announced = Map.groupBy(
      (await store.announcements(1_000_000)).map(({ text }) => text),
      (text) => text.slice(0, text.lastIndexOf("#")),
    );
    for (const [executionArn, { events }] of this.executions) {
      const told = (announced.get(executionArn) ?? []).join();
      const happened = statusChanges(executionArn, events).join();
      must(told === happened, 2, `${executionArn}: ${told} was announced, ${happened} happened`);
    }
  }

  /** After the run: each result counted once, no timer early. */
  atTheEnd(executionArn: string): void {
    const { events } = this.#known(executionArn);
    const results = new Map<number, string>();
    for (const event of events) {
      if (!/^(Task|LambdaFunction|Activity)(Succeeded|Failed|TimedOut)$/.test(event.type)) continue;
      const scheduled = scheduledBefore(events, event);
      const first = results.get(scheduled);
      must(first === undefined, 5, `${executionArn}: the task of event ${scheduled} has ${first} and ${event.type}`);
      results.set(scheduled, event.type);
    }
    for (const event of events) if (event.type === "WaitStateExited") this.#waitedLongEnough(executionArn, event);
  }

  #waitedLongEnough(executionArn: string, exited: HistoryEvent): void {
    const { events, machine } = this.#known(executionArn);
    const entered = events[exited.previousEventId - 1];
    const state = machine.states.get(String(exited.details?.["name"]));
    if (entered === undefined || state?.type !== "Wait" || state.until.kind !== "seconds") return;
    const due = entered.timestamp + Number(state.until.seconds.literal) * 1_000;
    must(
      exited.timestamp >= due,
      6,
      `${executionArn}: event ${exited.id} left its Wait ${due - exited.timestamp} ms early`,
    );
  }
}

/** The events that change an execution's status, by name. */
export function statusChanges(executionArn: string, events: readonly HistoryEvent[]): string[] {
  return events.flatMap(({ id, type }) =>
    /^Execution(Started|Redriven|Succeeded|Failed|Aborted|TimedOut)$/.test(type) ? [`${executionArn}#${id}`] : [],
  );
}

/** Follows the chain back to the event that scheduled a task. */
function scheduledBefore(events: readonly HistoryEvent[], result: HistoryEvent): number {
  let event: HistoryEvent | undefined = result;
  while (event !== undefined && !event.type.endsWith("Scheduled")) event = events[event.previousEventId - 1];
  if (event === undefined) throw new Violation(3, `event ${result.id} has no Scheduled before it`);
  return event.id;
}
