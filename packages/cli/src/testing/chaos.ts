/**
 * `--chaos`: a case once more for each of its commits, with a process that dies by SIGKILL right after it and another one
 * that goes on; and once more for each task, which fails the first time it is called so.
 *
 * A commit is the unit: events that are committed together are there together or not at all (design invariant 2).
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { shown } from "./contains.ts";
import { isCrashPoint } from "./crash-point.ts";
import { type Ended, runCase, type Suite } from "./run-case.ts";
import type { TestCase } from "./test-file.ts";
import type { MockedCall } from "./test-mocks.ts";

export interface ChaosReport {
  readonly crashes: number;
  /** Commits after which no crash was tried: there are too many. */
  readonly crashesLeftOut: number;
  readonly injected: readonly InjectedOutcome[];
  readonly problems: readonly string[];
}

/** `same`: status and output as without; `handled`: it succeeded otherwise; `failed`: it ended in another way. */
export interface InjectedOutcome {
  readonly stateName: string;
  /** From 1. */
  readonly call: number;
  readonly outcome: "same" | "handled" | "failed";
  readonly status: Ended["status"];
  readonly error?: string;
}

/** What a case's end is compared by: causes may name executions and times. */
type End = Pick<Ended, "status" | "output" | "error">;

const CRASHES_MAX = 60;
const INJECTED_MAX = 200;
const CHILD_MS = 120_000;
const CHILD = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./chaos-child.ts" : "./chaos-child.js", import.meta.url),
);

export async function chaos(suite: Suite, test: TestCase): Promise<ChaosReport> {
  let commits = 0;
  const calm = await runCase(suite, test, {
    onCommitted: (change) => {
      if (isCrashPoint(change)) commits += 1;
    },
  });
  const step = Math.max(1, commits / CRASHES_MAX);
  const points = Array.from({ length: Math.min(commits, CRASHES_MAX) }, (_, i) => Math.floor(i * step) + 1);
  const problems: string[] = [];
  for (const point of points) {
    const ended = await afterCrash(suite.path, test.name, point);
    if (!isSame(ended, calm)) {
      problems.push(
        `crash after commit ${point} of ${commits}: ended ${shown(ended)}, without it ${shown(endOf(calm))}`,
      );
    }
  }
  const injected = await injectAll(suite, test, calm);
  for (const { stateName, call, outcome, status, error } of injected) {
    if (outcome === "same" || !mustSurvive(test, stateName)) continue;
    problems.push(
      `a failure of call ${call} of ${stateName} was not survived: ${status}${error === undefined ? "" : ` ${error}`}`,
    );
  }
  return { crashes: points.length, crashesLeftOut: commits - points.length, injected, problems };
}

function mustSurvive({ chaos: wanted }: TestCase, stateName: string): boolean {
  return wanted?.survives === true || wanted?.survives?.includes(stateName) === true;
}

async function injectAll(suite: Suite, test: TestCase, calm: Ended): Promise<InjectedOutcome[]> {
  const outcomes: InjectedOutcome[] = [];
  for (const call of calm.calls.slice(0, INJECTED_MAX)) outcomes.push(await inject(suite, test, calm, call));
  return outcomes;
}

async function inject(suite: Suite, test: TestCase, calm: Ended, call: MockedCall): Promise<InjectedOutcome> {
  const { stateName, number } = call;
  const injected = { stateName, number, error: test.chaos?.error ?? "States.TaskFailed" };
  const ended = await runCase(suite, test, { injected });
  const outcome = isSame(ended, calm) ? "same" : ended.status === "SUCCEEDED" ? "handled" : "failed";
  const { status, error } = ended;
  return { stateName, call: number + 1, outcome, status, ...(error === undefined ? {} : { error }) };
}

/** One process that dies, and one that goes on where it was. */
async function afterCrash(path: string, name: string, commits: number): Promise<End | string> {
  const directory = await mkdtemp(join(tmpdir(), "stepwell-chaos-"));
  try {
    const first = await child(path, name, directory, commits);
    // It may have ended before: what it does is up to chance in the order of parallel branches.
    return first.killed ? (await child(path, name, directory, 0)).end : first.end;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function child(
  path: string,
  name: string,
  directory: string,
  commits: number,
): Promise<{ readonly killed: boolean; readonly end: End | string }> {
  const args = [...process.execArgv, CHILD, path, name, directory, String(commits)];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: CHILD_MS, maxBuffer: 16 * 1_048_576 }, (error, stdout, stderr) => {
      const killed = error?.signal === "SIGKILL" && error.killed !== true;
      if (error !== null) resolve({ killed, end: stderr.slice(-500) || error.message });
      else resolve({ killed, end: JSON.parse(stdout) as End });
    });
  });
}

function endOf({ status, output, error }: End): End {
  return { status, ...(output === undefined ? {} : { output }), ...(error === undefined ? {} : { error }) };
}

function isSame(ended: End | string, calm: Ended): boolean {
  return typeof ended !== "string" && JSON.stringify(endOf(ended)) === JSON.stringify(endOf(calm));
}
