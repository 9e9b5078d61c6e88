import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionDescription } from "@stepwell/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { composeStepwell, type Stepwell } from "./compose.ts";

// RedriveExecution through the whole house: features.md A.18.

const ROLE = "arn:aws:iam::123456789012:role/r";
const FLAKY = "arn:aws:lambda:us-east-1:123456789012:function:flaky";
const directory = mkdtempSync(join(tmpdir(), "stepwell-redrive-"));
let stepwell: Stepwell;

beforeAll(async () => {
  // Fails as often as it is told to, for each key; then answers how often it was called.
  writeFileSync(
    join(directory, "flaky.mjs"),
    `const calls = new Map();
    export function flaky({ key, failures = 1 }) {
      calls.set(key, (calls.get(key) ?? 0) + 1);
      if (calls.get(key) <= failures) throw Object.assign(new Error(key), { name: "Flaky" });
      return calls.get(key);
    }`,
  );
  const functions = { flaky: { handler: "./flaky.mjs#flaky", concurrency: 1 } };
  stepwell = await composeStepwell({ dataDir: ":memory:", time: "virtual", functions, baseDirectory: directory });
});
afterAll(async () => {
  await stepwell.close(0);
  rmSync(directory, { recursive: true });
});

interface Run {
  readonly executionArn: string;
  ended(): Promise<ExecutionDescription>;
  /** Events after the last ExecutionRedriven: type and the id each is linked to. */
  redriven(): Promise<[string, number][]>;
}

async function create(name: string, definition: object): Promise<string> {
  const request = { name, definition: JSON.stringify(definition), roleArn: ROLE };
  return (await stepwell.catalog.createStateMachine(request)).stateMachineArn;
}

async function start(name: string, definition: object, input: object = {}): Promise<Run> {
  const { executions } = stepwell;
  const stateMachineArn = await create(name, definition);
  const { executionArn } = await executions.start({ stateMachineArn, input: JSON.stringify(input) });
  return {
    executionArn,
    async ended() {
      await expect
        .poll(async () => (await executions.describe(executionArn)).status, { timeout: 10_000 })
        .not.toBe("RUNNING");
      return executions.describe(executionArn);
    },
    async redriven() {
      const { items } = await executions.history(executionArn, { limit: 500, reverse: false });
      const from = items.findLastIndex(({ type }) => type === "ExecutionRedriven");
      return items.slice(from).map(({ type, previousEventId }) => [type, previousEventId]);
    },
  };
}

const call = (key: string, failures = 1): object => ({
  Type: "Task",
  Resource: FLAKY,
  Parameters: { key, failures },
  End: true,
});

