import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type StepwellProcess, startStepwell } from "./stepwell-process.ts";

// A real `stepwell start` that has much to evaluate, and answers all the same.

const EXECUTIONS = 20;
const ELEMENTS = 500_000;
const SUM = ELEMENTS * (ELEMENTS + 1);
/** Nothing is measured against it: a machine may be as busy as it likes. */
const PATIENCE_MS = 600_000;

let directory: string;
let stepwell: StepwellProcess;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stepwell-long-"));
  stepwell = await startStepwell(directory, { readyMs: 120_000 });
}, 150_000);

afterAll(async () => {
  await stepwell?.killHard();
  rmSync(directory, { recursive: true, force: true });
});

type Answer = { readonly [member: string]: unknown };

async function call(operation: string, body: object): Promise<Answer> {
  const response = await fetch(stepwell.url, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AWSStepFunctions.${operation}` },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Answer;
  if (!response.ok) throw new Error(`${operation}: ${JSON.stringify(answer)}`);
  return answer;
}

async function running(stateMachineArn: string): Promise<number> {
  const { executions } = await call("ListExecutions", { stateMachineArn, statusFilter: "RUNNING" });
  return (executions as readonly unknown[]).length;
}

async function allEnded(stateMachineArn: string): Promise<void> {
  while ((await running(stateMachineArn)) > 0) await sleep(50);
}

/** What threads have decided so far. */
async function decidedElsewhere(): Promise<number> {
  const text = await (await fetch(`${stepwell.url}/metrics`)).text();
  return Number(/^stepwell_long_work_total\{kind="decision"\} (\d+)$/m.exec(text)?.[1]);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

test(
  "requests are answered while expressions take long, and a process that dies meanwhile loses none",
  async () => {
    const { stateMachineArn } = (await call("CreateStateMachine", {
      name: "long",
      roleArn: "arn:aws:iam::123456789012:role/test",
      definition: JSON.stringify({
        QueryLanguage: "JSONata",
        StartAt: "Long",
        States: { Long: { Type: "Pass", Output: `{% $sum([1..${ELEMENTS}].($ * 2)) %}`, End: true } },
      }),
    })) as { stateMachineArn: string };

    // How long one takes, with the thread that is there after the first.
    const alone: number[] = [];
    for (let i = 0; i < 3; i++) {
      const begun = performance.now();
      await call("StartExecution", { stateMachineArn });
      await allEnded(stateMachineArn);
      alone.push(performance.now() - begun);
    }
    const own = Math.min(...alone);
    expect(await decidedElsewhere()).toBe(3);

    const names = Array.from({ length: EXECUTIONS }, (_, i) => `e${i}`);
    const arns = await Promise.all(
      names.map(async (name) => (await call("StartExecution", { stateMachineArn, name }))["executionArn"] as string),
    );
    const latencies: number[] = [];
    // With as many threads as a large machine has they may all be over soon.
    do {
      const asked = performance.now();
      await call("ListStateMachines", {});
      latencies.push(performance.now() - asked);
    } while (latencies.length < 30 && (await running(stateMachineArn)) > 2);
    console.log(
      `one alone ${own.toFixed(0)} ms; ${latencies.length} requests meanwhile, median ${median(latencies).toFixed(0)} ms`,
    );
    expect(median(latencies)).toBeLessThan(own / 2);

    await stepwell.killHard();
    stepwell = await startStepwell(directory, { readyMs: 120_000 });
    await allEnded(stateMachineArn);
    for (const executionArn of arns) {
      const { status, output } = await call("DescribeExecution", { executionArn });
      expect({ status, output }).toEqual({ status: "SUCCEEDED", output: String(SUM) });
      const { events } = await call("GetExecutionHistory", { executionArn });
      expect((events as readonly { type: string }[]).map(({ type }) => type)).toEqual([
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
      ]);
    }
  },
  PATIENCE_MS,
);
