/**
 * The memory of a running execution: a head and a tree of branches, each stored as one part, so that a commit writes
 * only what changed. Branch 1 is the top level; a Parallel's branches and a Map's iterations are children of the branch
 * whose current state they belong to.
 *
 * I1. Part 0 is the head; part n is branch n. A part that did not change since the last `takeChanges` is not written.
 * I2. What can be derived from the branches (running counts, the next index of a Map) is not stored.
 * I3. Stored parts are plain JSON with a format number in the head; older formats are read, never written.
 */
import type { StateMachine } from "../definition/state-machine.ts";
import type { EpochMs, Json, JsonObject } from "../json.ts";
import { assert } from "./assert.ts";
import type { MapRunPlan } from "./map-run-plan.ts";
import { NewerFormat } from "./newer-format.ts";
import type { Payload } from "./payload.ts";

const SNAPSHOT_FORMAT = 1;
export const ROOT_BRANCH = 1;
const HEAD_PART = 0;

/** What never changes in an execution; the engine keeps it with the execution and gives it back to `restoreSnapshot`. */
export interface ExecutionStart {
  readonly executionArn: string;
  readonly executionName: string;
  readonly type: "STANDARD" | "EXPRESS";
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  readonly startedAt: EpochMs;
  /** JSON text, as the caller wrote it. */
  readonly input: string;
  readonly stateMachineVersionArn?: string;
  readonly stateMachineAliasArn?: string;
  /** Of the run whose child it is. */
  readonly mapRunArn?: string;
  readonly forkOf?: ForkOrigin;
  /** JSON text of the `ForkContext`; of forks alone. */
  readonly forkContext?: string;
}

/** Where a fork begins in its original: a state that was entered there. */
export interface ForkOrigin {
  readonly executionArn: string;
  /** Id of the original's …StateEntered event. */
  readonly eventId: number;
  readonly stateName: string;
}

export type ExecutionEnd = "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

export interface Head {
  format: number;
  status: "RUNNING" | ExecutionEnd;
  nextEventId: number;
  /** Of an execution of a flow: how many more events there are than its history tells. */
  untoldEvents?: number;
  nextBranchId: number;
  nextTaskId: number;
  variableBytes: number;
  redriveCount: number;
  redrivenAt?: EpochMs;
  /** Name of the deleted state machine: the execution fails at its next transition. */
  machineDeleted?: string;
  /** Id of the event that ended the execution. */
  endEventId?: number;
}

/** Why a branch does not go on by itself. Every parked branch has one (design invariant 10). */
export type Wait =
  | { readonly kind: "timer"; readonly at: EpochMs; readonly since: EpochMs }
  | { readonly kind: "retry"; readonly at: EpochMs; readonly since: EpochMs }
  /** Stepped enough for one transition; goes on at once in the next. */
  | { readonly kind: "yield"; readonly at: EpochMs; readonly since: EpochMs }
  | TaskWait
  | MapRunWait
  | BranchesWait;

export interface TaskWait {
  readonly kind: "task";
  readonly taskId: number;
  readonly nonce: string;
  readonly since: EpochMs;
  /** JSON text of what was sent. */
  readonly input: string;
  readonly credentialsRoleArn?: string;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
  phase: "scheduled" | "started" | "submitted";
  timeoutAt?: EpochMs;
  heartbeatAt?: EpochMs;
}

export interface MapRunWait {
  readonly kind: "mapRun";
  readonly taskId: number;
  readonly since: EpochMs;
  readonly mapRunArn: string;
  readonly redriveCount: number;
  readonly plan: MapRunPlan;
}

export interface BranchesWait {
  readonly kind: "branches";
  readonly since: EpochMs;
  /** The Map's items; absent in a Parallel. */
  readonly items?: readonly Json[];
  readonly concurrency: number;
}

export interface Branch {
  readonly id: number;
  /** 0 for the top level. */
  readonly parent: number;
  /** Which branch of the Parallel, or which item of the Map. */
  readonly index: number;
  /** The Map item this iteration is for: `$$.Map.Item.Value`. */
  readonly item?: Json;
  state: string;
  input: Payload;
  enteredEventId: number;
  enteredAt: EpochMs;
  /** The event the next one of this branch is linked to. */
  lastEventId: number;
  /** Uses of each retrier since the state was entered. */
  retries: readonly number[];
  variables: JsonObject;
  variableBytes: number;
  wait?: Wait;
  /** What a Parallel or Map waited for when the execution failed: a redrive waits for it again. */
  resumable?: BranchesWait | MapRunWait;
  /** Set when the branch came to its end: what it gave, and the event that ended it. */
  ended?: { readonly output: Payload; readonly eventId: number };
}

function executionInputOf({ input, forkContext }: ExecutionStart): Json {
  if (forkContext === undefined) return JSON.parse(input) as Json;
  return (JSON.parse(forkContext) as { executionInput: Json }).executionInput;
}

