import { expect, test } from "vitest";
import { line, TASK, World } from "../executions/world.test-support.ts";
import { SimulatedTasks, succeeded } from "../testing/simulated-tasks.ts";
import { TaskRoom } from "./task-room.ts";

test("a slow service's queue takes no room from others, nor does it after a restart", async () => {
  let answers = false;
  const world = new World({
    options: { connectorCallsMax: 2, queuedTasksMax: 16 },
    lane: ({ input }) => JSON.parse(input).host,
    start: ({ input }) => (answers || JSON.parse(input).host !== "slow" ? succeeded("ok") : "silence"),
  });
  const machine = world.machines.define("m", line(TASK));
  const slow: string[] = [];
  for (let i = 0; i < 100; i++) slow.push(await world.start(machine, { host: "slow" }));
  await world.settle();
  // Two are called, and a quarter of the room waits.
  expect(world.engine.stats.tasksUnderWay).toBe(6);
  const quick: string[] = [];
  for (let i = 0; i < 20; i++) quick.push(await world.start(machine, { host: "quick" }));
  await world.settle();
  for (const arn of quick) expect(await world.status(arn)).toBe("SUCCEEDED");
  await world.restart();
  await world.settle();
  expect(world.engine.stats.tasksUnderWay).toBe(6);
  expect(await world.status(await world.start(machine, { host: "quick" }))).toBe("SUCCEEDED");
  answers = true;
  await world.restart();
  await world.settle();
  for (const arn of slow) expect(await world.status(arn)).toBe("SUCCEEDED");
  expect(world.engine.stats.tasksUnderWay).toBe(0);
});

test("what stands in the store behind a slow service's tasks is found after a restart", async () => {
  let isQuickThere = false;
  const world = new World({
    options: { connectorCallsMax: 1, queuedTasksMax: 8 },
    lane: ({ input }) => JSON.parse(input).host,
    start: ({ input }) => (isQuickThere && JSON.parse(input).host === "quick" ? succeeded("ok") : "silence"),
  });
  const machine = world.machines.define("m", line(TASK));
  for (let i = 0; i < 400; i++) await world.start(machine, { host: "slow" });
  const quick: string[] = [];
  for (let i = 0; i < 30; i++) quick.push(await world.start(machine, { host: "quick" }));
  isQuickThere = true;
  await world.restart();
  await world.settle();
  for (const arn of quick) expect(await world.status(arn)).toBe("SUCCEEDED");
});

test("a lane where nobody waits is never shut, and all others get room again", () => {
  let again = 0;
  const room = new TaskRoom(128, () => {
    again += 1;
  });
  const connector = new SimulatedTasks({ now: () => 0, wakeAt: () => () => undefined }, { start: () => "silence" });
  for (let host = 0; host < 4; host++) {
    for (let i = 0; i < 32; i++) expect(room.enter(connector, `${host}`, false)).toBe(true);
    expect(room.enter(connector, `${host}`, false)).toBe(false);
  }
  expect(room.hasRoom).toBe(false);
  expect(room.isHungry).toBe(false);
  expect([1, 2, 3].map(() => room.enter(connector, "new", false))).toEqual([true, true, false]);
  expect(room.enter(connector, "new", true)).toBe(true);
  for (let i = 0; i < 64; i++) room.leave(connector, `${i % 2}`);
  expect(again).toBeGreaterThan(0);
  expect(room.hasRoom).toBe(true);
  expect(room.isHungry).toBe(true);
  // Once around finds nothing more of them.
  room.roundEnded();
  room.roundEnded();
  expect(room.isHungry).toBe(false);
});
