import { describe, expect, test } from "vitest";
import { parseStateMachine } from "../definition/parse-state-machine.ts";
import type { Json } from "../json.ts";
import { type Answer, Drive, type DriveOptions } from "./drive.test-support.ts";
import { type ForkPoint, ForkTrace } from "./fork-trace.ts";
import { STRICT_LIMITS } from "./limits.ts";
import type { ExecutionStart } from "./snapshot.ts";
import { forkContextOf } from "./transition.ts";

const ARN = "arn:aws:states:us-east-1:123456789012:execution:machine:run";
const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:f";
const FACTS = { now: 5, seed: "00" };

function machineOf(definition: object) {
  const parsed = parseStateMachine(JSON.stringify(definition), { type: "STANDARD" });
  if (!parsed.ok) throw new Error(parsed.diagnostics.map(({ message }) => message).join("\n"));
  return parsed.machine;
}

function pointAt(definition: object, drive: Drive, stateName: string, visit = 1): ForkPoint {
  const entered = drive.history.filter(
    ({ type, details }) => type.endsWith("StateEntered") && details?.["name"] === stateName,
  );
  const trace = new ForkTrace(machineOf(definition), entered[visit - 1]?.id ?? 0);
  for (let id = trace.wanted; id > 0; id = trace.wanted) expect(trace.take(drive.history[id - 1] as never)).toBe(true);
  return trace.point;
}

function startOf(input: Json): ExecutionStart {
  return {
    executionArn: ARN,
    executionName: "run",
    type: "STANDARD",
    stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:machine",
    stateMachineName: "machine",
    roleArn: "r",
    startedAt: 1_769_860_800_000,
    input: JSON.stringify(input),
  };
}

/** Runs a machine, then a fork of it from the `visit`th entry of a state. */
function forked(
  definition: object,
  input: Json,
  at: { stateName: string; visit?: number; input?: Json; original?: ExecutionStart },
  options: DriveOptions = {},
): Drive {
  const original = new Drive(definition, input, options).run();
  const point = pointAt(definition, original, at.stateName, at.visit);
  const text = at.input === undefined ? point.input : JSON.stringify(at.input);
  const context = forkContextOf(
    machineOf(definition),
    at.original ?? startOf(input),
    point,
    text,
    FACTS,
    STRICT_LIMITS,
  );
  const begin = {
    input: text,
    forkOf: { executionArn: ARN, eventId: point.eventId, stateName: point.stateName },
    forkContext: JSON.stringify(context),
  };
  return new Drive(definition, {}, { ...options, begin }).run();
}

const LINE = {
  StartAt: "A",
  States: {
    A: { Type: "Pass", Assign: { a: 1, both: "A" }, Next: "B" },
    B: { Type: "Pass", Assign: { "b.$": "$.x", both: "B" }, Next: "C" },
    C: { Type: "Task", Resource: LAMBDA, Parameters: { "x.$": "$.x" }, ResultPath: "$.c", Assign: { c: 3 }, Next: "D" },
    D: {
      Type: "Pass",
      Parameters: { "in.$": "$", "a.$": "$a", "b.$": "$b", "both.$": "$both", "first.$": "$$.Execution.Input" },
      End: true,
    },
  },
};
const ECHO = (): Answer => ({ output: "done" });

