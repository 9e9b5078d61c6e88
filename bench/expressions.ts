/**
 * What the API's callers wait while many executions evaluate expressions that take long, beside the time one of them
 * takes alone, in the same run.
 *
 *   node --conditions=stepwell-source bench/expressions.ts [--executions=50] [--elements=1200000] [--dir=/tmp] [-- <more arguments of stepwell start>]
 *
 * The server is a process of its own, `stepwell start` as its users run it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    executions: { type: "string", default: "50" },
    elements: { type: "string", default: "800000" },
    dir: { type: "string", default: tmpdir() },
  },
});

const ROLE = "arn:aws:iam::123456789012:role/bench";
const POLL_MS = 20;

type Answer = { readonly [member: string]: unknown };

async function call(url: string, operation: string, body: object): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AWSStepFunctions.${operation}` },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Answer;
  if (!response.ok) throw new Error(`${operation}: ${JSON.stringify(answer)}`);
  return answer;
}

async function serve(data: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const main = join(import.meta.dirname, "../packages/cli/src/main.ts");
  const args = ["--conditions=stepwell-source", main, "start", "--data", data, "--port", "0", ...positionals];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /https?:\S+/.exec(line)?.[0];
    if (url !== undefined) return { child, url };
  }
  throw new Error("stepwell start must say where it listens");
}

/** A wait first, so that the answer to the start does not stand behind the expression. */
const DEFINITION = JSON.stringify({
  QueryLanguage: "JSONata",
  StartAt: "Wait",
  States: {
    Wait: { Type: "Wait", Seconds: 1, Next: "Long" },
    Long: { Type: "Pass", Output: `{% $sum([1..${values.elements}].($ * 2)) %}`, End: true },
  },
});

async function ended(url: string, executionArn: string): Promise<void> {
  for (;;) {
    const { status } = await call(url, "DescribeExecution", { executionArn });
    if (status === "SUCCEEDED") return;
    if (status !== "RUNNING") throw new Error(`an execution is ${String(status)}`);
    await sleep(POLL_MS);
  }
}

function shown(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
  return `median ${at(0.5)} ms, 90 % ${at(0.9)} ms, longest ${at(1)} ms of ${sorted.length}`;
}

async function main(): Promise<void> {
  const data = mkdtempSync(join(values.dir, "stepwell-bench-"));
  const { child, url } = await serve(data);
  try {
    const { stateMachineArn } = await call(url, "CreateStateMachine", {
      name: "long",
      definition: DEFINITION,
      roleArn: ROLE,
    });
    const alone: number[] = [];
    for (let i = 0; i < 3; i++) {
      const begun = performance.now();
      const { executionArn } = await call(url, "StartExecution", { stateMachineArn });
      await ended(url, executionArn as string);
      alone.push(performance.now() - begun - 1_000);
    }
    console.log(`one execution alone, less its wait: ${shown(alone)}`);
    const quiet: number[] = [];
    for (let i = 0; i < 20; i++) {
      const asked = performance.now();
      await call(url, "ListStateMachines", {});
      quiet.push(performance.now() - asked);
    }
    console.log(`ListStateMachines, nothing else to do: ${shown(quiet)}`);

    const count = Number(values.executions);
    const begun = performance.now();
    await Promise.all(Array.from({ length: count }, () => call(url, "StartExecution", { stateMachineArn })));
    console.log(`${count} starts acknowledged after ${(performance.now() - begun).toFixed(0)} ms`);
    const times: number[] = [];
    for (let running = count; running > 0; ) {
      for (let i = 0; i < 20; i++) {
        const asked = performance.now();
        await call(url, "ListStateMachines", {});
        times.push(performance.now() - asked);
        await sleep(POLL_MS);
      }
      const { executions } = await call(url, "ListExecutions", { stateMachineArn, statusFilter: "RUNNING" });
      running = (executions as readonly unknown[]).length;
    }
    console.log(
      `all over after ${(performance.now() - begun).toFixed(0)} ms; ListStateMachines meanwhile: ${shown(times)}`,
    );
  } finally {
    child.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true });
  }
}

await main();
