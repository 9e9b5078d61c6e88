/**
 * The life of one run while this process performs it: reads items, begins children, counts their ends, and concludes.
 *
 * M1. What is in the store is what has happened: this object can be thrown away at any time and made again from there.
 * M2. A child is begun only after the commit of its row (and of the run's position behind its items); an Express child
 *     that one transition finishes is committed together with its end, and nobody was asked for anything before.
 * M3. A child's end moves the counters in the commit that writes it, once (design invariant 7).
 * M4. No more children are open than the concurrency allows. What is in memory of an open child is its index.
 */
import type { EpochMs, ExecutionStart, MapRunPlan } from "@stepwell/core";
import { StatesErrorSignal } from "@stepwell/core";
import { assert } from "../executions/assert.ts";
import type { ChildExecutions, ChildFamily, ImmediateChild, MapRunOutcome } from "../ports/map-run-host.ts";
import type { MapRunIo } from "../ports/map-run-io.ts";
import type {
  BegunAgainChild,
  BegunChild,
  ChildEnd,
  MapRunLimits,
  MapRunPosition,
  MapRunStore,
  MapRunVerdict,
  StoredChild,
  StoredMapRun,
} from "../ports/map-run-store.ts";
import type { EndRecord } from "../ports/store.ts";
import type { ChildInput, ChildInputSource } from "./child-inputs.ts";
import { childIndex, childName } from "./child-names.ts";
import { exceedsTolerance } from "./failure-threshold.ts";
import { conclude } from "./map-run-results.ts";
import { Counter } from "./status-counts.ts";

/** Children begun, and ends counted, in one commit. */
const SLICE = 500;
/** Starts on their way to the engine: more would only wait there. */
const SENDING_MAX = 1_000;
/** AWS's. features.md A.11. */
const CONCURRENCY_MAX = 10_000;
/** Up to this many children, the counters are held against the rows at the end. */
const COUNTED_AGAIN_MAX = 20_000;

export interface MapRunPorts {
  readonly store: MapRunStore;
  readonly io: MapRunIo | undefined;
  readonly children: ChildExecutions;
}

export interface MapRunParts {
  readonly run: StoredMapRun;
  readonly family: ChildFamily;
  readonly writer: MapRunPlan["writer"];
  readonly inputs: ChildInputSource;
  /** Aborts reading. */
  readonly abort: AbortController;
}

interface OpenChild {
  readonly items: number;
  readonly executionArn: string;
  /** Its end is known, but not committed. */
  hasEnded: boolean;
}

interface Slice {
  readonly begun: BegunChild[];
  readonly begunAgain: BegunAgainChild[];
  readonly ended: { readonly index: number; readonly end: ChildEnd }[];
  readonly immediate: ImmediateChild[];
  readonly toBegin: { readonly index: number; readonly start: ExecutionStart }[];
  readonly toRedrive: StoredChild[];
}

export class MapRun {
  readonly #ports: MapRunPorts;
  readonly #family: ChildFamily;
  readonly #writer: MapRunPlan["writer"];
  readonly #inputs: ChildInputSource;
  readonly #abort: AbortController;
  readonly #open = new Map<number, OpenChild>();
  readonly #childCounts: Counter;
  readonly #itemCounts: Counter;
  #run: StoredMapRun;
  #position: MapRunPosition;
  #outputBytes: number;
  #verdict: MapRunVerdict | undefined;
  #limits: MapRunLimits;
  #limitsWaiting: (() => void)[] = [];
  #ended: { readonly index: number; readonly end: ChildEnd }[] = [];
  #prepared: ChildInput[] = [];
  #pending: StoredChild[] = [];
  #immediately: boolean;
  #areOpenStopped = false;
  #sending = 0;
  #isHalted = false;
  #hasNews = true;
  #wake: (() => void) | undefined;

