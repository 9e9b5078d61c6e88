/**
 * Express children that one transition finishes: run in memory, and committed together with their ends.
 *
 * I1. Such a child has asked for nothing outside: as long as its end is not committed, it may be run again.
 */
import type { EpochMs } from "@stepwell/core";
import type { ChildExecutions, ChildFamily } from "../ports/map-run-host.ts";
import type { StoredMapRun } from "../ports/map-run-store.ts";
import { ImmediateStart } from "./child-start.ts";
import { childEndOf } from "./open-children.ts";
import type { PreparedInputs } from "./prepared-inputs.ts";
import type { RunProgress } from "./run-progress.ts";
import { begunChild, type Slice } from "./run-slice.ts";

/** Children that begin and end at once, in one commit: its price, a wait for the disk, is shared by them. */
const SLICE = 4_096;
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
}

export class ImmediateChildren {
  readonly #parts: ImmediateChildrenParts;
  #areTried: boolean;

  constructor(parts: ImmediateChildrenParts) {
    this.#parts = parts;
    this.#areTried = parts.run.executionType === "EXPRESS";
  }

  /** The first child that needs more than one transition is a sign that the others do. */
  get areTried(): boolean {
    return this.#areTried;
  }

  /** Children that end at once leave their room to the next ones. What was read for them is garbage soon. */
  async fill(slice: Slice): Promise<void> {
    const { children, inputs } = this.#parts;
    const until = children.now() + SLICE_MS;
    let charactersLeft = SLICE_CHARACTERS;
    do {
      await inputs.prepare(READ_TOGETHER);
      charactersLeft -= this.#run(slice, until);
      if (this.#isOver) return;
    } while (!inputs.areTaken && slice.begun.length < SLICE && charactersLeft > 0 && children.now() < until);
  }

  get #isOver(): boolean {
    const { signal, progress } = this.#parts;
    return signal.aborted || progress.verdict !== undefined || !this.#areTried;
  }

  /** Gives the characters that they take. */
  #run(slice: Slice, until: EpochMs): number {
    const { run, family, children, inputs, progress } = this.#parts;
    let startedAt = children.now();
    let characters = 0;
    for (let count = 1; ; count++) {
      const child = inputs.next;
      if (child === undefined) break;
      const start = new ImmediateStart(run, progress.children, child.input, startedAt);
      const immediate = children.runAtOnce(family, start, child.value);
      if (immediate === undefined) {
        this.#areTried = false;
        break;
      }
      inputs.shift();
      const index = progress.begin(child);
      const end = childEndOf(immediate.end);
      progress.end(child.items, end);
      slice.begun.push(begunChild(index, child, startedAt, run.redriveCount, end));
      if (immediate.tell !== undefined) slice.told.push(immediate.tell);
      characters += child.input.length + (end.output?.length ?? 0);
      if (progress.verdict !== undefined) break;
      if (count % CLOCK_STRIDE !== 0 && immediate.tookLong !== true) continue;
      startedAt = children.now();
      if (startedAt >= until) break;
    }
    return characters;
  }
}
