/**
 * The life of one run while this process performs it: reads items, begins children, counts their ends, and concludes.
 *
 * M1. What is in the store is what has happened: this object can be thrown away at any time and made again from there.
 * M2. A child is begun only after the commit of its row (and of the run's position behind its items); an Express child
 *     that one transition finishes is committed together with its end, and nobody was asked for anything before.
 * M3. A child's end moves the counters in the commit that writes it, once (design invariant 7).
 * M4. No more children are open than the concurrency allows.
 */
import type { MapRunPlan } from "@stepwell/core";
import { StatesErrorSignal } from "@stepwell/core";
import { assert } from "../executions/assert.ts";
import type { ChildExecutions, ChildFamily, MapRunOutcome } from "../ports/map-run-host.ts";
import type { MapRunIo } from "../ports/map-run-io.ts";
import type { MapRunLimits, MapRunPosition, MapRunStore, StoredChild, StoredMapRun } from "../ports/map-run-store.ts";
import type { EndRecord } from "../ports/store.ts";
import { StoreUnavailable } from "../rejection.ts";
import type { ChildInput, ChildInputSource } from "./child-inputs.ts";
import { childStart } from "./child-start.ts";
import { type EarlyPlaces, EarlyResults } from "./early-results.ts";
import { ImmediateChildren } from "./immediate-children.ts";
import { type Conclusion, conclude, discardUnfinished } from "./map-run-results.ts";
import { OpenChildren } from "./open-children.ts";
import { PreparedInputs } from "./prepared-inputs.ts";
import { restOfItems } from "./rest-of-items.ts";
import { mayOpenAgain, ResultsLost } from "./results-lost.ts";
import { RunProgress } from "./run-progress.ts";
import { begunChild, isEmpty, isImmediate, newSlice, type Slice, tellAll } from "./run-slice.ts";

/** Children begun, and ends counted, in one commit. */
const SLICE = 500;
/** Up to this many children, the counters are held against the rows at the end. */
const COUNTED_AGAIN_MAX = 20_000;

export interface MapRunPorts {
  readonly store: MapRunStore;
  readonly io: MapRunIo | undefined;
  readonly children: ChildExecutions;
  readonly places: EarlyPlaces;
}

export interface MapRunParts {
  readonly run: StoredMapRun;
  readonly family: ChildFamily;
  readonly writer: MapRunPlan["writer"];
  /** Behind this position. */
  readonly inputsFrom: (position: MapRunPosition, signal: AbortSignal) => ChildInputSource;
  /** How often results of the run had to be written again in this process. */
  readonly tries: number;
}

export class MapRun {
  readonly #ports: MapRunPorts;
  readonly #parts: MapRunParts;
  readonly #inputs: PreparedInputs;
  /** Aborts reading. */
  readonly #abort = new AbortController();
  /** Aborts also what is read for the results of an aborted run. */
  readonly #halt = new AbortController();
  readonly #open: OpenChildren;
  readonly #progress: RunProgress;
  readonly #immediate: ImmediateChildren;
  readonly #early: EarlyResults;
  #run: StoredMapRun;
  /** Those who changed the limits since the last commit; once the run is not performed any more, nobody waits here. */
  #limitsWaiting: PromiseWithResolvers<void>[] | undefined = [];
  #pending: StoredChild[] = [];
  /** At most one commit is on its way. */
  #committing: Promise<void> | undefined;
  #isHalted = false;
  #hasNews = true;
  #wake: (() => void) | undefined;

