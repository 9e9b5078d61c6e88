import type { Json } from "@stepwell/core";
import type { StoredChild, StoredMapRun } from "@stepwell/engine";
import { SeededIds } from "@stepwell/engine/testing";
import { describe, expect, test } from "vitest";
import { PackedWorld } from "./packed-world.ts";

const COUNT = Number(process.env["STEPWELL_SIMULATION_SEEDS"] ?? 30);
const FIRST = Number(process.env["STEPWELL_SIMULATION_FIRST"] ?? 1);
const ONE = process.env["STEPWELL_SIMULATION_SEED"];
const STEPS_MAX = 60_000;
/** What is said after the end has arrived by then. */
const NOTICES_MS = 2_000;
const PARENT = "arn:aws:states:us-east-1:123456789012:execution:maps:parent";

/** Items from here on wait for a second. */
const LONG = 1_000_000;

/** One transition does what most items need; some fail, and some wait. */
const STATES = {
  C: {
    Type: "Choice",
    Choices: [
      { Variable: "$", NumericLessThan: 0, Next: "F" },
      { Variable: "$", NumericGreaterThanEquals: LONG, Next: "W" },
    ],
    Default: "P",
  },
  F: { Type: "Fail", Error: "Bad" },
  W: { Type: "Wait", Seconds: 1, Next: "P" },
  P: { Type: "Pass", Parameters: { "next.$": "States.MathAdd($, 1)" }, End: true },
};

interface Load {
  readonly items: readonly number[];
  readonly tolerated?: number;
  readonly maxConcurrency?: number;
  /** Results go into files. */
  readonly isExported?: boolean;
}

const EXPORT = { ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "b" } } };

async function begin(world: PackedWorld, load: Load): Promise<void> {
  const { items, tolerated = 0, maxConcurrency = 0, isExported = false } = load;
  const machine = world.machines.define("maps", {
    StartAt: "M",
    States: {
      M: {
        Type: "Map",
        MaxConcurrency: maxConcurrency,
        ToleratedFailureCount: tolerated,
        ...(isExported ? EXPORT : {}),
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
          StartAt: "C",
          States: STATES,
        },
        End: true,
      },
    },
  });
  const started = world.engineOf(world.owner).start({
    stateMachineArn: machine,
    input: JSON.stringify(items),
    name: "parent",
  });
  started.catch((error: unknown) => world.problems.push(error));
}

async function statusOf(world: PackedWorld): Promise<string> {
  return (await world.executions.describe(PARENT))?.status ?? "";
}

async function runOf(world: PackedWorld): Promise<StoredMapRun> {
  const [run] = await world.mapRuns.ofExecution(PARENT, 1);
  if (run === undefined) throw new Error("there is no run");
  return run;
}

async function isOver(world: PackedWorld): Promise<boolean> {
  const status = await statusOf(world);
  return status !== "" && status !== "RUNNING";
}

/** Each child's row says what became of its own item, and the counters say what the rows do. */
async function checkRun(world: PackedWorld, { items, tolerated = 0, isExported = false }: Load): Promise<StoredMapRun> {
  const run = await runOf(world);
  const counted = await world.mapRuns.count(run.key);
  expect({ children: run.childCounts, items: run.itemCounts }).toEqual(counted);
  const children = await world.mapRuns.children(run.key, { limit: items.length + 1, texts: true });
  expect(children.map(({ index }) => index)).toEqual(children.map((_, i) => i));
  for (const child of children) checkChild(child, items[child.index] as number);
  const failures = items.filter((item) => item < 0).length;
  if (run.status === "SUCCEEDED") {
    expect(failures).toBeLessThanOrEqual(tolerated);
    expect(children).toHaveLength(items.length);
    const outputs = items.filter((item) => item >= 0).map((item) => ({ next: item + 1 }));
    const { output } = (await world.executions.describe(PARENT)) ?? {};
    if (!isExported) expect(JSON.parse(output ?? "null") as Json).toEqual(outputs);
  } else if (run.status === "FAILED") {
    expect(run.childCounts.FAILED).toBeGreaterThan(tolerated);
    // In their order, as long as none waits beside others.
    if (items.every((item) => item < LONG)) expect(run.childCounts.FAILED).toBe(tolerated + 1);
  }
  if (isExported) checkResults(world, run, children, items);
  return run;
}

