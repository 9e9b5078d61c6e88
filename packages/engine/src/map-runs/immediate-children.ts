/**
 * Express children that one transition finishes: run in memory, here or by helpers, and committed together with their
 * ends, in their order.
 *
 * I1. Such a child has asked for nothing outside: as long as its end is not committed, it may be run again.
 * I2. Where they cost less than their way to a helper, or there is none, they are run here, one after the other.
 */
import type { EpochMs } from "@stepwell/core";
import type { ChildExecutions, ChildFamily } from "../ports/map-run-host.ts";
import type { ChildEnd, StoredMapRun } from "../ports/map-run-store.ts";
import type { ChildInput } from "./child-inputs.ts";
import { ImmediateStart } from "./child-start.ts";
import { childEndOf } from "./open-children.ts";
import type { PackOfChildren } from "./pack-of-children.ts";
import { PackedChildren } from "./packed-children.ts";
import type { PreparedInputs } from "./prepared-inputs.ts";
import { RunCost } from "./run-cost.ts";
import type { RunProgress } from "./run-progress.ts";
import { begunChild, type Slice, tellOfLast } from "./run-slice.ts";

/** Children that begin and end at once, in one commit: its price, a wait for the disk, is shared by them. */
const SLICE = 2_048;
/** The same, in characters of their texts: what waits in memory for the commit. */
const SLICE_CHARACTERS = 4_194_304;
/** Then others have their turn. */
const SLICE_MS = 25;
/** Inputs read at once. */
const READ_TOGETHER = 500;
/** How many children are begun between two looks at the clock. */
const CLOCK_STRIDE = 64;

export interface ImmediateChildrenParts {
  readonly run: StoredMapRun;
  readonly family: ChildFamily;
  readonly children: ChildExecutions;
  readonly inputs: PreparedInputs;
  readonly progress: RunProgress;
  /** Aborted: no more children are wanted. */
  readonly signal: AbortSignal;
  /** Called when there is something to do. */
  news(): void;
}

export class ImmediateChildren {
  readonly #parts: ImmediateChildrenParts;
  readonly #packed: PackedChildren | undefined;
  readonly #cost = new RunCost();
  #areTried: boolean;

  constructor(parts: ImmediateChildrenParts) {
    const { run, family, children } = parts;
    const { packs } = children;
    this.#parts = parts;
    this.#areTried = run.executionType === "EXPRESS";
    if (packs === undefined || !this.#areTried) return;
    this.#packed = new PackedChildren({ ...parts, packs, revisionKey: family.revisionKey });
  }

  /** The first child that needs more than one transition is a sign that the others do. */
  get areTried(): boolean {
    return this.#areTried;
  }

  /** None is in a pack. */
  get areNone(): boolean {
    return this.#packed === undefined || this.#packed.isEmpty;
  }

  /** Nobody wants the ends of what is in packs: it is as if it had never been begun. */
  giveBack(): void {
    this.#packed?.giveBack([]);
  }

  /** No more than `room` children are run at once. */
  async fill(slice: Slice, room: number): Promise<void> {
    const packed = this.#packed;
    if (packed !== undefined && (!packed.isEmpty || this.#isHelpWanted(packed, room))) {
      await this.#fillWithHelp(packed, slice, room);
    } else await this.#fillHere(slice);
  }

  #isHelpWanted(packed: PackedChildren, room: number): boolean {
    return room > 1 && this.#cost.isWorthSending && packed.hasHelpers;
  }

  /** Children that end at once leave their room to the next ones. What was read for them is garbage soon. */
  async #fillHere(slice: Slice): Promise<void> {
    const { children, inputs } = this.#parts;
    const until = children.now() + SLICE_MS;
    let charactersLeft = SLICE_CHARACTERS;
    do {
      await inputs.prepare(READ_TOGETHER);
      // Stopped while it read.
      if (this.#isOver) return;
      charactersLeft -= this.#runHere(slice, until);
      if (this.#isOver) return;
    } while (!inputs.areTaken && slice.begun.length < SLICE && charactersLeft > 0 && children.now() < until);
  }

  get #isOver(): boolean {
    const { signal, progress } = this.#parts;
    return signal.aborted || progress.verdict !== undefined || !this.#areTried;
  }

  /** Gives the characters that they take. */
  #runHere(slice: Slice, until: EpochMs): number {
    const { children, family, inputs, progress } = this.#parts;
    const begun = children.now();
    let startedAt = begun;
    let characters = 0;
    let count = 0;
    for (let look = 1; ; ) {
      const child = inputs.next;
      if (child === undefined) break;
      const start = this.#startOf(progress.children, child, startedAt);
      const immediate = children.runAtOnce(family, start, child.of);
      if (immediate === undefined) {
        this.#areTried = false;
        break;
      }
      inputs.shift();
      count += 1;
      const end = childEndOf(immediate.end);
      this.#begunAndEnded(slice, child, end);
      if (immediate.tell !== undefined) tellOfLast(slice, immediate.tell);
      characters += child.input.length + (end.output?.length ?? 0);
      if (progress.verdict !== undefined) break;
      if (count < look && immediate.tookLong !== true) continue;
      // The first may be long: nobody has seen one yet.
      look = count + Math.min(count, CLOCK_STRIDE);
      startedAt = children.now();
      if (startedAt >= until) break;
    }
    this.#cost.saw(count, children.now() - begun, characters);
    return characters;
  }

