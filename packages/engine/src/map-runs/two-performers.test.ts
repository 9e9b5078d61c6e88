import { StatesErrorSignal } from "@stepwell/core";
import { describe, expect, test } from "vitest";
import { type MapRunIo, ResultsUnavailable, type ResultWriter, type ResultWriterRequest } from "../ports/map-run-io.ts";
import { ChildResult } from "./child-result.ts";
import { MapWorld, type MapWorldOptions, PASS, processor } from "./map-world.test-support.ts";

// One process is frozen while it performs a run, another takes over, the first wakes up: at all places, early and late.

const WRITER = {
  ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "b", Prefix: "p" } },
};
const T = { Type: "Task", Resource: "arn:aws:lambda:us-east-1:123456789012:function:f", End: true };
/** More than are read from the store at once. */
const ITEMS = Array.from({ length: 600 }, (_, i) => i);

type Step = "read" | "open" | "write" | "close" | "shown" | "closed" | "discard";

/** A folder for each generation. Every content that a file ever had is kept. */
class Bucket implements MapRunIo {
  readonly shown = new Map<string, string[]>();
  readonly #uploads = new Set<{ readonly generation: number; isGone: boolean }>();
  /** Before each of them; whoever is frozen waits here. */
  step: (step: Step) => Promise<void> = async () => undefined;

  get uploads(): number {
    return this.#uploads.size;
  }

  unsupportedReader(): undefined {
    return undefined;
  }

  readItems(): never {
    throw new Error("there is nothing to read");
  }

  openResultWriter = async ({ redriveCount: generation }: ResultWriterRequest): Promise<ResultWriter> => {
    await this.step("open");
    const upload = { generation, isGone: false };
    const texts: string[] = [];
    this.#uploads.add(upload);
    return {
      write: async (records) => {
        await this.step("write");
        texts.push(...records.map(({ status, input, output }) => JSON.stringify([status, input, output])));
      },
      close: async () => {
        await this.step("close");
        if (upload.isGone) throw new ResultsUnavailable("The upload is gone");
        this.#show(`${generation}/results`, texts.join("\n"));
        await this.step("shown");
        this.#show(`${generation}/manifest`, String(texts.length));
        this.#uploads.delete(upload);
        await this.step("closed");
        return { Generation: generation };
      },
      abort: async () => void this.#uploads.delete(upload),
    };
  };

  discardUnfinished = async ({ redriveCount }: ResultWriterRequest): Promise<void> => {
    await this.step("discard");
    this.discard(redriveCount);
  };

  discard(generation: number): void {
    for (const upload of this.#uploads) {
      if (upload.generation !== generation) continue;
      upload.isGone = true;
      this.#uploads.delete(upload);
    }
  }

  #show(name: string, content: string): void {
    this.shown.set(name, [...(this.shown.get(name) ?? []), content]);
  }

  combineResults(): string {
    return "[]";
  }

  async close(): Promise<void> {}
}

function worldOf(options: MapWorldOptions = {}) {
  const io = new Bucket();
  const world = new MapWorld({ io, ...options });
  /** At the step of this number the process stands still. Waking up takes it on from there. */
  const frozen = Promise.withResolvers<void>();
  let wakeUp: (() => void) | undefined;
  const freezeAt = (place: number, awakeAt = Number.POSITIVE_INFINITY): void => {
    let steps = 0;
    io.step = async () => {
      steps += 1;
      if (steps === place + awakeAt) wake();
      if (steps !== place) return;
      wakeUp = world.freeze();
      await frozen.promise;
    };
  };
  const { children } = world.mapRunStore;
  world.mapRunStore.children = async (key, query) => {
    if (query.texts) await io.step("read");
    return children.call(world.mapRunStore, key, query);
  };
  const wake = (): void => {
    wakeUp?.();
    frozen.resolve();
  };
  const stored = async (arn: string): Promise<string> => {
    const [run] = await world.mapRunStore.ofExecution(arn, 1);
    if (run === undefined) throw new Error("there is no map run");
    const all = await children.call(world.mapRunStore, run.key, { limit: 10_000, texts: true });
    const shown = all.map((child) => new ChildResult(run, child, child));
    return shown.map(({ status, input, output }) => JSON.stringify([status, input, output])).join("\n");
  };
  return { world, io, freezeAt, wake, stored, wasFrozen: () => wakeUp !== undefined };
}