/** All children in their order, and behind them what was never begun. */
function checkResults(
  world: PackedWorld,
  { mapRunArn }: StoredMapRun,
  children: readonly StoredChild[],
  items: readonly number[],
): void {
  const ended = children.map(({ status, input }) => `${status} ${input}`);
  const pending = items.slice(children.length).map((item) => `PENDING ${item}`);
  expect(world.results.seen.get(`${mapRunArn} 0`)).toEqual([...ended, ...pending]);
}

function checkChild({ index, input, status, output }: StoredChild, item: number): void {
  expect(input, `of child ${index}`).toBe(JSON.stringify(item));
  if (status === "SUCCEEDED") expect(output, `of child ${index}`).toBe(JSON.stringify({ next: item + 1 }));
  else expect(item < 0 ? ["FAILED"] : ["ABORTED"], `the status of child ${index}`).toContain(status);
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function toldBy(world: PackedWorld): Set<string> {
  return new Set([...world.told.values()].map(({ by }) => by));
}

describe("Express children that one transition finishes", () => {
  test("are run by all processes, and each is told once, where it ran", async () => {
    const world = new PackedWorld(1, ["p0", "p1", "p2"]);
    const load = { items: numbers(1_500), isExported: true };
    await begin(world, load);
    await world.until(
      () => isOver(world),
      () => undefined,
      STEPS_MAX,
    );
    const run = await checkRun(world, load);
    expect(run.status).toBe("SUCCEEDED");
    await world.passFor(NOTICES_MS);
    expect(world.told.size).toBe(1_500);
    expect(toldBy(world)).toEqual(new Set(["p0", "p1", "p2"]));
    expect(world.problems).toEqual([]);
  });

  test("go no further than the first failure that is too much", async () => {
    const world = new PackedWorld(2, ["p0", "p1", "p2"]);
    const items = numbers(1_500);
    items[700] = -1;
    await begin(world, { items });
    await world.until(
      () => isOver(world),
      () => undefined,
      STEPS_MAX,
    );
    const run = await checkRun(world, { items });
    expect(run).toMatchObject({ status: "FAILED", position: { children: 701 } });
    expect(world.lent.length).toBeGreaterThan(0);
    await world.passFor(NOTICES_MS);
    expect([...world.told.values()]).toHaveLength(701);
  });

  test("are begun as executions from the first on that needs more", async () => {
    const world = new PackedWorld(3, ["p0", "p1", "p2"]);
    const items = numbers(1_500);
    items[700] = LONG;
    await begin(world, { items });
    await world.until(
      () => isOver(world),
      () => undefined,
      STEPS_MAX,
    );
    const run = await checkRun(world, { items });
    expect(run.status).toBe("SUCCEEDED");
    expect(world.lent.length).toBeGreaterThan(0);
    await world.passFor(NOTICES_MS);
    expect(world.told.size).toBe(1_500);
  });

  test.each([1, 2, 3])("run on %i processes at most when MaxConcurrency says so", async (maxConcurrency) => {
    const world = new PackedWorld(4, ["p0", "p1", "p2", "p3"]);
    const load = { items: numbers(1_000), maxConcurrency };
    await begin(world, load);
    await world.until(
      () => isOver(world),
      () => undefined,
      STEPS_MAX,
    );
    expect((await checkRun(world, load)).status).toBe("SUCCEEDED");
    expect(world.helpersAtOnce).toBe(maxConcurrency - 1);
  });

  test("are taken back at once when UpdateMapRun leaves no room for others", async () => {
    const world = new PackedWorld(5, ["p0", "p1", "p2"]);
    const load = { items: numbers(3_000), maxConcurrency: 3 };
    await begin(world, load);
    let lent: number | undefined;
    const act = (): void => {
      if (lent !== undefined || world.lent.length < 10) return;
      lent = world.lent.length;
      runOf(world)
        .then((run) => world.engineOf(world.owner).mapRuns?.update(run.mapRunArn, { maxConcurrency: 1 }))
        .catch((error: unknown) => world.problems.push(error));
    };
    await world.until(() => isOver(world), act, STEPS_MAX);
    expect((await checkRun(world, load)).status).toBe("SUCCEEDED");
    // What was cut before the update came through.
    expect(world.lent.length).toBeLessThanOrEqual((lent ?? 0) + 4);
    expect(world.problems).toEqual([]);
  });

  test("are asked of a process that never answers less and less often", async () => {
    const world = new PackedWorld(7, ["p0", "p1", "p2"]);
    world.frozen.add("p1");
    const load = { items: numbers(3_000) };
    await begin(world, load);
    await world.until(
      () => isOver(world),
      () => undefined,
      STEPS_MAX,
    );
    expect((await checkRun(world, load)).status).toBe("SUCCEEDED");
    expect(toldBy(world)).toEqual(new Set(["p0", "p2"]));
    const lentTo = (helper: string): number => world.lent.filter((name) => name === helper).length;
    expect(lentTo("p1")).toBeGreaterThan(0);
    expect(lentTo("p1")).toBeLessThan(lentTo("p2") / 4);
  });

  test("are no longer run when the execution is stopped", async () => {
    const world = new PackedWorld(6, ["p0", "p1", "p2"]);
    const load = { items: numbers(3_000) };
    await begin(world, load);
    let isStopped = false;
    const act = (): void => {
      if (isStopped || world.lent.length < 10) return;
      isStopped = true;
      world
        .engineOf("p1")
        .stop(PARENT)
        .catch((error: unknown) => world.problems.push(error));
    };
    const isEnded = async (): Promise<boolean> => (await isOver(world)) && (await runOf(world)).status !== "RUNNING";
    await world.until(isEnded, act, STEPS_MAX);
    expect(world.problems).toEqual([]);
    expect(await statusOf(world)).toBe("ABORTED");
    const run = await checkRun(world, load);
    expect(run.status).toBe("ABORTED");
    expect(run.position.children).toBeLessThan(3_000);
    const lent = world.lent.length;
    await world.passFor(NOTICES_MS);
    expect(world.lent).toHaveLength(lent);
  });
});

const seeds = ONE === undefined ? Array.from({ length: COUNT }, (_, i) => FIRST + i) : [Number(ONE)];

describe("Express children among processes that die, and calls that get lost", () => {
  for (const seed of seeds) {
    test(`seed ${seed}`, async () => {
      const chance = new SeededIds(seed);
      const level = chance.pick([0, 0.01, 0.05, 0.2]);
      const world = new PackedWorld(seed, ["p0", "p1", "p2"]);
      world.faults = { lost: level, answerLost: level, late: level };
      world.results.failed = level;
      const tolerated = chance.pick([0, 5, 1_000]);
      const rare = chance.pick([0, 0.003]);
      const items = numbers(200 + chance.below(1_500)).map((n) => {
        if (chance.chance(rare)) return -1;
        return chance.chance(rare / 3) ? LONG : n;
      });
      const load = { items, tolerated, maxConcurrency: chance.pick([0, 0, 2, 40]), isExported: seed % 2 === 0 };
      await begin(world, load);
      await world.until(
        () => isOver(world),
        () => {
          const dice = chance.random();
          if (dice < level / 20) world.kill(chance.pick(world.names));
          else if (dice < level / 15) world.outlive(world.owner);
        },
        STEPS_MAX,
      );
      const run = await checkRun(world, load);
      const isTooMuch = items.filter((item) => item < 0).length > tolerated;
      expect(run.status).toBe(isTooMuch ? "FAILED" : "SUCCEEDED");
    });
  }
});