describe("a fork", () => {
  test("goes on from a state with its recorded input and the variables it saw", () => {
    const fork = forked(LINE, { x: 7 }, { stateName: "C" }, { answer: ECHO });
    expect(fork.output).toEqual({ in: { x: 7, c: "done" }, a: 1, b: 7, both: "B", first: { x: 7 } });
    expect(fork.types.slice(0, 3)).toEqual(["ExecutionStarted", "TaskStateEntered", "LambdaFunctionScheduled"]);
    expect(fork.history[1]?.previousEventId).toBe(0);
    expect(forked(LINE, { x: 7 }, { stateName: "B" }, { answer: ECHO }).output).toMatchObject({ a: 1, both: "B" });
  });

  test("takes an edited input, and survives restarts", () => {
    const options = { answer: ECHO, restart: true };
    const fork = forked(LINE, { x: 7 }, { stateName: "D", input: { y: 1 } }, options);
    // D was given the execution's input with a result in it: the execution's own stays what it was.
    expect(fork.output).toEqual({ in: { y: 1 }, a: 1, b: 7, both: "B", first: { x: 7 } });
    // C was given the execution's input as it was: the edited one takes its place.
    const edited = forked(LINE, { x: 7 }, { stateName: "C", input: { x: 8 } }, options);
    expect(edited.output).toMatchObject({ in: { x: 8, c: "done" }, first: { x: 8 } });
  });

  test("of a fork inherits what the first one was given", () => {
    const input = { x: 7 };
    const original = new Drive(LINE, input, { answer: ECHO }).run();
    const machine = machineOf(LINE);
    const point = pointAt(LINE, original, "C");
    const context = forkContextOf(machine, startOf(input), point, point.input, FACTS, STRICT_LIMITS);
    const forkOf = { executionArn: ARN, eventId: point.eventId, stateName: "C" };
    const start = { ...startOf(input), input: point.input, forkOf, forkContext: JSON.stringify(context) };
    const first = new Drive(LINE, {}, { answer: ECHO, begin: start }).run();
    const again = pointAt(LINE, first, "D");
    expect(again.variables).toEqual({ c: 3 });
    expect(forkContextOf(machine, start, again, again.input, FACTS, STRICT_LIMITS).variables).toEqual({
      a: 1,
      b: 7,
      both: "B",
      c: 3,
    });
  });

  test("in a loop sees the variables of its own round", () => {
    const loop = {
      StartAt: "Init",
      States: {
        Init: { Type: "Pass", Assign: { n: 0 }, Next: "Count" },
        Count: { Type: "Pass", Assign: { "n.$": "States.MathAdd($n, 1)" }, Next: "More" },
        More: { Type: "Choice", Choices: [{ Variable: "$n", NumericLessThan: 5, Next: "Count" }], Default: "End" },
        End: { Type: "Pass", Parameters: { "n.$": "$n" }, End: true },
      },
    };
    const drive = new Drive(loop, {}).run();
    expect([1, 2, 3, 4, 5].map((visit) => pointAt(loop, drive, "Count", visit).variables["n"])).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect(forked(loop, {}, { stateName: "Count", visit: 3 }).output).toEqual({ n: 5 });
  });
});

const NESTED = {
  StartAt: "Before",
  States: {
    Before: { Type: "Pass", Assign: { outer: "o" }, Next: "Both" },
    Both: {
      Type: "Parallel",
      Assign: { both: 2 },
      Branches: [
        {
          StartAt: "L1",
          States: {
            L1: { Type: "Pass", Assign: { left: 1 }, Next: "L2" },
            L2: { Type: "Pass", Parameters: { "left.$": "$left", "outer.$": "$outer" }, End: true },
          },
        },
        { StartAt: "R1", States: { R1: { Type: "Pass", Assign: { right: 1 }, End: true } } },
      ],
      Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 1 }],
      Next: "Each",
    },
    Each: {
      Type: "Map",
      ItemsPath: "$$.Execution.Input.items",
      ItemSelector: { "v.$": "$$.Map.Item.Value" },
      MaxConcurrency: 1,
      Assign: { each: 3 },
      ItemProcessor: {
        StartAt: "I1",
        States: {
          I1: { Type: "Pass", Assign: { "item.$": "$.v" }, Next: "I2" },
          I2: {
            Type: "Pass",
            Parameters: { "item.$": "$item", "index.$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value" },
            End: true,
          },
        },
      },
      Next: "After",
    },
    After: { Type: "Pass", Parameters: { "outer.$": "$outer", "both.$": "$both", "each.$": "$each" }, End: true },
  },
};
const ITEMS = { items: ["p", "q", "r"] };

