import { expect, test } from "vitest";
import { parseStateMachine } from "../definition/parse-state-machine.ts";
import type { Command } from "./command.ts";
import { STRICT_LIMITS } from "./limits.ts";
import { adoptChanges, restoreSnapshot, type SnapshotPart, takeChanges } from "./snapshot.ts";
import { startExecution, transition } from "./transition.ts";

const DEFINITION = {
  QueryLanguage: "JSONata",
  StartAt: "M",
  States: {
    M: {
      Type: "Map",
      Items: "{% $states.input.items %}",
      MaxConcurrency: 2,
      ItemProcessor: {
        StartAt: "W",
        States: {
          W: { Type: "Wait", Seconds: "{% $states.input %}", Assign: { a: "{% $states.input * 2 %}" }, Next: "P" },
          P: { Type: "Pass", Output: "{% $a %}", End: true },
        },
      },
      Next: "End",
    },
    End: { Type: "Wait", Seconds: 1, End: true },
  },
};

const START = {
  executionArn: "arn:aws:states:us-east-1:123456789012:execution:m:e",
  executionName: "e",
  type: "STANDARD" as const,
  stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:m",
  stateMachineName: "m",
  roleArn: "arn:aws:iam::123456789012:role/test",
  startedAt: 0,
  input: '{"items":[1,2,3,4,5]}',
};

const SEED = "0123456789abcdef";

function sorted(parts: readonly SnapshotPart[]): SnapshotPart[] {
  return [...parts].sort((a, b) => a.part - b.part);
}

test("a copy that adopts each step's changes is what the step made", () => {
  const parsed = parseStateMachine(JSON.stringify(DEFINITION));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  const { machine } = parsed;
  const stored = new Map<number, string>();
  const timers = new Map<string, number>();
  const store = (parts: readonly SnapshotPart[]): void => {
    for (const { part, json } of parts) {
      if (json === null) stored.delete(part);
      else stored.set(part, json);
    }
  };
  const note = (commands: readonly Command[]): void => {
    for (const command of commands) if (command.kind === "SetTimer") timers.set(command.timerId, command.at);
  };
  const restored = () =>
    restoreSnapshot(
      machine,
      START,
      [...stored].map(([part, json]) => ({ part, json })),
    );
  const first = startExecution(machine, START, { now: 0, seed: SEED }, STRICT_LIMITS);
  store(takeChanges(first.snapshot));
  note(first.commands);
  let copy = restored();
  let steps = 0;
  for (let next = [...timers].sort(([, a], [, b]) => a - b)[0]; next !== undefined; steps++) {
    const [timerId, now] = next;
    timers.delete(timerId);
    const event = { kind: "TimerFired" as const, timerId };
    const step = transition(machine, restored(), event, { now, seed: SEED }, STRICT_LIMITS);
    const changes = takeChanges(step.snapshot);
    adoptChanges(copy, changes);
    expect(sorted(takeChanges(copy))).toEqual(sorted(changes));
    store(changes);
    note(step.commands);
    // What it holds beside its parts (families, tasks) is right too: the copy goes on as well as what is restored.
    next = [...timers].sort(([, a], [, b]) => a - b)[0];
    if (next === undefined) break;
    const twin = { kind: "TimerFired" as const, timerId: next[0] };
    const facts = { now: next[1], seed: SEED };
    const onward = transition(machine, copy, twin, facts, STRICT_LIMITS);
    const expected = transition(machine, restored(), twin, facts, STRICT_LIMITS);
    expect(onward.history).toEqual(expected.history);
    expect(sorted(takeChanges(onward.snapshot))).toEqual(sorted(takeChanges(expected.snapshot)));
    copy = restored();
  }
  expect(steps).toBeGreaterThan(4);
  expect(stored.size).toBe(0);
});
