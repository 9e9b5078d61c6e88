import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { CLI } from "./stepwell-process.ts";

// `stepwell test --chaos` as its users type it: processes that die by SIGKILL, and others that go on.

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), "stepwell-chaos-test-"));
afterAll(() => rmSync(directory, { recursive: true }));

const call = (more: object): object => ({
  Type: "Task",
  Resource: "arn:aws:lambda:us-east-1:123456789012:function:f",
  ...more,
});
const DEFINITION = {
  StartAt: "Sure",
  States: {
    Sure: call({ Retry: [{ ErrorEquals: ["States.TaskFailed"], IntervalSeconds: 5 }], Next: "Unsure" }),
    Unsure: call({ End: true }),
  },
};
const TESTS = {
  stateMachine: "two.json",
  mocks: { Sure: { return: { a: 1 } }, Unsure: { return: { b: 2 } } },
  cases: [
    { name: "survives", expect: { output: { b: 2 } }, chaos: { survives: ["Sure"] } },
    { name: "does not", expect: { output: { b: 2 } }, chaos: { survives: true } },
  ],
};

test("crashes change nothing; failures that must be survived are told apart", async () => {
  writeFileSync(join(directory, "two.json"), JSON.stringify(DEFINITION));
  writeFileSync(join(directory, "two.stepwell.test.json"), JSON.stringify(TESTS));
  const arguments_ = [CLI, "test", directory, "--chaos", "--format", "json"];
  const { code, stdout } = (await run(process.execPath, arguments_).catch((error: unknown) => error)) as {
    code?: number;
    stdout: string;
  };
  const [survives, doesNot] = JSON.parse(stdout).cases;
  expect(survives.problems).toEqual([]);
  expect(survives.chaos.crashes).toBe(3);
  expect(survives.chaos.injected).toEqual([
    { stateName: "Sure", call: 1, outcome: "same", status: "SUCCEEDED" },
    { stateName: "Unsure", call: 1, outcome: "failed", status: "FAILED", error: "States.TaskFailed" },
  ]);
  expect(doesNot.problems).toEqual(["a failure of call 1 of Unsure was not survived: FAILED States.TaskFailed"]);
  expect(code).toBe(1);
});