describe("a fork of a machine with branches and iterations", () => {
  test("from a state after them sees no variables from inside", () => {
    const drive = new Drive(NESTED, ITEMS).run();
    expect(pointAt(NESTED, drive, "After").variables).toEqual({ outer: "o", both: 2, each: 3 });
    expect(pointAt(NESTED, drive, "Each").variables).toEqual({ outer: "o", both: 2 });
    expect(forked(NESTED, ITEMS, { stateName: "After" }).output).toEqual({ outer: "o", both: 2, each: 3 });
  });

  test("from a state of a branch runs that branch, and ends with its result", () => {
    const drive = new Drive(NESTED, ITEMS).run();
    expect(pointAt(NESTED, drive, "L2").variables).toEqual({ outer: "o", left: 1 });
    expect(pointAt(NESTED, drive, "R1").variables).toEqual({ outer: "o" });
    const fork = forked(NESTED, ITEMS, { stateName: "L1" });
    expect(fork.output).toEqual({ left: 1, outer: "o" });
    expect(fork.types.at(-1)).toBe("ExecutionSucceeded");
    expect(fork.types).not.toContain("MapStateEntered");
  });

  test("from a state of an iteration runs that iteration with its own item", () => {
    const drive = new Drive(NESTED, ITEMS).run();
    expect([1, 2, 3].map((visit) => pointAt(NESTED, drive, "I2", visit).variables["item"])).toEqual(["p", "q", "r"]);
    expect(pointAt(NESTED, drive, "I2", 2).variables).toEqual({ outer: "o", both: 2, item: "q" });
    expect(pointAt(NESTED, drive, "I1", 2).variables).toEqual({ outer: "o", both: 2 });
    const fork = forked(NESTED, ITEMS, { stateName: "I1", visit: 3, input: { v: "R" } }, { restart: true });
    expect(fork.output).toEqual({ item: "R", index: 2, value: "r" });
  });

  test("in a branch that was tried again does not lose its way", () => {
    const retried = {
      StartAt: "Before",
      States: {
        Before: { Type: "Pass", Assign: { outer: 1 }, Next: "Both" },
        Both: {
          Type: "Parallel",
          Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 2 }],
          Branches: [
            {
              StartAt: "In",
              States: {
                In: { Type: "Pass", Assign: { inner: 1 }, Next: "Deep" },
                Deep: {
                  Type: "Parallel",
                  Branches: [
                    {
                      StartAt: "D1",
                      States: {
                        D1: { Type: "Pass", Assign: { deep: 1 }, Next: "T" },
                        T: { Type: "Task", Resource: LAMBDA, End: true },
                      },
                    },
                  ],
                  End: true,
                },
              },
            },
          ],
          End: true,
        },
      },
    };
    const answer = (_task: unknown, attempt: number): Answer => (attempt < 3 ? { error: "E" } : { output: 1 });
    const drive = new Drive(retried, {}, { answer }).run();
    for (const visit of [1, 2, 3]) {
      expect(pointAt(retried, drive, "In", visit).variables).toEqual({ outer: 1 });
      expect(pointAt(retried, drive, "D1", visit).variables).toEqual({ outer: 1, inner: 1 });
      expect(pointAt(retried, drive, "T", visit).variables).toEqual({ outer: 1, inner: 1, deep: 1 });
    }
  });
});

test("a fork of a flow sees what was assigned anywhere before", () => {
  const machine = { ...machineOf(NESTED), flow: "steps" as never };
  const drive = new Drive(NESTED, ITEMS).run();
  const after = drive.history.findLast(({ type }) => type === "PassStateEntered");
  const trace = new ForkTrace(machine, after?.id ?? 0);
  for (let id = trace.wanted; id > 0; id = trace.wanted) trace.take(drive.history[id - 1] as never);
  expect(trace.point.variables).toEqual({ outer: "o", left: 1, right: 1, both: 2, item: "r", each: 3 });
});