  constructor(ports: MapRunPorts, parts: MapRunParts) {
    const { run } = parts;
    this.#ports = ports;
    this.#run = run;
    this.#family = parts.family;
    this.#writer = parts.writer;
    this.#inputs = parts.inputs;
    this.#abort = parts.abort;
    this.#childCounts = new Counter(run.childCounts);
    this.#itemCounts = new Counter(run.itemCounts);
    this.#position = run.position;
    this.#outputBytes = run.outputBytes;
    this.#verdict = run.verdict;
    this.#limits = run.limits;
    this.#immediately = run.executionType === "EXPRESS";
  }

  /** As it is in the store. */
  get stored(): StoredMapRun {
    return this.#run;
  }

  /** Resolves to what the parent is to be told; `undefined` when it was halted. Rejects when the store is away, and for bugs. */
  async perform(): Promise<MapRunOutcome | undefined> {
    const { children } = this.#ports;
    try {
      await children.during(this.#checkWriter());
      await children.during(this.#takeUp());
      for (;;) {
        const outcome = await children.during(this.#goOn());
        if (outcome !== undefined) return outcome;
        if (this.#isHalted) return undefined;
        await this.#news();
        if (this.#isHalted) return undefined;
      }
    } finally {
      this.#abort.abort();
      await this.#inputs.close().catch((error: unknown) => children.problem(error, this.#run.mapRunArn));
    }
  }

  childEnded(executionName: string, end: EndRecord): void {
    const index = childIndex(executionName);
    const child = this.#open.get(index);
    if (child === undefined || child.hasEnded) return;
    child.hasEnded = true;
    this.#ended.push({ index, end: endOf(end) });
    this.#tell();
  }

  /** Takes effect with the next child. Resolves when it is durable. */
  update(limits: Partial<MapRunLimits>): Promise<void> {
    this.#limits = { ...this.#limits, ...limits };
    return new Promise((resolve) => {
      this.#limitsWaiting.push(resolve);
      this.#tell();
    });
  }

  cancel(): void {
    this.#verdict = { status: "ABORTED", error: "States.Runtime", cause: "The Map Run was aborted." };
    this.#abort.abort();
    this.#tell();
  }

  /** Does no more; what the store has is where another goes on. */
  halt(): void {
    this.#isHalted = true;
    this.#abort.abort();
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
      if (this.#verdict === undefined) await this.#fill(slice);
      if (this.#isHalted) return undefined;
      if (!isEmpty(slice) || this.#limitsWaiting.length > 0 || this.#verdict !== this.#run.verdict)
        await this.#commit(slice);
      if (this.#verdict !== undefined) this.#stopOpen();
      if (this.#isFinished()) return this.#finish();
      if (!this.#hasNews && isEmpty(slice)) return undefined;
      // Others have their turn: the engine with the children, the API with its callers.
      await new Promise<void>((resolve) => this.#ports.children.later(resolve));
    }
    return undefined;
  }

  #isFinished(): boolean {
    if (this.#open.size > 0 || this.#ended.length > 0) return false;
    if (this.#verdict !== undefined) return true;
    return this.#isRead() && this.#childCounts.of("PENDING_REDRIVE") === 0;
  }

  #isRead(): boolean {
    return this.#inputs.isAtEnd && this.#prepared.length === 0;
  }

  /** The ends that came since the last commit. */
  #count(slice: Slice): void {
    for (const ended of this.#ended.splice(0, SLICE)) {
      const child = this.#open.get(ended.index);
      assert(child !== undefined, "a child that ends must be open");
      this.#open.delete(ended.index);
      this.#countEnd(child.items, ended.end);
      slice.ended.push(ended);
    }
    if (this.#ended.length > 0) this.#hasNews = true;
  }

  #countEnd(items: number, end: ChildEnd): void {
    this.#childCounts.move("RUNNING", end.status, 1);
    this.#itemCounts.move("RUNNING", end.status, items);
    if (end.output !== undefined && end.status === "SUCCEEDED") this.#outputBytes += Buffer.byteLength(end.output);
    this.#checkTolerance();
  }

  #checkTolerance(): void {
    const total = this.#run.itemsTotal ?? (this.#isRead() ? this.#itemCounts.total : undefined);
    if (this.#verdict !== undefined || !exceedsTolerance(this.#limits, this.#itemCounts.failed, total)) return;
    this.#verdict = {
      status: "FAILED",
      error: "States.ExceedToleratedFailureThreshold",
      cause: "The specified tolerated failure threshold was exceeded",
    };
  }

  get #room(): number {
    const { maxConcurrency } = this.#limits;
    const open = maxConcurrency === 0 ? CONCURRENCY_MAX : Math.min(maxConcurrency, CONCURRENCY_MAX);
    return Math.min(open - this.#open.size, SENDING_MAX - this.#sending);
  }

  /** Children to begin, as many as may be open: those of before a redrive first. */
  async #fill(slice: Slice): Promise<void> {
    try {
      if (this.#childCounts.of("PENDING_REDRIVE") > 0) await this.#fillAgain(slice);
      else await this.#fillNew(slice);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#fail(error);
    }
  }

  async #fillNew(slice: Slice): Promise<void> {
    if (this.#room <= 0 || this.#isRead()) return;
    if (this.#prepared.length === 0) {
      // Children that end at once leave their room to the next one.
      this.#prepared = [...(await this.#inputs.take(this.#immediately ? SLICE : Math.min(this.#room, SLICE)))];
    }
    let count = 0;
    for (const input of this.#prepared) {
      if (this.#room <= 0 || this.#verdict !== undefined) break;
      count += 1;
      this.#begin(input, slice);
    }
    this.#prepared.splice(0, count);
    this.#position = { ...this.#position, isAtEnd: this.#isRead() };
    if (this.#isRead()) this.#checkTolerance();
  }

  #begin({ cursor, ...child }: ChildInput, slice: Slice): void {
    const { items, children: index } = this.#position;
    assert(child.firstItem === items, `child ${index} must follow item ${items}`);
    this.#position = {
      items: items + child.items,
      children: index + 1,
      ...(cursor === undefined ? {} : { cursor }),
      isAtEnd: false,
    };
    this.#childCounts.add("RUNNING", 1);
    this.#itemCounts.add("RUNNING", child.items);
    const startedAt = this.#ports.children.now();
    const start = this.#startOf(index, child.input, startedAt);
    const begun = { index, ...child, startedAt, generation: this.#run.redriveCount };
    const end = this.#runAtOnce(start, slice);
    if (end !== undefined) {
      this.#countEnd(child.items, end);
      slice.begun.push({ ...begun, end });
      return;
    }
    this.#opened(index, child.items, start.executionArn);
    this.#sending += 1;
    slice.begun.push(begun);
    slice.toBegin.push({ index, start });
  }

  #runAtOnce(start: ExecutionStart, slice: Slice): ChildEnd | undefined {
    if (!this.#immediately) return undefined;
    const immediate = this.#ports.children.runAtOnce(this.#family, start);
    // One that needs more is a sign that the others do: nothing is decided twice for nothing.
    if (immediate === undefined) this.#immediately = false;
    else slice.immediate.push(immediate);
    return immediate && endOf(immediate.end);
  }

  #opened(index: number, items: number, executionArn: string): void {
    this.#open.set(index, { items, executionArn, hasEnded: false });
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
      this.#childCounts.move("PENDING_REDRIVE", "RUNNING", 1);
      this.#itemCounts.move("PENDING_REDRIVE", "RUNNING", items);
      this.#opened(index, items, childName(this.#run, index).executionArn);
      this.#sending += 1;
      slice.begunAgain.push({ index, at, generation: this.#run.redriveCount });
      slice.toRedrive.push({ ...child, redrivenAt: at, redriveCount: child.redriveCount + 1 });
    }
  }

  #startOf(index: number, input: string, startedAt: EpochMs): ExecutionStart {
    const { executionArn, name } = childName(this.#run, index);
    const { executionType, stateMachineArn, stateMachineName, roleArn, mapRunArn } = this.#run;
    return {
      executionArn,
      executionName: name,
      type: executionType,
      stateMachineArn,
      stateMachineName,
      roleArn,
      startedAt,
      input,
      mapRunArn,
    };
  }

  async #commit(slice: Slice): Promise<void> {
    const waiting = this.#limitsWaiting.splice(0);
    const run = this.#asItIs();
    const { begun, begunAgain, ended } = slice;
    await this.#ports.store.commit({ run, begun, begunAgain, ended });
    this.#run = { ...run, version: run.version + 1 };
    for (const resolve of waiting) resolve();
    for (const child of slice.immediate) child.tell();
    for (const { index, start } of slice.toBegin) this.#send(index, start);
    for (const child of slice.toRedrive) this.#sendAgain(child);
  }

  #asItIs(): StoredMapRun {
    assert(
      this.#childCounts.total === this.#position.children && this.#itemCounts.total === this.#position.items,
      "the counters of a map run must add up to what was read",
    );
    return {
      ...this.#run,
      limits: this.#limits,
      position: this.#position,
      childCounts: this.#childCounts.counts,
      itemCounts: this.#itemCounts.counts,
      outputBytes: this.#outputBytes,
      ...(this.#verdict === undefined ? {} : { verdict: this.#verdict }),
    };
  }

  #send(index: number, start: ExecutionStart): void {
    this.#sent(index, start.executionArn, this.#ports.children.begin(this.#family, start));
  }

  #sendAgain(child: StoredChild): void {
    this.#sent(child.index, childName(this.#run, child.index).executionArn, this.#beginAgain(child));
  }

  #sent(index: number, executionArn: string, begun: Promise<void>): void {
    begun
      .catch((error: unknown) => this.#notBegun(index, executionArn, error))
      .finally(() => {
        this.#sending -= 1;
        // There may be room again.
        if (this.#sending <= SENDING_MAX - SLICE) this.#tell();
      });
  }

  /** Standard: it goes on where it failed. Express: it starts anew. features.md A.18. */
  async #beginAgain(child: StoredChild): Promise<void> {
    const { children } = this.#ports;
    const start = this.#startOf(child.index, child.input, child.redrivenAt ?? child.startedAt);
    const state = await children.find(start.executionArn);
    if (state === undefined) return children.begin(this.#family, start);
    if (this.#run.executionType === "STANDARD") return children.redrive(start.executionArn);
    await children.forget([start.executionArn]);
    return children.begin(this.#family, start);
  }

  /** A bug of ours, or a store that was away for long: the child failed, and the run says so. */
  #notBegun(index: number, executionArn: string, error: unknown): void {
    this.#ports.children.problem(error, executionArn);
    const child = this.#open.get(index);
    if (child === undefined || child.hasEnded) return;
    child.hasEnded = true;
    const cause = "The child workflow execution could not be started.";
    const end = { status: "FAILED", stoppedAt: this.#ports.children.now(), error: "States.Runtime", cause } as const;
    this.#ended.push({ index, end });
    this.#tell();
  }

  /** The run is lost: its open children are stopped, once. Their ends come as all ends do. */
  #stopOpen(): void {
    if (this.#areOpenStopped) return;
    this.#areOpenStopped = true;
    for (const [index, { executionArn, hasEnded }] of this.#open) {
      if (!hasEnded) this.#stopChild(index, executionArn);
    }
  }

  #stopChild(index: number, executionArn: string): void {
    this.#ports.children.stop(executionArn).catch((error: unknown) => this.#notBegun(index, executionArn, error));
  }

  /** A run whose results could not be written ends before its children have worked in vain. */
  async #checkWriter(): Promise<void> {
    const { io } = this.#ports;
    const { mapRunArn, redriveCount } = this.#run;
    if (this.#writer?.parameters === undefined || io === undefined || this.#position.children > 0) return;
    try {
      await (await io.openResultWriter({ writer: this.#writer, mapRunArn, redriveCount })).abort();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!(error instanceof StatesErrorSignal)) throw error;
    const { error: name = "States.Runtime", cause } = error.statesError;
    this.#verdict ??= { status: "FAILED", error: name, ...(cause === undefined ? {} : { cause }) };
  }

  /** After a restart: the children that were open. They may have ended meanwhile, or never have begun. */
  async #takeUp(): Promise<void> {
    const { store, children } = this.#ports;
    if (this.#childCounts.of("RUNNING") === 0) return;
    let after: number | undefined;
    do {
      const query = {
        statuses: ["RUNNING"],
        limit: SLICE,
        texts: true,
        ...(after === undefined ? {} : { after }),
      } as const;
      const page = await store.children(this.#run.key, query);
      for (const child of page) this.#opened(child.index, child.items, childName(this.#run, child.index).executionArn);
      for (const child of page) await this.#takeUpChild(child);
      after = page.length < SLICE ? undefined : page.at(-1)?.index;
      await new Promise<void>((resolve) => children.later(resolve));
    } while (after !== undefined && !this.#isHalted);
  }

  async #takeUpChild(child: StoredChild): Promise<void> {
    const { executionArn } = childName(this.#run, child.index);
    const state = await this.#ports.children.find(executionArn);
    if (state === undefined) {
      this.#sending += 1;
      this.#send(child.index, this.#startOf(child.index, child.input, child.redrivenAt ?? child.startedAt));
      return;
    }
    const { start, redriveCount, end } = state;
    if (end === undefined) return;
    // What ended may be what was there before a redrive that did not get any further.
    const isOld =
      this.#run.executionType === "STANDARD"
        ? redriveCount < child.redriveCount
        : child.redrivenAt !== undefined && start.startedAt < child.redrivenAt;
    if (isOld) {
      this.#sending += 1;
      this.#sendAgain(child);
    } else this.childEnded(start.executionName, end);
  }

  async #finish(): Promise<MapRunOutcome> {
    const { store, io, children } = this.#ports;
    await this.#checkCounters();
    const concluded = await conclude({
      run: this.#asItIs(),
      writer: this.#writer,
      verdict: this.#verdict,
      inputs: this.#inputs,
      prepared: this.#prepared,
      store,
      io,
      payloadBytesMax: children.payloadBytesMax,
    });
    const { outcome, areResultsWritten } = concluded;
    const failed = this.#verdict?.status ?? "FAILED";
    const run: StoredMapRun = {
      ...this.#asItIs(),
      status: outcome.kind === "succeeded" ? "SUCCEEDED" : failed,
      stopDate: children.now(),
      outcome,
      areResultsWritten,
    };
    const waiting = this.#limitsWaiting.splice(0);
    await store.commit({ run });
    this.#run = { ...run, version: run.version + 1 };
    for (const resolve of waiting) resolve();
    return outcome;
  }

  async #checkCounters(): Promise<void> {
    if (this.#position.children > COUNTED_AGAIN_MAX) return;
    const counted = await this.#ports.store.count(this.#run.key);
    const { childCounts, itemCounts } = this.#asItIs();
    assert(
      JSON.stringify(counted) === JSON.stringify({ children: childCounts, items: itemCounts }),
      `the counters of ${this.#run.mapRunArn} must be what its children add up to`,
    );
  }
}

function newSlice(): Slice {
  return { begun: [], begunAgain: [], ended: [], immediate: [], toBegin: [], toRedrive: [] };
}

function isEmpty({ begun, begunAgain, ended }: Slice): boolean {
  return begun.length === 0 && begunAgain.length === 0 && ended.length === 0;
}

function endOf({ stopDate, ...end }: EndRecord): ChildEnd {
  return { ...end, stoppedAt: stopDate };
}