/** The children of one branch, derived (I2). */
interface Family {
  readonly ids: number[];
  ended: number;
  lastEndEventId: number;
}

/** One part of a snapshot to write (`json`) or to delete (`null`). */
export interface SnapshotPart {
  readonly part: number;
  readonly json: string | null;
}

/** The memory of a running execution. Opaque outside core; persisted through `takeChanges` and `restoreSnapshot`. */
export class Snapshot {
  readonly start: ExecutionStart;
  readonly head: Head;
  readonly branches: Map<number, Branch> = new Map();
  readonly #families: Map<number, Family> = new Map();
  readonly #dirty: Set<number> = new Set();
  // Most executions of a few synchronous states need neither: made when they are.
  #stored: Set<number> | undefined;
  #tasks: Map<number, Branch> | undefined;
  #input: Json | undefined;
  #forgotten = false;

  /** `input`: `start.input` parsed, when the caller has it. */
  constructor(start: ExecutionStart, head: Head, input?: Json) {
    this.start = start;
    this.head = head;
    this.#input = input;
  }

  /** What the context object shows as the execution's input, parsed once. */
  get executionInput(): Json {
    this.#input ??= executionInputOf(this.start);
    return this.#input;
  }

  branch(id: number): Branch {
    const branch = this.branches.get(id);
    assert(branch !== undefined, `branch ${id} must exist`);
    return branch;
  }

  add(branch: Branch): void {
    this.branches.set(branch.id, branch);
    this.#dirty.add(branch.id);
    this.#link(branch);
  }

  changed(branch: Branch): void {
    this.#dirty.add(branch.id);
  }

  park(branch: Branch, wait: Wait): void {
    branch.wait = wait;
    if ("taskId" in wait) this.#noteTask(wait.taskId, branch);
    this.#dirty.add(branch.id);
  }

  unpark(branch: Branch): void {
    const { wait } = branch;
    if (wait !== undefined && "taskId" in wait) this.#tasks?.delete(wait.taskId);
    if (wait?.kind === "branches" || wait?.kind === "mapRun") branch.resumable = wait;
    delete branch.wait;
    this.#dirty.add(branch.id);
  }

  /** The branch that waits for a task; `undefined` when nobody does any more. */
  branchOfTask(taskId: number): (Branch & { wait: TaskWait }) | undefined {
    const branch = this.#tasks?.get(taskId);
    return branch?.wait?.kind === "task" ? (branch as Branch & { wait: TaskWait }) : undefined;
  }

  branchOfMapRun(taskId: number): (Branch & { wait: MapRunWait }) | undefined {
    const branch = this.#tasks?.get(taskId);
    return branch?.wait?.kind === "mapRun" ? (branch as Branch & { wait: MapRunWait }) : undefined;
  }

  headChanged(): void {
    this.#dirty.add(HEAD_PART);
  }

  /** In order of start. */
  childrenOf(branch: Branch): Branch[] {
    const family = this.#families.get(branch.id);
    return family === undefined ? [] : family.ids.map((id) => this.branch(id));
  }

  /** How many children were started and how many came to their end, and the event of the last end. */
  family(branch: Branch): { readonly started: number; readonly ended: number; readonly lastEndEventId: number } {
    const family = this.#families.get(branch.id);
    return family === undefined
      ? { started: 0, ended: 0, lastEndEventId: 0 }
      : { started: family.ids.length, ended: family.ended, lastEndEventId: family.lastEndEventId };
  }

  end(branch: Branch, output: Payload, eventId: number): void {
    branch.ended = { output, eventId };
    this.#dirty.add(branch.id);
    this.#countEnd(branch, eventId);
  }

  /** Forgets a branch's descendants. */
  removeChildren(branch: Branch): void {
    for (const child of this.childrenOf(branch)) {
      this.removeChildren(child);
      this.head.variableBytes -= child.variableBytes;
      if (child.wait !== undefined && "taskId" in child.wait) this.#tasks?.delete(child.wait.taskId);
      this.branches.delete(child.id);
      this.#dirty.add(child.id);
    }
    this.#families.delete(branch.id);
    delete branch.resumable;
  }

