import { StatesErrorSignal } from "@stepwell/core";
import { expect, test } from "vitest";
import type { MapRunIo, ResultRecord, ResultWriter } from "../ports/map-run-io.ts";
import { StoreUnavailable } from "../rejection.ts";
import { ChildResult } from "./child-result.ts";
import { MapWorld, type MapWorldOptions, PASS, processor } from "./map-world.test-support.ts";

const MANY = 10_000;
const ITEMS = Array.from({ length: MANY }, (_, i) => i);
const WRITER = {
  ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "b", Prefix: "p" } },
};
/** Every hundredth child fails. */
const SOME_FAIL = {
  C: { Type: "Choice", Choices: [{ Variable: "$.bad", IsPresent: true, Next: "F" }], Default: "P" },
  F: { Type: "Fail", Error: "Bad \ud800", Cause: "it is" },
  P: { Type: "Pass", End: true },
};
const SOME_BAD = ITEMS.map((i) => (i % 100 === 7 ? { i, bad: true } : { i }));
/** The item 5,000 waits for ten seconds. */
const ONE_WAITS = {
  C: { Type: "Choice", Choices: [{ Variable: "$", NumericEquals: 5_000, Next: "W" }], Default: "P" },
  W: { Type: "Wait", Seconds: 10, End: true },
  P: { Type: "Pass", End: true },
};

/** Results as texts of all that is known of each child. They are seen when their writer is closed. */
class Results implements MapRunIo {
  readonly closed: string[][] = [];
  opened = 0;
  aborted = 0;
  /** Of any writer. */
  written = 0;
  openMax = 0;
  pause: () => Promise<void> = async () => undefined;
  fails: (call: "open" | "write" | "close") => boolean = () => false;
  #open = 0;

  unsupportedReader(): undefined {
    return undefined;
  }

  readItems(): never {
    throw new Error("there is nothing to read");
  }

  openResultWriter = async (): Promise<ResultWriter> => {
    this.#ask("open");
    this.opened += 1;
    this.#open += 1;
    this.openMax = Math.max(this.openMax, this.#open);
    const texts: string[] = [];
    return {
      write: async (records) => {
        this.#ask("write");
        // As an upload does: part of it now, the rest later.
        await this.pause();
        texts.push(...records.map(textOf));
        this.written += records.length;
      },
      close: async () => {
        this.#ask("close");
        this.#open -= 1;
        this.closed.push(texts);
        return { Files: this.closed.length };
      },
      abort: async () => {
        this.#open -= 1;
        this.aborted += 1;
      },
    };
  };

  async discardUnfinished(): Promise<void> {}

  #ask(call: "open" | "write" | "close"): void {
    if (this.fails(call)) throw new StatesErrorSignal("States.ResultWriterFailed", `no ${call}`);
  }

  combineResults(): string {
    return "[]";
  }

  async close(): Promise<void> {}
}

function textOf(record: ResultRecord): string {
  const { status, input, output, error, cause, executionArn, name, stateMachineArn, startedAt, stoppedAt } = record;
  const { redriveCount, redriveStatus, redriveStatusReason } = record;
  const child = { status, input, output, error, cause, executionArn, name, stateMachineArn, startedAt, stoppedAt };
  return JSON.stringify({ ...child, redriveCount, redriveStatus, redriveStatusReason });
}

function worldOf(options: MapWorldOptions = {}) {
  const io = new Results();
  const world = new MapWorld({ io, ...options });
  io.pause = () => new Promise((resolve) => world.turns.later(resolve));
  const { mapRunStore } = world;
  const read: number[] = [];
  const children = mapRunStore.children.bind(mapRunStore);
  mapRunStore.children = async (key, query) => {
    const found = await children(key, query);
    if (query.texts) read.push(...found.map(({ index }) => index));
    return found;
  };
  /** What the results are when they are all written from the store. */
  const stored = async (arn: string): Promise<string[]> => {
    const [run] = await mapRunStore.ofExecution(arn, 1);
    if (run === undefined) throw new Error("there is no map run");
    const all = await children(run.key, { limit: MANY + 1, texts: true });
    return all.map((child) => textOf(new ChildResult(run, child, child)));
  };
  const start = (states: Record<string, object>, items: readonly unknown[], more: object = {}): Promise<string> =>
    world.startMap({ ...WRITER, ...more, ItemProcessor: processor(states, "EXPRESS") }, items as []);
  return { world, io, read, stored, start };
}

