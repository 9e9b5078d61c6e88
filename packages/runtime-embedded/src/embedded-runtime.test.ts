import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createExecutions, VirtualClock } from "@stepwell/engine";
import { FixedMachines, SimulatedTasks, succeeded } from "@stepwell/engine/testing";
import { afterEach, expect, test, vi } from "vitest";
import { CryptoIds } from "./crypto-ids.ts";
import { openEmbeddedRuntime } from "./embedded-runtime.ts";
import { SystemClock } from "./system-clock.ts";

const dataDir = mkdtempSync(join(tmpdir(), "stepwell-runtime-"));
afterEach(() => {
  vi.useRealTimers();
  rmSync(dataDir, { recursive: true, force: true });
});

test("an execution goes on in the next process, in real and in virtual time", async () => {
  const machines = new FixedMachines();
  const stateMachineArn = machines.define("m", {
    StartAt: "W",
    States: {
      W: { Type: "Wait", Seconds: 3_600, Next: "T" },
      T: { Type: "Task", Resource: "arn:aws:lambda:us-east-1:123456789012:function:f", End: true },
    },
  });
  const tasks = { start: () => succeeded({ done: true }) };
  const first = openEmbeddedRuntime({ dataDir });
  const router = new SimulatedTasks(first.clock, tasks);
  const engine = createExecutions({ store: first.executionStore, machines, activities: machines, router, ...first });
  const { executionArn } = await engine.start({ stateMachineArn, name: "n" });
  await engine.drain(1_000);
  first.close();

  const clock = new VirtualClock(Date.now());
  const second = openEmbeddedRuntime({ dataDir, clock });
  const later = createExecutions(
    {
      store: second.executionStore,
      machines,
      activities: machines,
      router: new SimulatedTasks(clock, tasks),
      ...second,
    },
    { onIdle: () => clock.advance() },
  );
  await later.resume();
  const types: string[] = [];
  for await (const { type } of later.watch(executionArn, 0, new AbortController().signal)) types.push(type);
  expect(types.at(-1)).toBe("ExecutionSucceeded");
  const { startDate, stopDate, output } = await later.describe(executionArn);
  expect([output, (stopDate ?? 0) - startDate >= 3_600_000]).toEqual(['{"done":true}', true]);
  second.close();
});

test("the system clock wakes at its time, far ones too, never before, and can be told not to", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const clock = new SystemClock();
  const woken: number[] = [];
  const day = 86_400_000;
  clock.wakeAt(clock.now() + 90 * day, () => woken.push(clock.now()));
  clock.wakeAt(clock.now() - 5, () => woken.push(clock.now()));
  clock.wakeAt(clock.now() + 50, () => woken.push(clock.now()))();
  vi.advanceTimersByTime(91 * day);
  expect(woken).toEqual([1_000_000, 1_000_000 + 90 * day]);
});

test("a clock that is set forward is noticed soon, one that is set back does not wake early", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const clock = new SystemClock();
  let woken = 0;
  clock.wakeAt(clock.now() + 3_600_000, () => {
    woken += 1;
  });
  vi.setSystemTime(1_000_000 - 7_200_000);
  vi.advanceTimersByTime(3_600_000);
  expect(woken).toBe(0);
  vi.setSystemTime(1_000_000 + 3_600_000);
  vi.advanceTimersByTime(30_000);
  expect(woken).toBe(1);
});

test("seeds are 32 hexadecimal characters, each another", () => {
  const ids = new CryptoIds();
  const seeds = Array.from({ length: 1_000 }, () => ids.seed());
  expect(new Set(seeds).size).toBe(1_000);
  expect(seeds.every((seed) => /^[0-9a-f]{32}$/.test(seed))).toBe(true);
});
