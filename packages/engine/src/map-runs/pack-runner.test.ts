import { mapRunMachine, parseStateMachine, type StateMachine } from "@stepwell/core";
import { expect, test } from "vitest";
import type { ChildPack } from "../ports/child-packs.ts";
import type { ChildExecutions } from "../ports/map-run-host.ts";
import { VirtualClock } from "../ports/virtual-clock.ts";
import { PackRunner } from "./pack-runner.ts";

const ARN = "arn:aws:states:us-east-1:123456789012";

interface Options {
  /** What running a child takes. */
  readonly childMs?: number;
  /** Of each output. */
  readonly outputLength?: number;
  /** The first child of this input needs more than one transition. */
  readonly long?: string;
}

function world({ childMs = 0, outputLength = 4, long }: Options = {}) {
  const clock = new VirtualClock(1_000);
  const told: string[] = [];
  const ran: string[] = [];
  const children: Pick<ChildExecutions, "runAtOnce" | "during" | "later" | "now" | "wakeAt"> = {
    runAtOnce(_family, start) {
      clock.advanceTo(clock.now() + childMs);
      if (start.input === long) return undefined;
      ran.push(start.input);
      const output = JSON.stringify("x".repeat(outputLength - 2));
      return {
        end: { status: "SUCCEEDED", stopDate: start.startedAt, output },
        tell: () => told.push(start.executionName),
      };
    },
    during: (work) => work,
    later: (run) => setImmediate(run),
    now: () => clock.now(),
    wakeAt: (at, wake) => clock.wakeAt(at, wake),
  };
  const runner = new PackRunner({ children, familyOf: async (revisionKey) => ({ machine: machine(), revisionKey }) });
  return { runner, clock, told, ran };
}

function machine(): StateMachine {
  const processor = {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
    StartAt: "P",
    States: { P: { Type: "Pass", End: true } },
  };
  const definition = { StartAt: "M", States: { M: { Type: "Map", End: true, ItemProcessor: processor } } };
  const parsed = parseStateMachine(JSON.stringify(definition), { type: "STANDARD" });
  if (!parsed.ok) throw new Error("the definition must be valid");
  return mapRunMachine(parsed.machine, "M");
}

function pack(id: string, inputs: readonly string[]): ChildPack {
  return {
    id,
    revisionKey: "revision#M",
    run: {
      mapRunArn: `${ARN}:mapRun:m/M:run`,
      key: 1,
      executionType: "EXPRESS",
      stateMachineArn: `${ARN}:stateMachine:m/M`,
      stateMachineName: "m",
      roleArn: "arn:aws:iam::123456789012:role/r",
    },
    firstIndex: 7,
    inputs,
  };
}

test("observers are told of the children that were counted, once", async () => {
  const { runner, told } = world();
  const { ends, needsMore } = await runner.run(pack("a", ["1", "2", "3"]));
  expect([ends.length, needsMore]).toEqual([3, false]);
  expect(told).toEqual([]);
  runner.counted("a", 2);
  runner.counted("a", 3);
  expect(told.map((name) => name.slice(9, 18))).toEqual(["0000-3007", "0000-3008"]);
});

test("a lender that is never heard of again costs no memory, and nobody is told", async () => {
  const { runner, clock, told } = world();
  await runner.run(pack("a", ["1"]));
  clock.advanceTo(clock.now() + 30_000);
  expect(clock.next, "nothing is left to be forgotten").toBeUndefined();
  runner.counted("a", 1);
  expect(told).toEqual([]);
});

test("the first child that needs more ends the pack", async () => {
  const { runner } = world({ long: "2" });
  const answer = await runner.run(pack("a", ["1", "2", "3"]));
  expect([answer.ends.length, answer.needsMore]).toEqual([1, true]);
});

test("a pack that takes too long, or whose outputs are long, is answered as far as it got", async () => {
  const slow = world({ childMs: 400 });
  expect((await slow.runner.run(pack("a", ["1", "2", "3", "4", "5", "6"]))).ends).toHaveLength(4);
  const long = world({ outputLength: 1_000_000 });
  expect((await long.runner.run(pack("b", ["1", "2", "3", "4", "5"]))).ends).toHaveLength(3);
});

test("one pack is run at a time, and more than sixteen are refused", async () => {
  const { runner, ran } = world();
  const answers = Array.from({ length: 18 }, (_, i) => runner.run(pack(`p${i}`, [`${i}`, `${i}`])));
  const lengths = (await Promise.all(answers)).map(({ ends }) => ends.length);
  expect(lengths).toEqual([...Array.from({ length: 16 }, () => 2), 0, 0]);
  expect(ran).toEqual(Array.from({ length: 16 }, (_, i) => [`${i}`, `${i}`]).flat());
});

test("a cancelled pack, and all packs of a process that stops, end with the child that runs", async () => {
  const { runner } = world({ childMs: 30 });
  const inputs = Array.from({ length: 50 }, (_, i) => `${i}`);
  const [first, second] = [runner.run(pack("a", inputs)), runner.run(pack("b", inputs))];
  await new Promise<void>((resolve) => setImmediate(resolve));
  runner.cancel("a");
  runner.stop();
  expect((await first).ends.length).toBeLessThan(50);
  expect((await second).ends).toEqual([]);
  expect((await runner.run(pack("c", inputs))).ends).toEqual([]);
});