test("results of children that end at once are written while the run goes on, failures between them", async () => {
  const { world, io, read, stored, start } = worldOf();
  const atCommit: number[] = [];
  const commit = world.mapRunStore.commit.bind(world.mapRunStore);
  world.mapRunStore.commit = async (changes) => {
    await commit(changes);
    atCommit.push(io.written);
  };
  const arn = await start(SOME_FAIL, SOME_BAD, { ToleratedFailurePercentage: 5 });
  expect(world.problems).toEqual([]);
  expect(await world.engine.describe(arn)).toMatchObject({ status: "SUCCEEDED", output: '{"Files":1}' });
  expect(await world.run(arn)).toMatchObject({ childCounts: { FAILED: 100, SUCCEEDED: MANY - 100 } });
  expect(io.closed).toEqual([await stored(arn)]);
  expect([io.opened, io.aborted, read]).toEqual([1, 0, []]);
  // No more than the children of one commit wait.
  const lag = atCommit.map((written, i) => written - (atCommit[i - 1] ?? 0));
  expect(Math.max(...lag)).toBeLessThan(MANY / 2);
});

test("behind the first child that does not end at once, results come from the store", async () => {
  const { world, io, read, stored, start } = worldOf();
  const arn = await start(ONE_WAITS, ITEMS);
  expect((await world.engine.describe(arn)).status).toBe("RUNNING");
  expect([io.written, io.closed]).toEqual([5_000, []]);
  await world.passAll();
  expect((await world.engine.describe(arn)).status).toBe("SUCCEEDED");
  expect(io.closed).toEqual([await stored(arn)]);
  expect([io.opened, read]).toEqual([1, ITEMS.slice(5_000)]);
});

test("a run whose children take time has no writer open meanwhile", async () => {
  const { world, io, stored, start } = worldOf();
  const arn = await start({ W: { Type: "Wait", Seconds: 10, End: true } }, [1, 2, 3]);
  expect([io.opened, io.aborted]).toEqual([1, 1]);
  await world.passAll();
  expect(io.closed).toEqual([await stored(arn)]);
  expect(io.openMax).toBe(1);
});

test("an aborted run shows what was written early, and what it aborted", async () => {
  const { world, io, stored, start } = worldOf();
  const arn = await start(ONE_WAITS, ITEMS);
  const stopped = world.engine.stop(arn);
  await world.settle();
  await stopped;
  expect(await world.run(arn)).toMatchObject({ status: "ABORTED", areResultsWritten: true });
  const all = await stored(arn);
  expect(io.closed).toEqual([all]);
  expect(all.slice(5_000).map((text) => JSON.parse(text).status)).toContain("ABORTED");
  expect(io.opened).toBe(1);
});

test("too many failures: what is left is shown as pending, and a redrive writes what is new", async () => {
  const { world, io, start } = worldOf();
  const arn = await start(SOME_FAIL, SOME_BAD, { ToleratedFailureCount: 50 });
  expect((await world.engine.describe(arn)).error).toBe("States.ExceedToleratedFailureThreshold");
  const shown = io.closed[0]?.map((text) => JSON.parse(text)) ?? [];
  expect(shown.map(({ input }) => JSON.parse(input).i)).toEqual(ITEMS);
  expect(shown.filter(({ status }) => status === "PENDING")).toHaveLength(MANY - 5_008);
  expect(io.openMax).toBe(1);
  const redriven = world.engine.redrive(arn);
  await world.settle();
  await redriven;
  const again = io.closed[1]?.map((text) => JSON.parse(text)) ?? [];
  const [first] = again.filter(({ status }) => status === "SUCCEEDED");
  expect(JSON.parse(first?.input ?? '{"i":5008}').i).toBe(5_008);
  expect(io.closed).toHaveLength(2);
});

test("wherever the process dies, another one writes everything from the store", async () => {
  for (let place = 1; place <= 18; place++) {
    let commits = 0;
    const { world, io, stored, start } = worldOf({ dies: () => ++commits === place });
    const arn = await start(SOME_FAIL, SOME_BAD, { ToleratedFailurePercentage: 5 });
    await world.passAll();
    const isDead = !world.isAlive;
    // Nobody sees half of it.
    for (const closed of io.closed) expect(closed, `place ${place}`).toHaveLength(MANY);
    if (isDead) await world.restart();
    await world.passAll();
    const found = await world.executionStore.describe(arn);
    // Dead before the start was durable.
    if (found === undefined) continue;
    expect(found.status, `place ${place}`).toBe("SUCCEEDED");
    expect(io.closed.at(-1), `place ${place}`).toEqual(await stored(arn));
  }
});

