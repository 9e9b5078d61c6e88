import type { EpochMs, ExecutionStart, Json, MapRunItem, MapRunPlan, StartMapRun, StateMachine } from "@stepwell/core";
import type { ChildPacks } from "./child-packs.ts";
import type { EndRecord } from "./store.ts";

/** A Distributed Map's run as its parent asks for it. */
export interface MapRunRequest extends StartMapRun {
  readonly parent: ExecutionStart;
  readonly machine: StateMachine;
  readonly revisionKey: string;
}

export type MapRunOutcome =
  /** `output` is JSON text: the array of results, or where they were written. */
  | { readonly kind: "succeeded"; readonly output: string }
  | { readonly kind: "failed"; readonly error: string; readonly cause?: string };

/** Performs the runs of Distributed Maps. */
export interface MapRunHost {
  /** Called once, by the engine that will run the children, before anything else. */
  attach(children: ChildExecutions): void;
  /** Takes up, or puts an end to, what was running and no parent asks for. Call after the engine knows its executions. */
  resume(): Promise<void>;
  /**
   * Begins a run, or goes on with it: asked again for the same ARN after a restart, and after a redrive of the parent.
   * `ended` is called once; it rejects when the parent could not be told, and may then be called again.
   */
  start(request: MapRunRequest, ended: (outcome: MapRunOutcome) => Promise<void>): void;
  /** The parent no longer waits: the run is ABORTED, and its open children with it. */
  cancel(mapRunArn: string): void;
  /** A child's end is durable. Called in the turn of its commit: must not throw or wait. */
  childEnded(child: EndedExecution): void;
  /** Whether this run is performed here, or waits to be. */
  performs(mapRunArn: string): boolean;
  /** Runs whose parents another process owns now are left to that one. */
  release(owns: (executionArn: string) => boolean): void;
  /** Deletes what is stored of runs that ended before, in slices; how many rows. */
  deleteEnded(endedBefore: EpochMs): Promise<number>;
  /** Stops taking up work; what is under way goes on after the next start. */
  stop(): void;
}

/** A child that has ended, as the engine's store has it. */
export interface EndedExecution {
  readonly start: Pick<ExecutionStart, "executionArn" | "executionName" | "mapRunArn" | "startedAt">;
  readonly redriveCount: number;
  readonly end: EndRecord;
}

/** What the children of one run have in common. */
export interface ChildFamily {
  readonly machine: StateMachine;
  readonly revisionKey: string;
}

/** A child as the engine's store has it. */
export interface ChildState {
  readonly start: ExecutionStart;
  readonly redriveCount: number;
  /** Absent while it runs. */
  readonly end?: EndRecord;
}

/** A child that begins and ends in one transition, without asking for anything: nothing of it was stored. */
export interface ImmediateChild {
  readonly end: EndRecord;
  /** It took a millisecond or more of evaluation: look at the clock. */
  readonly tookLong?: boolean;
  /**
   * Tells who listens to commits, given what the child began with; absent: nobody listens. To be called when the run has
   * stored the end. Children of which nothing else is known share one.
   */
  readonly tell?: (start: ExecutionStart, committedAt: EpochMs) => void;
}

/** The engine as the runs of Distributed Maps use it. */
export interface ChildExecutions {
  /**
   * Runs an Express child in memory when one transition is all it needs; `undefined` when it needs more. Its input is
   * with the run and it asks for nothing outside, so that after a crash it may be run again from the beginning. `of`: what
   * `start.input` was made of by JSON.stringify, where that is at hand.
   */
  runAtOnce(family: ChildFamily, start: ExecutionStart, of?: { readonly value: Json }): ImmediateChild | undefined;
  /**
   * What an item becomes: the Map's ItemSelector applied, or the item as it is; by another thread when that takes long.
   * Throws, or rejects with, a StatesErrorSignal.
   */
  selectItem(machine: StateMachine, stateName: string, plan: MapRunPlan, item: MapRunItem): Json | Promise<Json>;
  /** Resolves when the start is durable; an execution that is there already is left as it is. Grouped with all others. */
  begin(family: ChildFamily, start: ExecutionStart): Promise<void>;
  /** Only after it has ended, in any other way than well: goes on where it failed (Standard). */
  redrive(executionArn: string): Promise<void>;
  /** Only of children that have ended: as if they had never been. */
  forget(executionArns: readonly string[]): Promise<void>;
  stop(executionArn: string): Promise<void>;
  find(executionArn: string): Promise<ChildState | undefined>;
  familyOf(revisionKey: string, stateName: string): Promise<ChildFamily>;
  /** Whether this execution waits for the end of this run. */
  awaits(executionArn: string, mapRunArn: string): Promise<boolean>;
  /** Counts as something under way, for virtual clocks and for shutting down. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Runs something when others have had their turn. */
  later(run: () => void): void;
  now(): EpochMs;
  wakeAt(at: EpochMs, wake: () => void): () => void;
  seed(): string;
  uuid(): string;
  readonly payloadBytesMax: number;
  /** Other processes that run children for this one; absent: there are none. */
  readonly packs?: ChildPacks;
  problem(problem: unknown, about: string): void;
}