describe.each(["STANDARD", "EXPRESS"] as const)("two performers of a run of %s children", (type) => {
  // When the first one wakes up: in the middle of what the other does, or when that has ended.
  test.each([1, 2, 3, 5, 7, Number.POSITIVE_INFINITY])(
    "show the same, and the run succeeds: awake at %d",
    async (awakeAt) => {
      for (let place = 1; ; place++) {
        const { world, io, freezeAt, wake, stored, wasFrozen } = worldOf();
        freezeAt(place, awakeAt);
        const arn = await world.startMap({ ...WRITER, ItemProcessor: processor(PASS, type) }, ITEMS);
        await world.passAll();
        wake();
        await world.passAll();
        const about = `frozen at ${place}`;
        expect((await world.engine.describe(arn)).status, about).toBe("SUCCEEDED");
        expect(await world.run(arn), about).toMatchObject({
          areResultsWritten: true,
          childCounts: { SUCCEEDED: 600 },
        });
        for (const content of io.shown.get("0/results") ?? []) expect(content, about).toBe(await stored(arn));
        for (const content of io.shown.get("0/manifest") ?? []) expect(content, about).toBe("600");
        expect(io.shown.size, about).toBe(2);
        expect(io.uploads, about).toBe(0);
        if (!wasFrozen()) break;
        expect(place).toBeLessThan(50);
      }
    },
  );

  test("one that wakes up when the run was redriven shows nothing of what the other has done since", async () => {
    for (let place = 1; ; place++) {
      const bad = new Set(["7", "550"]);
      const { world, io, freezeAt, wake, wasFrozen } = worldOf({
        start: ({ input }) =>
          bad.has(input) ? { kind: "failed", error: "Bad" } : { kind: "succeeded", output: `"${input}"` },
      });
      freezeAt(place);
      const map = { ...WRITER, ToleratedFailureCount: 1, ItemProcessor: processor({ T }, type) };
      const arn = await world.startMap(map, ITEMS);
      await world.passAll();
      expect((await world.engine.describe(arn)).error).toBe("States.ExceedToleratedFailureThreshold");
      bad.clear();
      const redriven = world.engine.redrive(arn);
      await world.passAll();
      await redriven;
      wake();
      await world.passAll();
      const about = `frozen at ${place}`;
      expect((await world.engine.describe(arn)).status, about).toBe("SUCCEEDED");
      for (const contents of io.shown.values()) expect(new Set(contents).size, about).toBe(1);
      expect([...io.shown.keys()], about).toEqual(["0/results", "0/manifest", "1/results", "1/manifest"]);
      expect(io.shown.get("0/results")?.[0]?.match(/"FAILED"/g), about).toHaveLength(2);
      expect(io.uploads, about).toBe(0);
      if (!wasFrozen()) break;
      expect(place).toBeLessThan(50);
    }
  });
});

test("an upload that somebody has thrown away is written again", async () => {
  const { world, io, stored } = worldOf();
  let closes = 0;
  io.step = async (step) => {
    // Not by another performer: an older release did, and so may a person.
    if (step === "close" && ++closes <= 3) io.discard(0);
  };
  const arn = await world.startMap({ ...WRITER, ItemProcessor: processor(PASS) }, ITEMS);
  await world.passAll();
  expect((await world.engine.describe(arn)).status).toBe("SUCCEEDED");
  expect(io.shown.get("0/results")).toEqual([await stored(arn)]);
  expect([closes, io.uploads]).toEqual([4, 0]);
});

describe.each(["write", "close", "closed"] as const)("a store that is out of reach at a %s", (failing) => {
  test.each([1, 5, 11])("for %d times fails no run", async (times) => {
    const { world, io, stored } = worldOf();
    let calls = 0;
    io.step = async (step) => {
      if (step === failing && ++calls <= times) throw new ResultsUnavailable("SlowDown");
    };
    const arn = await world.startMap({ ...WRITER, ItemProcessor: processor(PASS) }, ITEMS);
    await world.passAll();
    expect(await world.engine.describe(arn)).toMatchObject({ status: "SUCCEEDED" });
    expect(new Set(io.shown.get("0/results"))).toEqual(new Set([await stored(arn)]));
    expect([io.uploads, world.problems.length]).toEqual([0, times]);
  });

  test("for good fails it after some minutes, or at once when it says so", async () => {
    for (const isPassing of [true, false]) {
      const { world, io } = worldOf();
      const begun = world.clock.now();
      io.step = async (step) => {
        if (step !== failing) return;
        throw isPassing
          ? new ResultsUnavailable("SlowDown")
          : new StatesErrorSignal("States.ResultWriterFailed", "Access Denied");
      };
      const arn = await world.startMap({ ...WRITER, ItemProcessor: processor(PASS) }, ITEMS);
      await world.passAll();
      const cause = isPassing ? "SlowDown" : "Access Denied";
      expect(await world.engine.describe(arn)).toMatchObject({ error: "States.ResultWriterFailed", cause });
      const seconds = (world.clock.now() - begun) / 1_000;
      expect([Math.trunc(seconds / 60), io.uploads]).toEqual([isPassing ? 3 : 0, 0]);
      expect(world.problems).toHaveLength(isPassing ? 12 : 0);
    }
  });
});

test.each([
  [2, "SUCCEEDED"],
  [Number.POSITIVE_INFINITY, "FAILED"],
])("a store that is out of reach at the start, %d times", async (times, status) => {
  const { world, io } = worldOf();
  let calls = 0;
  io.step = async () => {
    if (++calls <= times) throw new ResultsUnavailable("SlowDown");
  };
  const arn = await world.startMap({ ...WRITER, ItemProcessor: processor(PASS) }, ITEMS);
  await world.passAll();
  expect((await world.engine.describe(arn)).status).toBe(status);
  const { childCounts } = await world.run(arn);
  expect(childCounts.SUCCEEDED).toBe(status === "FAILED" ? 0 : 600);
  expect(world.problems).toHaveLength(Math.min(times, 3));
});
