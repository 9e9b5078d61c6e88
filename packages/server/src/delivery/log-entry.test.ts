import { describe, expect, test } from "vitest";
import { change, event } from "./committed-change.test-support.ts";
import { logEntryOf } from "./log-entry.ts";
import { isLogged } from "./log-level.ts";

const entered = event(2, "PassStateEntered", { name: "One", input: '{"a":1}' }, 0);

describe("a log entry", () => {
  test("has numbers as texts and the details of the history", () => {
    expect(JSON.parse(logEntryOf(change({ redriveCount: 1 }), entered, true))).toEqual({
      id: "2",
      type: "PassStateEntered",
      details: { name: "One", input: '{"a":1}', inputDetails: { truncated: false } },
      previous_event_id: "0",
      event_timestamp: "1000002",
      execution_arn: "arn:aws:states:us-east-1:123456789012:execution:orders:one",
      redrive_count: "1",
    });
  });

  test("has no payloads without includeExecutionData, but errors", () => {
    const details = (type: string, given: Record<string, string>) =>
      JSON.parse(logEntryOf(change(), event(3, type, given), false)).details;
    expect(details("PassStateEntered", { name: "One", input: "{}" })).toEqual({ name: "One" });
    expect(details("ExecutionStarted", { input: "{}", roleArn: "r" })).toEqual({ roleArn: "r" });
    expect(details("TaskScheduled", { parameters: "{}", resource: "invoke" })).toEqual({ resource: "invoke" });
    expect(details("ExecutionFailed", { error: "E", cause: "c" })).toEqual({ error: "E", cause: "c" });
  });

  test("of an event without details has empty ones", () => {
    expect(JSON.parse(logEntryOf(change(), event(3, "LambdaFunctionStarted"), true)).details).toEqual({});
  });

  test.each([
    ["plain", JSON.stringify("x".repeat(300_000))],
    ["escaped", JSON.stringify('"\\'.repeat(70_000))],
    ["wide", JSON.stringify("😀é".repeat(60_000))],
  ])("of more than 248 KiB is cut and says so: %s", (_name, output) => {
    const text = logEntryOf(change(), event(3, "PassStateExited", { name: "One", output }), true);
    const bytes = Buffer.byteLength(text);
    expect(bytes).toBeLessThanOrEqual(248 * 1024);
    expect(bytes).toBeGreaterThan(247 * 1024);
    const { details } = JSON.parse(text);
    expect(details.outputDetails).toEqual({ truncated: true });
    expect(output.startsWith(details.output)).toBe(true);
    expect(details.output.isWellFormed()).toBe(true);
  });
});

describe("a log level", () => {
  const types = ["ExecutionStarted", "FailStateEntered", "TaskFailed", "LambdaFunctionTimedOut", "WaitStateAborted"];
  const ends = ["ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted", "ExecutionSucceeded"];
  test.each([
    ["OFF", []],
    ["FATAL", ["ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"]],
    ["ERROR", [...types.slice(1), "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"]],
    ["ALL", [...types, ...ends]],
  ] as const)("%s", (level, logged) => {
    expect([...types, ...ends].filter((type) => isLogged(level, type))).toEqual(logged);
  });
});