test("a commit that fails takes with it what was written early", async () => {
  const { world, io, read, stored, start } = worldOf();
  const commit = world.mapRunStore.commit.bind(world.mapRunStore);
  let commits = 0;
  world.mapRunStore.commit = async (changes) => {
    if (++commits === 2) throw new StoreUnavailable("away");
    await commit(changes);
  };
  const arn = await start(PASS, ITEMS);
  await world.passAll();
  expect((await world.engine.describe(arn)).status).toBe("SUCCEEDED");
  expect(io.closed).toEqual([await stored(arn)]);
  expect([io.opened, io.aborted, io.openMax]).toEqual([2, 1, 1]);
  expect(read).toEqual(ITEMS);
});

test("a run that another process takes over leaves no writer open", async () => {
  const { world, io, start } = worldOf();
  await start(ONE_WAITS, ITEMS);
  world.mapRuns.release(() => false);
  await world.settle();
  expect([io.opened, io.aborted, io.closed]).toEqual([1, 1, []]);
});

test.each(["write", "close"] as const)("a %s that fails is tried once more, all from the store", async (failing) => {
  const { world, io, read, stored, start } = worldOf();
  let calls = 0;
  io.fails = (call) => call === failing && ++calls === 1;
  const arn = await start(PASS, ITEMS);
  await world.passAll();
  expect((await world.engine.describe(arn)).status).toBe("SUCCEEDED");
  expect(io.closed).toEqual([await stored(arn)]);
  expect([io.opened, io.aborted, io.openMax]).toEqual([2, 1, 1]);
  expect(read).toEqual(ITEMS);
  expect(world.problems).toHaveLength(1);
});

test.each([
  ["write", ITEMS],
  ["close", ITEMS],
  ["close", []],
] as const)("a bucket that is gone before a %s fails the run at its end", async (from, items) => {
  const { world, io, start } = worldOf();
  let isGone = false;
  io.fails = (call) => {
    isGone ||= call === from;
    return isGone;
  };
  const arn = await start(PASS, items);
  await world.passAll();
  const { error, cause } = await world.engine.describe(arn);
  expect([error, cause]).toEqual(["States.ResultWriterFailed", items.length === 0 ? "no close" : "no open"]);
  expect(await world.run(arn)).toMatchObject({ childCounts: { SUCCEEDED: items.length }, areResultsWritten: false });
  expect(io.openMax).toBe(1);
});

test("what could not be finished is written again with the items that were never begun", async () => {
  const { world, io, start } = worldOf();
  let calls = 0;
  io.fails = (call) => call === "close" && ++calls === 1;
  const arn = await start(SOME_FAIL, SOME_BAD, { ToleratedFailureCount: 50 });
  await world.passAll();
  expect((await world.engine.describe(arn)).error).toBe("States.ExceedToleratedFailureThreshold");
  expect(io.closed.map((texts) => texts.map((text) => JSON.parse(JSON.parse(text).input).i))).toEqual([ITEMS]);
});

test("of many runs only some write early; the others do when they end", async () => {
  const { world, io, start } = worldOf();
  const map = { MaxConcurrency: 1, ...WRITER, ItemProcessor: processor(ONE_WAITS, "EXPRESS") };
  const states = { M: { Type: "Map", End: true, ...map } };
  const Branches = Array.from({ length: 20 }, () => ({ StartAt: "M", States: states }));
  const machine = world.machines.define("many", {
    StartAt: "B",
    States: { B: { Type: "Parallel", End: true, Branches: Branches.map((branch, i) => renamed(branch, i)) } },
  });
  const started = world.engine.start({ stateMachineArn: machine, input: "[1,2,5000,3]" });
  await world.settle();
  await started;
  expect([io.opened, io.aborted, io.written]).toEqual([20, 4, 16 * 2]);
  await world.passAll();
  expect(io.closed.map(({ length }) => length)).toEqual(Array.from({ length: 20 }, () => 4));
  expect(await world.engine.describe((await started).executionArn)).toMatchObject({ status: "SUCCEEDED" });
  // Their places are free again.
  await start(PASS, ITEMS);
  expect(io.aborted).toBe(4);
});

/** Names of states are unique in a state machine. */
function renamed({ States }: { States: { M: object } }, i: number): object {
  const text = JSON.stringify(States.M).replaceAll(/"([CWP])"/g, `"$1${i}"`);
  return { StartAt: `M${i}`, States: { [`M${i}`]: JSON.parse(text) } };
}
