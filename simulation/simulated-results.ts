/** Where map runs of a simulation export their results to: seen when a writer is closed, by all processes. */
import { StatesErrorSignal } from "@stepwell/core";
import { type MapRunIo, type ResultRecord, ResultsUnavailable, type ResultWriter } from "@stepwell/engine";
import { SeededIds } from "@stepwell/engine/testing";
import type { Life } from "./faulty-store.ts";

export class SimulatedResults {
  /** `status input` of each child, by run and generation. */
  readonly seen: Map<string, readonly string[]> = new Map();
  /** Probability of one call: of the first writer, which is that of results that are written early, for good. */
  failed = 0;
  readonly #chance: SeededIds;
  readonly #pass: (ms: number) => Promise<void>;
  #writers = 0;

  constructor(seed: number, pass: (ms: number) => Promise<void>) {
    this.#chance = new SeededIds(seed);
    this.#pass = pass;
  }

  /** What one process sees of it, until it dies. */
  of(life: Life): MapRunIo {
    return {
      unsupportedReader: () => undefined,
      readItems: () => {
        throw new Error("there is nothing to read");
      },
      openResultWriter: async ({ mapRunArn, redriveCount }) => this.#writer(`${mapRunArn} ${redriveCount}`, life),
      discardUnfinished: async () => undefined,
      combineResults: (_, outputs) => `[${[...outputs].join(",")}]`,
      close: async () => undefined,
    };
  }

  #writer(name: string, life: Life): ResultWriter {
    const texts: string[] = [];
    const isFirst = this.#writers++ === 0;
    const answer = async (): Promise<void> => {
      if (this.#chance.chance(0.3)) await this.#pass(this.#chance.below(50));
      if (life.isOver) await new Promise(() => undefined);
      if (!this.#chance.chance(this.failed)) return;
      throw isFirst
        ? new StatesErrorSignal("States.ResultWriterFailed", "simulated")
        : new ResultsUnavailable("simulated");
    };
    return {
      write: async (records: readonly ResultRecord[]) => {
        await answer();
        texts.push(...records.map(({ status, input }) => `${status} ${input}`));
      },
      close: async () => {
        await answer();
        this.seen.set(name, texts);
        return { MapRunArn: name };
      },
      abort: async () => undefined,
    };
  }
}
