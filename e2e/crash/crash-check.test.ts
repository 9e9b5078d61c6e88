import type { JsonObject } from "@stepwell/core";
import { expect, test } from "vitest";
import { wrongHistory } from "./crash-check.ts";
import { knownMachines } from "./crash-machines.ts";

// The judge of the crash test must see what it is there to see.

const arns = { activity: "a", doubleFunction: "d", keepTokenFunction: "k", childMachine: "c" };
const machines = knownMachines(arns);
const chain = machines.find(({ name }) => name === "crash-chain")!;

function history(...types: string[]): JsonObject[] {
  return types.map((type, index) => ({ id: index + 1, previousEventId: index, type }));
}

const whole = history("ExecutionStarted", ...chain.events, "ExecutionSucceeded");

test("a history that is as it must be", () => {
  expect(wrongHistory(whole, { machine: chain, shown: whole.slice(0, 3) })).toBeUndefined();
});

test("a gap, a repeated event, a second end, a missing end, a changed beginning, a link to the future", () => {
  const wrong = (events: JsonObject[], shown: JsonObject[] = []): string | undefined =>
    wrongHistory(events, { machine: chain, shown });
  expect(wrong(whole.filter((_, index) => index !== 4))).toMatch(/^event 5 has the id 6/);
  expect(wrong(history("ExecutionStarted", "PassStateEntered", ...chain.events, "ExecutionSucceeded"))).toMatch(
    /^its events/,
  );
  expect(wrong(history("ExecutionStarted", ...chain.events, "ExecutionSucceeded", "ExecutionSucceeded"))).toMatch(
    /^it ends/,
  );
  expect(wrong(whole.slice(0, -1))).toMatch(/^it ends in $/);
  expect(wrong(whole, [{ ...whole[0]!, timestamp: 1 }])).toMatch(/^a client was shown/);
  expect(wrong(whole.map((event) => ({ ...event, previousEventId: 5 })))).toMatch(/^event 1 follows from 5/);
});

test("an activity's attempt that timed out may come before the one that succeeds; a token may outrun its function", () => {
  const [activity, callback] = ["crash-activity", "crash-callback"].map(
    (name) => machines.find((machine) => machine.name === name)!,
  );
  const attempt = ["ActivityScheduled", "ActivityStarted", "ActivityTimedOut"];
  const [entered, ...rest] = activity!.events;
  const retried = history("ExecutionStarted", entered!, ...attempt, ...attempt, ...rest, "ExecutionSucceeded");
  expect(wrongHistory(retried, { machine: activity!, shown: [] })).toBeUndefined();
  const submitted = callback!.events.map((type) => type.replace("?", ""));
  const early = submitted.filter((type) => type !== "TaskSubmitted");
  for (const events of [submitted, early]) {
    const made = history("ExecutionStarted", ...events, "ExecutionSucceeded");
    expect(wrongHistory(made, { machine: callback!, shown: [] })).toBeUndefined();
  }
});