  /** The execution is over and cannot be redriven: nothing of its memory is kept. */
  forget(): void {
    for (const id of this.branches.keys()) {
      this.#dirty.add(id);
      this.branches.delete(id);
    }
    // Clearing makes a new table: most have none.
    if (this.#families.size > 0) this.#families.clear();
    this.#tasks?.clear();
    this.#forgotten = true;
    this.#dirty.add(HEAD_PART);
  }

  takeChanges(): SnapshotPart[] {
    const parts: SnapshotPart[] = [];
    for (const part of this.#dirty) {
      const json = this.#partJson(part);
      if (json !== null) this.#noteStored(part);
      else if (this.#stored?.delete(part) !== true) continue;
      parts.push({ part, json });
    }
    this.#dirty.clear();
    return parts;
  }

  /** Puts a stored part back. */
  load(part: number, json: string): void {
    this.#noteStored(part);
    if (part === HEAD_PART) {
      Object.assign(this.head, JSON.parse(json));
      if (this.head.format > SNAPSHOT_FORMAT) throw new NewerFormat("snapshot", this.head.format, SNAPSHOT_FORMAT);
      return;
    }
    const branch = decodeBranch(json);
    this.branches.set(part, branch);
  }

  /** Takes over what another copy of this snapshot became, as changes of its own that are still to be written. */
  adopt(changes: Iterable<SnapshotPart>): void {
    for (const { part, json } of changes) {
      if (part === HEAD_PART) this.#adoptHead(json);
      else if (json === null) this.branches.delete(part);
      else this.branches.set(part, decodeBranch(json));
      this.#dirty.add(part);
    }
    this.#families.clear();
    this.#tasks?.clear();
    this.relink();
  }

  #adoptHead(json: string | null): void {
    if (json === null) {
      this.forget();
      return;
    }
    const head: Partial<Record<string, unknown>> = this.head as object;
    for (const member of Object.keys(head)) delete head[member];
    Object.assign(head, JSON.parse(json));
  }

  /** After all parts are loaded: the derived indexes, in order of branch id. */
  relink(): void {
    const ids = [...this.branches.keys()].sort((a, b) => a - b);
    for (const id of ids) this.#link(this.branch(id));
  }

  #link(branch: Branch): void {
    // Nobody asks for the family of the top level, which is alone in it.
    if (branch.parent !== 0) this.#join(branch);
    if (branch.wait !== undefined && "taskId" in branch.wait) this.#noteTask(branch.wait.taskId, branch);
  }

  #join(branch: Branch): void {
    const family = this.#families.get(branch.parent);
    if (family === undefined) this.#families.set(branch.parent, { ids: [branch.id], ended: 0, lastEndEventId: 0 });
    else family.ids.push(branch.id);
    if (branch.ended !== undefined) this.#countEnd(branch, branch.ended.eventId);
  }

  #noteTask(taskId: number, branch: Branch): void {
    this.#tasks ??= new Map();
    this.#tasks.set(taskId, branch);
  }

  #noteStored(part: number): void {
    this.#stored ??= new Set();
    this.#stored.add(part);
  }

  #countEnd(branch: Branch, eventId: number): void {
    const family = this.#families.get(branch.parent);
    assert(family !== undefined, `branch ${branch.id} must have been added`);
    family.ended += 1;
    family.lastEndEventId = Math.max(family.lastEndEventId, eventId);
  }

  #partJson(part: number): string | null {
    if (part === HEAD_PART) return this.#forgotten ? null : JSON.stringify(this.head);
    const branch = this.branches.get(part);
    return branch === undefined ? null : encodeBranch(branch);
  }
}

function encodeBranch(branch: Branch): string {
  const { input, ended, ...rest } = branch;
  return JSON.stringify({
    ...rest,
    input: input.value,
    ...(ended === undefined ? {} : { ended: { output: ended.output.value, eventId: ended.eventId } }),
  });
}

function decodeBranch(json: string): Branch {
  const { input, ended, ...rest } = JSON.parse(json) as Omit<Branch, "input" | "ended"> & {
    input: Json;
    ended?: { output: Json; eventId: number };
  };
  return {
    ...rest,
    input: { value: input },
    ...(ended === undefined ? {} : { ended: { output: { value: ended.output }, eventId: ended.eventId } }),
  };
}

export function newHead(): Head {
  return {
    format: SNAPSHOT_FORMAT,
    status: "RUNNING",
    nextEventId: 1,
    nextBranchId: ROOT_BRANCH,
    nextTaskId: 1,
    variableBytes: 0,
    redriveCount: 0,
  };
}

export function restoreSnapshot(
  _machine: StateMachine,
  start: ExecutionStart,
  parts: Iterable<{ readonly part: number; readonly json: string }>,
): Snapshot {
  const snapshot = new Snapshot(start, newHead());
  for (const { part, json } of parts) snapshot.load(part, json);
  snapshot.relink();
  return snapshot;
}

/**
 * Brings a snapshot to where another copy of it came: `changes` are what `takeChanges` of the copy gave, after both were
 * restored from the same parts and each took the same changes since. They count as not taken here.
 */
export function adoptChanges(snapshot: Snapshot, changes: Iterable<SnapshotPart>): void {
  snapshot.adopt(changes);
}

/** The parts that changed since the last call (all of them after a start); call once per commit, then they are clean. */
export function takeChanges(snapshot: Snapshot): SnapshotPart[] {
  return snapshot.takeChanges();
}
