/**
 * The life of one run while this process performs it: reads items, begins children, counts their ends, and concludes.
 *
 * M1. What is in the store is what has happened: this object can be thrown away at any time and made again from there.
 * M2. A child is begun only after the commit of its row (and of the run's position behind its items); an Express child
 *     that one transition finishes is committed together with its end, and nobody was asked for anything before.
 * M3. A child's end moves the counters in the commit that writes it, once (design invariant 7).
 * M4. No more children are open than the concurrency allows.
 */
import type { EpochMs, ExecutionStart, MapRunPlan } from "@stepwell/core";
import { StatesErrorSignal } from "@stepwell/core";
import { assert } from "../executions/assert.ts";
import type { ChildExecutions, ChildFamily, MapRunOutcome } from "../ports/map-run-host.ts";
import type { MapRunIo } from "../ports/map-run-io.ts";
import type {
  BegunAgainChild,
  BegunChild,
  MapRunLimits,
  MapRunStore,
  StoredChild,
  StoredMapRun,
} from "../ports/map-run-store.ts";
import type { EndRecord } from "../ports/store.ts";
import type { ChildInput, ChildInputSource } from "./child-inputs.ts";
import { childStart, ImmediateStart } from "./child-start.ts";
import { conclude } from "./map-run-results.ts";
import { childEndOf, type EndedChild, OpenChildren } from "./open-children.ts";
import { RunProgress } from "./run-progress.ts";

/** Children begun, and ends counted, in one commit. */
const SLICE = 500;
/** Children that begin and end at once, in one commit: its price, a wait for the disk, is shared by them. */
const IMMEDIATE_SLICE = 4_096;
/** The same, in characters of their texts: what waits in memory for the commit. */
const IMMEDIATE_CHARACTERS = 4_194_304;
/** Then others have their turn. */
const IMMEDIATE_SLICE_MS = 25;
/** How many children are begun between two looks at the clock. */
const CLOCK_STRIDE = 64;
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

interface Slice {
  readonly begun: BegunChild[];
  readonly begunAgain: BegunAgainChild[];
  readonly ended: EndedChild[];
  /** Told when it is committed. */
  readonly told: (() => void)[];
  readonly toBegin: { readonly index: number; readonly start: ExecutionStart }[];
  readonly toRedrive: StoredChild[];
}

export class MapRun {
  readonly #ports: MapRunPorts;
  readonly #family: ChildFamily;
  readonly #writer: MapRunPlan["writer"];
  readonly #inputs: ChildInputSource;
  readonly #abort: AbortController;
  readonly #open: OpenChildren;
  readonly #progress: RunProgress;
  #run: StoredMapRun;
  #limitsWaiting: (() => void)[] = [];
  /** Read and not begun: from `#preparedAt` on. */
  #prepared: readonly ChildInput[] = [];
  #preparedAt = 0;
  #pending: StoredChild[] = [];
  #immediately: boolean;
  #isHalted = false;
  #hasNews = true;
  #wake: (() => void) | undefined;

