/**
 * Results that go into the files of a run while its children end: those of children that end at once, beside the commits
 * that hold them. Whatever is missing when the run ends is written from the store then (map-run-results.ts).
 *
 * E1. They are those of the first children, in order, without a gap. If their commit fails, they are thrown away with all
 *     the others: the store is the truth, and nobody sees any of them before the run ends.
 * E2. They are thrown away, too, when the run is halted, and when they cannot be written. That is no failure of the run:
 *     when it happens at the end, the run is taken up again (ResultsLost).
 * E3. The next commit waits for them: what waits in memory is no more than what one commit holds.
 * E4. A run has one open writer at a time.
 */
import type { MapRunPlan } from "@stepwell/core";
import type { ChildExecutions } from "../ports/map-run-host.ts";
import type { MapRunIo, ResultWriter } from "../ports/map-run-io.ts";
import type { BegunChild, ChildEnd, StoredMapRun } from "../ports/map-run-store.ts";
import { ChildResult } from "./child-result.ts";

/** A writer may hold a part of an upload in memory, and some of them are open for as long as their runs. */
const EARLY_WRITERS_MAX = 16;

/** How many runs of a process write early. The others write when they end. */
export class EarlyPlaces {
  #taken = 0;

  take(): boolean {
    if (this.#taken >= EARLY_WRITERS_MAX) return false;
    this.#taken += 1;
    return true;
  }

  leave(): void {
    this.#taken -= 1;
  }
}

export interface EarlyResultsParts {
  /** As it is when it is taken up. */
  readonly run: StoredMapRun;
  readonly writer: MapRunPlan["writer"];
  readonly io: MapRunIo | undefined;
  readonly places: EarlyPlaces;
  readonly children: Pick<ChildExecutions, "problem">;
}

/** An open writer, and how many children it has the results of: the first ones. */
export interface BegunResults {
  readonly results: ResultWriter;
  readonly count: number;
}

type EndedAtOnce = BegunChild & { readonly end: ChildEnd };

export class EarlyResults {
  readonly #parts: EarlyResultsParts;
  #results: ResultWriter | undefined;
  /** Children that were written, or are being written. */
  #count = 0;
  #isOver = false;
  /** Never rejects. */
  #writing: Promise<void> | undefined;

  constructor(parts: EarlyResultsParts) {
    this.#parts = parts;
  }

  /** Before the first child. Rejects as openResultWriter does, also for a run that will write all when it ends. */
  async open(): Promise<void> {
    const { run, writer, io, places } = this.#parts;
    const { mapRunArn, redriveCount, executionType, position } = run;
    if (writer?.parameters === undefined || io === undefined || position.children > 0) return;
    const results = await io.openResultWriter({ writer, mapRunArn, redriveCount });
    if (executionType === "EXPRESS" && places.take()) this.#results = results;
    else await results.abort();
  }

  /**
   * These children are being committed, behind those of the last call. After the first that has not ended at once nothing
   * more is written early. Resolves when the results are written, or will not be; never rejects.
   */
  write(begun: readonly BegunChild[]): Promise<void> {
    this.#writing = this.#write(begun);
    return this.#writing;
  }

  async #write(begun: readonly BegunChild[]): Promise<void> {
    const results = this.#results;
    if (results === undefined || this.#isOver) return;
    const follows = (child: BegunChild, i: number): child is EndedAtOnce =>
      child.end !== undefined && child.index === this.#count + i;
    if (begun.every(follows)) {
      this.#count += begun.length;
      await this.#writeTo(results, begun);
    } else {
      this.#isOver = true;
      // Nothing is gained by a writer without results.
      if (this.#count === 0) await this.#discard();
    }
  }

  async #writeTo(results: ResultWriter, ended: readonly EndedAtOnce[]): Promise<void> {
    const { run } = this.#parts;
    try {
      await results.write(ended.map((child) => new ChildResult(run, child, child.end)));
    } catch (error) {
      this.#problem(error);
      await this.#discard();
    }
  }

  /** The writer, for the caller to go on with; `undefined` when there is none. What it has must be committed. */
  take(): BegunResults | undefined {
    const results = this.#letGo();
    return results && { results, count: this.#count };
  }

  /** Nothing is left behind; never rejects. Does nothing after `take`. */
  async abort(): Promise<void> {
    await this.#writing;
    await this.#discard();
  }

  async #discard(): Promise<void> {
    try {
      await this.#letGo()?.abort();
    } catch (error) {
      // When the run is over, what is left is thrown away.
      this.#problem(error);
    }
  }

  #letGo(): ResultWriter | undefined {
    const results = this.#results;
    if (results !== undefined) this.#parts.places.leave();
    this.#results = undefined;
    return results;
  }

  #problem(error: unknown): void {
    const { children, run } = this.#parts;
    children.problem(error, run.mapRunArn);
  }
}
