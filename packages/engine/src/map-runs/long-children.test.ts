import { expect, test } from "vitest";
import { SimulatedThreads } from "../testing/simulated-threads.ts";
import { MapWorld, processor } from "./map-world.test-support.ts";

const LONG = "$sum([1..10000].($ * 2))";
const LONG_SUM = 100_010_000;
const ITEMS = Array.from({ length: 40 }, (_, i) => i);

function worldOf(quickMs: number): { readonly world: MapWorld; threads(): SimulatedThreads } {
  let threads: SimulatedThreads | undefined;
  const world = new MapWorld({
    quickMs,
    threads: (clock) => {
      threads = new SimulatedThreads(clock);
      return threads;
    },
  });
  return { world, threads: () => threads as SimulatedThreads };
}

async function outputOf(world: MapWorld, map: object): Promise<unknown> {
  const arn = await world.startMap({ QueryLanguage: "JSONata", ...map }, ITEMS);
  await world.passAll();
  const { status, output, cause } = await world.engine.describe(arn);
  expect(world.problems).toEqual([]);
  return status === "SUCCEEDED" ? JSON.parse(output ?? "") : cause;
}

function children(output: string): object {
  return processor({ P: { Type: "Pass", QueryLanguage: "JSONata", Output: output, End: true } }, "EXPRESS");
}

test("children that take long give what they give at once", async () => {
  const map = { Items: "{% $states.input %}", ItemProcessor: children(`{% $states.input + ${LONG} %}`) };
  const expected = ITEMS.map((i) => i + LONG_SUM);
  expect(await outputOf(new MapWorld(), map)).toEqual(expected);
  const { world, threads } = worldOf(0.2);
  expect(await outputOf(world, map)).toEqual(expected);
  expect(threads().performed.decision).toBe(ITEMS.length);
});

test("a selector that takes long selects the same", async () => {
  const map = {
    Items: "{% $states.input %}",
    ItemSelector: { v: `{% $states.context.Map.Item.Value + ${LONG} %}`, i: "{% $states.context.Map.Item.Index %}" },
    ItemBatcher: { MaxItemsPerBatch: 7 },
    ItemProcessor: children("{% $states.input.Items.(v - i) %}"),
  };
  const here = await outputOf(new MapWorld(), map);
  const { world, threads } = worldOf(0.2);
  expect(await outputOf(world, map)).toEqual(here);
  expect(JSON.stringify(here)).toContain(String(LONG_SUM));
  expect(threads().performed.item).toBe(ITEMS.length);
});

test("a selector that fails after a long time fails the run as at once", async () => {
  const map = {
    Items: "{% $states.input %}",
    ItemSelector: { v: `{% [${LONG}, $number("x" & $string($states.context.Map.Item.Value))] %}` },
    ItemProcessor: children("{% $states.input %}"),
  };
  const here = await outputOf(new MapWorld(), map);
  expect(here).toContain("D3030");
  expect(await outputOf(worldOf(0.2).world, map)).toEqual(here);
});