  constructor(ports: MapRunPorts, parts: MapRunParts) {
    const { run, family } = parts;
    this.#ports = ports;
    this.#run = run;
    this.#family = family;
    this.#writer = parts.writer;
    this.#inputs = parts.inputs;
    this.#abort = parts.abort;
    this.#progress = new RunProgress(run);
    this.#open = new OpenChildren({ ...ports, run, family, news: () => this.#tell() });
    this.#immediately = run.executionType === "EXPRESS";
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
      this.#abort.abort();
      await this.#inputs.close().catch((error: unknown) => children.problem(error, this.#run.mapRunArn));
    }
  }

  childEnded(executionName: string, end: EndRecord): void {
    this.#open.childEnded(executionName, end);
  }

  /** Takes effect with the next child. Resolves when it is durable. */
  update(limits: Partial<MapRunLimits>): Promise<void> {
    this.#progress.limit(limits);
    return new Promise((resolve) => {
      this.#limitsWaiting.push(resolve);
      this.#tell();
    });
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
      if (this.#progress.verdict === undefined) await this.#fill(slice);
      if (this.#isHalted) return undefined;
      const { verdict } = this.#progress;
      if (!isEmpty(slice) || this.#limitsWaiting.length > 0 || verdict !== this.#run.verdict) await this.#commit(slice);
      if (verdict !== undefined) this.#open.stopAll();
      if (this.#isFinished()) return this.#finish();
      if (!this.#hasNews && isEmpty(slice)) return undefined;
      // Others have their turn: the engine with the children, the API with its callers.
      await new Promise<void>((resolve) => this.#ports.children.later(resolve));
    }
    return undefined;
  }

  #isFinished(): boolean {
    if (!this.#open.areNone) return false;
    if (this.#progress.verdict !== undefined) return true;
    return this.#isRead() && this.#progress.of("PENDING_REDRIVE") === 0;
  }

  #isRead(): boolean {
    return this.#inputs.isAtEnd && this.#preparedAt >= this.#prepared.length;
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
    if (this.#room <= 0 || this.#isRead()) return;
    if (this.#immediately) await this.#fillImmediately(slice);
    else {
      await this.#prepare(Math.min(this.#room, SLICE));
      this.#beginPrepared(slice);
    }
    this.#progress.read(this.#isRead());
  }

  async #prepare(max: number): Promise<void> {
    if (this.#preparedAt < this.#prepared.length) return;
    this.#prepared = await this.#inputs.take(max);
    this.#preparedAt = 0;
  }

  /** Children that end at once leave their room to the next ones. What was read for them is garbage soon. */
  async #fillImmediately(slice: Slice): Promise<void> {
    const { children } = this.#ports;
    const until = children.now() + IMMEDIATE_SLICE_MS;
    let charactersLeft = IMMEDIATE_CHARACTERS;
    do {
      await this.#prepare(SLICE);
      charactersLeft -= this.#runImmediately(slice, until);
      if (this.#isHalted || this.#progress.verdict !== undefined || !this.#immediately) return;
    } while (!this.#isRead() && slice.begun.length < IMMEDIATE_SLICE && charactersLeft > 0 && children.now() < until);
  }

  #beginPrepared(slice: Slice): void {
    const end = Math.min(this.#prepared.length, this.#preparedAt + Math.min(this.#room, SLICE));
    while (this.#preparedAt < end) this.#begin(this.#prepared[this.#preparedAt++] as ChildInput, slice);
  }

  #begin(child: ChildInput, slice: Slice): void {
    const startedAt = this.#ports.children.now();
    const index = this.#progress.begin(child);
    const start = childStart(this.#run, index, child.input, startedAt);
    slice.begun.push(begunChild(index, child, startedAt, this.#run.redriveCount));
    slice.toBegin.push({ index, start });
    this.#open.add(index, child.items);
  }

  /**
   * Express children that one transition finishes: the first that needs more is a sign that the others do. Gives the
   * characters that they take.
   */
  #runImmediately(slice: Slice, until: EpochMs): number {
    const { children } = this.#ports;
    let startedAt = children.now();
    let characters = 0;
    for (let count = 1; this.#preparedAt < this.#prepared.length; count++) {
      const child = this.#prepared[this.#preparedAt] as ChildInput;
      const start = new ImmediateStart(this.#run, this.#progress.children, child.input, startedAt);
      const immediate = children.runAtOnce(this.#family, start, child.value);
      if (immediate === undefined) {
        this.#immediately = false;
        this.#hasNews = true;
        break;
      }
      this.#preparedAt++;
      const index = this.#progress.begin(child);
      const end = childEndOf(immediate.end);
      this.#progress.end(child.items, end);
      slice.begun.push(begunChild(index, child, startedAt, this.#run.redriveCount, end));
      if (immediate.tell !== undefined) slice.told.push(immediate.tell);
      characters += child.input.length + (end.output?.length ?? 0);
      if (this.#progress.verdict !== undefined) break;
      if (count % CLOCK_STRIDE !== 0) continue;
      startedAt = children.now();
      if (startedAt >= until) break;
    }
    return characters;
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
    const waiting = this.#limitsWaiting.splice(0);
    const run = this.#progress.appliedTo(this.#run);
    const { begun, begunAgain, ended } = slice;
    await this.#ports.store.commit({ run, begun, begunAgain, ended });
    this.#run = { ...run, version: run.version + 1 };
    for (const resolve of waiting) resolve();
    for (const tell of slice.told) tell();
    for (const { index, start } of slice.toBegin) this.#open.send(index, start);
    for (const child of slice.toRedrive) this.#open.sendAgain(child);
  }

  /** A run whose results could not be written ends before its children have worked in vain. */
  async #checkWriter(): Promise<void> {
    const { io } = this.#ports;
    const { mapRunArn, redriveCount } = this.#run;
    if (this.#writer?.parameters === undefined || io === undefined || this.#progress.children > 0) return;
    try {
      await (await io.openResultWriter({ writer: this.#writer, mapRunArn, redriveCount })).abort();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!(error instanceof StatesErrorSignal)) throw error;
    const { error: name = "States.Runtime", cause } = error.statesError;
    this.#progress.fail(name, cause);
  }

  async #finish(): Promise<MapRunOutcome> {
    const { store, io, children } = this.#ports;
    await this.#checkCounters();
    const { verdict } = this.#progress;
    const concluded = await conclude({
      run: this.#progress.appliedTo(this.#run),
      writer: this.#writer,
      verdict,
      inputs: this.#inputs,
      prepared: this.#prepared.slice(this.#preparedAt),
      store,
      io,
      payloadBytesMax: children.payloadBytesMax,
    });
    const { outcome, areResultsWritten } = concluded;
    const run: StoredMapRun = {
      ...this.#progress.appliedTo(this.#run),
      status: outcome.kind === "succeeded" ? "SUCCEEDED" : (verdict?.status ?? "FAILED"),
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
    if (this.#progress.children > COUNTED_AGAIN_MAX) return;
    const counted = await this.#ports.store.count(this.#run.key);
    const { childCounts, itemCounts } = this.#progress.appliedTo(this.#run);
    assert(
      JSON.stringify(counted) === JSON.stringify({ children: childCounts, items: itemCounts }),
      `the counters of ${this.#run.mapRunArn} must be what its children add up to`,
    );
  }
}

function begunChild(
  index: number,
  { firstItem, items, input, key }: ChildInput,
  startedAt: number,
  generation: number,
  end?: BegunChild["end"],
): BegunChild {
  const begun = { index, firstItem, items, input, startedAt, generation };
  if (key !== undefined) return { ...begun, key, ...(end === undefined ? {} : { end }) };
  return end === undefined ? begun : { index, firstItem, items, input, startedAt, generation, end };
}

function newSlice(): Slice {
  return { begun: [], begunAgain: [], ended: [], told: [], toBegin: [], toRedrive: [] };
}

function isEmpty({ begun, begunAgain, ended }: Slice): boolean {
  return begun.length === 0 && begunAgain.length === 0 && ended.length === 0;
}