  constructor(ports: MapRunPorts, parts: MapRunParts) {
    const { run, family } = parts;
    this.#ports = ports;
    this.#parts = parts;
    this.#run = run;
    this.#inputs = new PreparedInputs(parts.inputsFrom(run.position, this.#abort.signal));
    this.#progress = new RunProgress(run, parts.writer?.parameters !== undefined);
    this.#open = new OpenChildren({ ...ports, run, family, news: () => this.#tell() });
    this.#early = new EarlyResults({ ...ports, run, writer: parts.writer });
    const { children } = ports;
    const { signal } = this.#abort;
    this.#immediate = new ImmediateChildren({
      run,
      family,
      children,
      inputs: this.#inputs,
      progress: this.#progress,
      signal,
      news: () => this.#tell(),
    });
  }

  /** Resolves to what the parent is to be told; `undefined` when it was halted. Rejects when the store is away, and for bugs. */
  async perform(): Promise<MapRunOutcome | undefined> {
    const { children } = this.#ports;
    try {
      await children.during(this.#checkWriter());
      // After a restart: children may have been open.
      if (this.#progress.of("RUNNING") > 0) await children.during(this.#open.takeUp(() => this.#isHalted));
      for (;;) {
        const outcome = await children.during(this.#goOn());
        if (outcome !== undefined) return outcome;
        if (this.#isHalted) return undefined;
        await this.#news();
        if (this.#isHalted) return undefined;
      }
    } finally {
      this.#immediate.giveBack();
      this.#abort.abort();
      // What is on its way is in the store, or not, before anybody else takes the run up.
      await this.#committed().catch(this.#problem);
      await this.#early.abort();
      await this.#inputs.close().catch(this.#problem);
      const waiting = this.#limitsWaiting ?? [];
      this.#limitsWaiting = undefined;
      for (const { reject } of waiting) reject(this.#notPerformed());
    }
  }

  childEnded(executionName: string, end: EndRecord): void {
    this.#open.childEnded(executionName, end);
  }

  /** Takes effect with the next child. Resolves when it is durable; rejects with StoreUnavailable when it may never be. */
  async update(limits: Partial<MapRunLimits>): Promise<void> {
    if (this.#limitsWaiting === undefined) throw this.#notPerformed();
    this.#progress.limit(limits);
    const waiting = Promise.withResolvers<void>();
    this.#limitsWaiting.push(waiting);
    this.#tell();
    await waiting.promise;
  }

  #notPerformed(): StoreUnavailable {
    return new StoreUnavailable(`The Map Run is about to be taken up again: ${this.#run.mapRunArn}`);
  }

  /** Durable for those who waited before the commit that says so was begun. */
  #limitsAreStored(count: number): void {
    for (const { resolve } of this.#limitsWaiting?.splice(0, count) ?? []) resolve();
  }

  get #limitsChanged(): number {
    return this.#limitsWaiting?.length ?? 0;
  }

  cancel(): void {
    this.#progress.abort({ status: "ABORTED", error: "States.Runtime", cause: "The Map Run was aborted." });
    this.#abort.abort();
    this.#tell();
  }

  /** Does no more; what the store has is where another goes on. */
  halt(): void {
    this.#isHalted = true;
    this.#abort.abort();
    this.#halt.abort();
    this.#tell();
  }

  #tell(): void {
    this.#hasNews = true;
    this.#wake?.();
  }

  async #news(): Promise<void> {
    if (!this.#hasNews) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  /** Until there is nothing to do but wait for children. */
  async #goOn(): Promise<MapRunOutcome | undefined> {
    while (!this.#isHalted) {
      this.#hasNews = false;
      const slice = newSlice();
      this.#count(slice);
      // Nobody outside was asked for anything: the last ones may still be on their way into the store (I1).
      if (this.#progress.verdict === undefined) await this.#fill(slice);
      await this.#committed();
      if (this.#isHalted) return undefined;
      const { verdict } = this.#progress;
      const isNews = !isEmpty(slice) || this.#limitsChanged > 0 || verdict !== this.#run.verdict;
      if (isNews) this.#committing = this.#commit(slice);
      // Children that are to begin wait for their rows, and whatever ends or waits for what is counted.
      if (!isImmediate(slice) || this.#inputs.areTaken || verdict !== undefined) await this.#committed();
      // A commit that fails before it is waited for is no surprise to the process.
      else this.#committing?.catch(() => undefined);
      if (verdict !== undefined) this.#open.stopAll();
      if (this.#isFinished()) return this.#finish();
      if (!this.#hasNews && isEmpty(slice)) return undefined;
      // Others have their turn: the engine with the children, the API with its callers.
      await new Promise<void>((resolve) => this.#ports.children.later(resolve));
    }
    return undefined;
  }

  /** What was sent to the store is there. */
  async #committed(): Promise<void> {
    const committing = this.#committing;
    this.#committing = undefined;
    await committing;
  }

  #isFinished(): boolean {
    if (!this.#open.areNone) return false;
    if (this.#progress.verdict !== undefined) return true;
    return this.#isRead && this.#progress.of("PENDING_REDRIVE") === 0;
  }

  /** Every item belongs to a child that was begun. */
  get #isRead(): boolean {
    return this.#inputs.areTaken && this.#immediate.areNone;
  }

  /** The ends that came since the last commit. */
  #count(slice: Slice): void {
    for (const { items, ...ended } of this.#open.takeEnded(SLICE)) {
      this.#progress.end(items, ended.end);
      slice.ended.push(ended);
    }
    if (this.#open.hasEnds) this.#hasNews = true;
  }

  get #room(): number {
    return this.#open.room(this.#progress.limits.maxConcurrency);
  }

  /** Children to begin, as many as may be open: those of before a redrive first. */
  async #fill(slice: Slice): Promise<void> {
    try {
      if (this.#progress.of("PENDING_REDRIVE") > 0) await this.#fillAgain(slice);
      else await this.#fillNew(slice);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#fail(error);
    }
  }

  async #fillNew(slice: Slice): Promise<void> {
    if (this.#isRead || (this.#room <= 0 && this.#immediate.areNone)) return;
    if (this.#immediate.areTried) {
      await this.#immediate.fill(slice, this.#room);
      // The others are begun as all executions are.
      if (!this.#immediate.areTried) this.#hasNews = true;
    } else {
      await this.#inputs.prepare(Math.min(this.#room, SLICE));
      // Stopped while it read.
      if (this.#progress.verdict !== undefined) return;
      this.#beginPrepared(slice);
    }
    this.#progress.read(this.#isRead);
  }

  #beginPrepared(slice: Slice): void {
    for (let room = Math.min(this.#room, SLICE); room > 0; room--) {
      const child = this.#inputs.next;
      if (child === undefined) return;
      this.#inputs.shift();
      this.#begin(child, slice);
    }
  }

  #begin(child: ChildInput, slice: Slice): void {
    const startedAt = this.#ports.children.now();
    const index = this.#progress.begin(child);
    const start = childStart(this.#run, index, child.input, startedAt);
    slice.begun.push(begunChild(index, child, startedAt, this.#run.redriveCount));
    slice.toBegin.push({ index, start });
    this.#open.add(index, child.items);
  }

  async #fillAgain(slice: Slice): Promise<void> {
    const { store, children } = this.#ports;
    if (this.#room <= 0) return;
    if (this.#pending.length === 0) {
      const statuses = ["PENDING_REDRIVE"] as const;
      this.#pending = [...(await store.children(this.#run.key, { statuses, limit: SLICE, texts: true }))];
    }
    for (const child of this.#pending.splice(0, this.#room)) {
      const { index, items } = child;
      // Later than the start before, also on a clock that stands still: it tells the two apart after a crash.
      const at = Math.max(children.now(), (child.redrivenAt ?? child.startedAt) + 1);
      this.#progress.beginAgain(items);
      this.#open.add(index, items);
      slice.begunAgain.push({ index, at, generation: this.#run.redriveCount });
      slice.toRedrive.push({ ...child, redrivenAt: at, redriveCount: child.redriveCount + 1 });
    }
  }

  async #commit(slice: Slice): Promise<void> {
    const waiting = this.#limitsChanged;
    const run = this.#progress.appliedTo(this.#run);
    const { begun, begunAgain, ended } = slice;
    const committing = this.#ports.store.commit({ run, begun, begunAgain, ended });
    // While they are on their way. If they do not get there, this object is done for, with all that was written early.
    const writing = this.#early.write(begun);
    await committing;
    this.#run = { ...run, version: run.version + 1 };
    this.#limitsAreStored(waiting);
    tellAll(run, slice, this.#ports.children.now());
    for (const { index, start } of slice.toBegin) this.#open.send(index, start);
    for (const child of slice.toRedrive) this.#open.sendAgain(child);
    await writing;
  }

  /** A run whose results could not be written ends before its children have worked in vain. */
  async #checkWriter(): Promise<void> {
    try {
      await this.#early.open();
    } catch (error) {
      if (mayOpenAgain(error, this.#parts.tries)) throw new ResultsLost(this.#run.mapRunArn, error);
      this.#fail(error);
    }
  }

  readonly #problem = (problem: unknown): void => this.#ports.children.problem(problem, this.#run.mapRunArn);

  #fail(error: unknown): void {
    if (!(error instanceof StatesErrorSignal)) throw error;
    const { error: name = "States.Runtime", cause } = error.statesError;
    this.#progress.fail(name, cause);
  }

  async #finish(): Promise<MapRunOutcome | undefined> {
    const { store, children } = this.#ports;
    await this.#checkCounters();
    const { verdict } = this.#progress;
    const concluded = await this.#conclude();
    if (concluded === undefined) return undefined;
    const { outcome, areResultsWritten } = concluded;
    const run: StoredMapRun = {
      ...this.#progress.appliedTo(this.#run),
      status: outcome.kind === "succeeded" ? "SUCCEEDED" : (verdict?.status ?? "FAILED"),
      stopDate: children.now(),
      outcome,
      areResultsWritten,
    };
    const waiting = this.#limitsChanged;
    await store.commit({ run });
    this.#run = { ...run, version: run.version + 1 };
    this.#limitsAreStored(waiting);
    await this.#discardUnfinished();
    return outcome;
  }

  /** `undefined` when it was halted: it has not been concluded, and is as it was. */
  async #conclude(): Promise<Conclusion | undefined> {
    const { store, io, children } = this.#ports;
    const { writer, inputsFrom, tries } = this.#parts;
    const { verdict } = this.#progress;
    const problem = this.#problem;
    this.#immediate.giveBack();
    const run = this.#progress.appliedTo(this.#run);
    const { signal } = this.#halt;
    const rest = restOfItems({
      verdict,
      prepared: this.#inputs.rest,
      open: () => inputsFrom(run.position, signal),
      signal,
      turn: () => new Promise((resolve) => children.later(resolve)),
      problem,
    });
    const seal = (): Promise<void> => this.#seal();
    const { payloadBytesMax } = children;
    const parts = { run, writer, verdict, rest, early: this.#early, tries, seal, problem, store, io, payloadBytesMax };
    try {
      return await conclude(parts);
    } catch (error) {
      if (this.#isHalted) return undefined;
      throw error;
    }
  }

  /** The run as it is, without a child more: it is still ours, and nobody has gone on with it (C1). */
  async #seal(): Promise<void> {
    const run = this.#progress.appliedTo(this.#run);
    await this.#ports.store.commit({ run });
    this.#run = { ...run, version: run.version + 1 };
  }

  async #discardUnfinished(): Promise<void> {
    const { io } = this.#ports;
    // Nothing was ever written where nothing could be.
    if (io === undefined || this.#progress.verdict?.error === "States.ResultWriterFailed") return;
    await discardUnfinished(io, this.#run).catch(this.#problem);
  }

  async #checkCounters(): Promise<void> {
    if (this.#progress.children > COUNTED_AGAIN_MAX) return;
    const counted = await this.#ports.store.count(this.#run.key);
    const { childCounts, itemCounts } = this.#progress.appliedTo(this.#run);
    assert(
      JSON.stringify(counted) === JSON.stringify({ children: childCounts, items: itemCounts }),
      `the counters of ${this.#run.mapRunArn} must be what its children add up to`,
    );
  }
}