  #startOf(index: number, child: ChildInput, startedAt: EpochMs): ImmediateStart {
    return new ImmediateStart(this.#parts.run, index, child.input, startedAt);
  }

  #begunAndEnded(slice: Slice, child: ChildInput, end: ChildEnd): void {
    const { run, progress } = this.#parts;
    const index = progress.begin(child);
    progress.end(child.items, end);
    // In the millisecond of its end.
    slice.begun.push(begunChild(index, child, end.stoppedAt, run.redriveCount, end));
  }

  /** Counts what has come, lends what helpers take, and works beside them. */
  async #fillWithHelp(packed: PackedChildren, slice: Slice, room: number): Promise<void> {
    const { children, progress, news } = this.#parts;
    const until = children.now() + SLICE_MS;
    const nextIndex = (): number => progress.children + packed.size;
    // When they have become cheap, what is in packs is the last of it.
    const helpersMax = this.#cost.isWorthSending ? Math.max(room - 1, 0) : 0;
    do {
      if (!this.#count(packed, slice) || this.#isOver || (packed.isEmpty && helpersMax === 0)) break;
      const size = this.#cost.packSize;
      await packed.lend(nextIndex, size, helpersMax);
      const pack = room > 0 ? await packed.here(nextIndex, helpersMax === 0 ? 0 : size) : undefined;
      // There is nothing to do but wait for helpers.
      if (pack === undefined) return;
      if (!this.#isOver) this.#runPack(pack, until);
    } while (children.now() < until);
    news();
  }

  #runPack(pack: PackOfChildren, until: EpochMs): void {
    const { children, family } = this.#parts;
    const begun = children.now();
    let now = begun;
    let characters = 0;
    const first = pack.ends.length;
    while (!pack.isComplete && now < until) {
      const child = pack.inputs[pack.ends.length] as ChildInput;
      const start = this.#startOf(pack.firstIndex + pack.ends.length, child, now);
      const immediate = children.runAtOnce(family, start, child.of);
      now = children.now();
      if (immediate === undefined) {
        pack.stopsHere();
        break;
      }
      const end = childEndOf(immediate.end);
      const { tell } = immediate;
      pack.ended(end, tell && (() => tell(start, children.now())));
      characters += child.input.length + (end.output?.length ?? 0);
    }
    this.#cost.saw(pack.ends.length - first, now - begun, characters);
  }

  /** Packs that are complete, in their order; `false` when there is no room for more in this commit. */
  #count(packed: PackedChildren, slice: Slice): boolean {
    const { progress } = this.#parts;
    let characters = 0;
    for (let pack = packed.complete; pack !== undefined; pack = packed.complete) {
      if (slice.begun.length >= SLICE || characters >= SLICE_CHARACTERS) return false;
      characters += pack.characters;
      const count = this.#countPack(pack, slice);
      const counted = pack;
      slice.committed.push(() => counted.counted(count));
      packed.shift();
      if (progress.verdict === undefined && !pack.needsMore) continue;
      this.#areTried = !pack.needsMore;
      packed.giveBack(pack.inputs.slice(count));
    }
    return true;
  }

  /** How many count: those behind the one that failed too much are as if they had never been begun. */
  #countPack({ inputs, ends }: PackOfChildren, slice: Slice): number {
    for (const [i, end] of ends.entries()) {
      this.#begunAndEnded(slice, inputs[i] as ChildInput, end);
      if (this.#parts.progress.verdict !== undefined) return i + 1;
    }
    return ends.length;
  }
}