describe("a redrive", () => {
  test("of a Task schedules it again, linked to its first Entered event, with its retries anew", async () => {
    const retry = [{ ErrorEquals: ["Flaky"], IntervalSeconds: 1, MaxAttempts: 1 }];
    const run = await start("task", { StartAt: "T", States: { T: { ...call("task", 3), Retry: retry } } });
    expect((await run.ended()).status).toBe("FAILED");
    await stepwell.executions.redrive(run.executionArn);
    expect(await run.ended()).toMatchObject({ status: "SUCCEEDED", output: "4", redriveCount: 1 });
    expect(await run.redriven()).toEqual([
      ["ExecutionRedriven", 9],
      ["LambdaFunctionScheduled", 2],
      ["LambdaFunctionStarted", 11],
      ["LambdaFunctionFailed", 12],
      ["LambdaFunctionScheduled", 13],
      ["LambdaFunctionStarted", 14],
      ["LambdaFunctionSucceeded", 15],
      ["TaskStateExited", 16],
      ["ExecutionSucceeded", 17],
    ]);
  });

  test("of a Parallel resumes the branches that did not end", async () => {
    const branch = (name: string, state: object): object => ({ StartAt: name, States: { [name]: state } });
    const branches = [
      branch("Left", { Type: "Pass", Result: "left", End: true }),
      branch("Right", call("parallel")),
      branch("Wait", { Type: "Wait", Seconds: 60, End: true }),
    ];
    const run = await start("parallel", {
      StartAt: "P",
      States: { P: { Type: "Parallel", Branches: branches, End: true } },
    });
    await run.ended();
    await stepwell.executions.redrive(run.executionArn);
    expect((await run.ended()).output).toBe('["left",2,{}]');
    const types = (await run.redriven()).map(([type]) => type);
    expect(types.filter((type) => /Entered$|ParallelStateStarted|PassState/.test(type))).toEqual([]);
    expect(types.slice(-3)).toEqual(["ParallelStateSucceeded", "ParallelStateExited", "ExecutionSucceeded"]);
  });

  test("of an inline Map goes on with the iteration that failed and those that never started", async () => {
    const iteration = { ...call("unused"), Parameters: { "key.$": "States.Format('map{}', $)" } };
    const processor = { StartAt: "I", States: { I: iteration } };
    const map = { Type: "Map", ItemsPath: "$.items", MaxConcurrency: 1, ItemProcessor: processor, End: true };
    const run = await start("map", { StartAt: "M", States: { M: map } }, { items: [1, 2] });
    for (const expected of ["FAILED", "FAILED", "SUCCEEDED"]) {
      const ended = await run.ended();
      expect(ended.status).toBe(expected);
      if (ended.status === "FAILED") await stepwell.executions.redrive(run.executionArn);
    }
    expect((await run.ended()).output).toBe("[2,2]");
    expect((await run.redriven()).filter(([type]) => type === "MapIterationStarted")).toEqual([]);
  });

  test("of a Wait whose time has come goes on, and the state machine's timeout begins anew", async () => {
    const run = await start("wait", {
      StartAt: "W",
      TimeoutSeconds: 5,
      States: { W: { Type: "Wait", Seconds: 6, End: true } },
    });
    expect((await run.ended()).status).toBe("TIMED_OUT");
    await stepwell.executions.redrive(run.executionArn);
    expect((await run.ended()).status).toBe("SUCCEEDED");
    expect((await run.redriven())[1]).toEqual(["WaitStateExited", 2]);
  });

  test("of a nested execution starts another one", async () => {
    const child = await create("child", { StartAt: "T", States: { T: call("child") } });
    const nested = {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Parameters: { StateMachineArn: child, Input: {} },
      OutputPath: "$.Output",
      End: true,
    };
    const run = await start("nested", { StartAt: "N", States: { N: nested } });
    expect((await run.ended()).error).toBe("States.TaskFailed");
    await stepwell.executions.redrive(run.executionArn);
    expect((await run.ended()).output).toBe("2");
    expect((await stepwell.executions.list({ stateMachineArn: child, limit: 10 })).items).toHaveLength(2);
  });

  test("of branches whose output together was too large does them all again", async () => {
    const large = (name: string): object => ({
      StartAt: name,
      States: { [name]: { Type: "Pass", QueryLanguage: "JSONata", Output: "{% $pad('', 150000, 'x') %}", End: true } },
    });
    const parallel = { Type: "Parallel", Branches: [large("A"), large("B")], End: true };
    const run = await start("large", { StartAt: "P", States: { P: parallel } });
    expect((await run.ended()).error).toBe("States.DataLimitExceeded");
    await stepwell.executions.redrive(run.executionArn);
    await run.ended();
    expect((await run.redriven()).slice(0, 3)).toEqual([
      ["ExecutionRedriven", 9],
      ["ParallelStateStarted", 2],
      ["PassStateEntered", 11],
    ]);
  });

  test("with a client token is one redrive, however often it is asked for; old task tokens are worth nothing", async () => {
    const { executions, catalog } = stepwell;
    const { activityArn } = await catalog.createActivity({ name: "pack" });
    const task = { Type: "Task", Resource: activityArn, TimeoutSeconds: 30, End: true };
    const taken = executions.getActivityTask(activityArn, "w", 60_000, new AbortController().signal);
    const run = await start("activity", { StartAt: "T", States: { T: task } });
    const old = await taken;
    expect((await run.ended()).error).toBe("States.Timeout");
    // Asked before the redrive, so that virtual time does not pass it by.
    const again = executions.getActivityTask(activityArn, "w", 60_000, new AbortController().signal);
    const first = await executions.redrive(run.executionArn, "token");
    expect(await executions.redrive(run.executionArn, "token")).toEqual(first);
    await expect(executions.sendTaskSuccess(old?.taskToken ?? "", "1")).rejects.toMatchObject({
      name: "TaskTimedOut",
      message: `Task Timed Out: '${activityArn}'`,
    });
    await executions.sendTaskSuccess((await again)?.taskToken ?? "", "1").catch(() => undefined);
    await run.ended();
    expect(await executions.redrive(run.executionArn, "token")).toEqual(first);
  });
});
