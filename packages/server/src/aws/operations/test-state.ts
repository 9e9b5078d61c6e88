import type { StateTestReport } from "@stepwell/core";
import {
  type AskedStateTest,
  type Clock,
  checkRoleArn,
  type HttpExchange,
  Rejection,
  type StateTested,
  type TaskOutcome,
} from "@stepwell/engine";
import type { Operation } from "../operation.ts";
import { StateTestRun } from "../state-test-run.ts";
import type { StateTesting } from "../state-testing.ts";

/** A test runs for at most five minutes. API reference, "TestState". */
const TEST_MS_MAX = 300_000;

export const testState: Operation<"TestState"> = async (input, context) => {
  const { roleArn, inspectionLevel = "INFO", ...request } = input;
  if (roleArn !== undefined) checkRoleArn(roleArn);
  const { testing } = context;
  if (testing === undefined) throw new Rejection("ValidationException", "TestState cannot be called from here.");
  const { identity, clock, ids, limits, lenientResources = false, mockResultProblem } = testing;
  const now = clock.now();
  const run = new StateTestRun(
    { ...request, ...(roleArn === undefined ? {} : { roleArn }) },
    {
      identity,
      limits,
      lenientResources,
      facts: { now, seed: ids.seed() },
      ...(mockResultProblem === undefined ? {} : { mockResultProblem }),
    },
    testing.long,
  );
  const { report, http } = await end(await run.begin(), {
    run,
    roleArn: roleArn ?? "",
    startedAtMs: now,
    testing,
    signal: context.signal,
    ...(inspectionLevel === "TRACE" ? { trace: { revealSecrets: request.revealSecrets ?? false } } : {}),
  });
  const { inspection, ...answer } = report;
  if (inspectionLevel === "INFO") return answer;
  return { ...answer, inspectionData: { ...inspection, ...http } };
};

interface Ended {
  readonly report: StateTestReport;
  readonly http?: HttpExchange;
}

interface Attendance {
  readonly run: StateTestRun;
  readonly roleArn: string;
  readonly startedAtMs: number;
  readonly testing: StateTesting;
  readonly signal: AbortSignal;
  /** What an HTTP Task sends and gets is wanted. */
  readonly trace?: { readonly revealSecrets: boolean };
}

async function end(progress: StateTested, attendance: Attendance): Promise<Ended> {
  switch (progress.kind) {
    case "refused":
      throw new Rejection(progress.code, progress.message);
    case "ended":
      return { report: progress.report };
    case "wait":
      return { report: await waited(progress, attendance) };
    case "task":
      return performed(progress, attendance);
  }
}

const REAL_CLOCK: Clock = {
  now: () => Date.now(),
  wakeAt(at, wake) {
    const timer = setTimeout(wake, at - Date.now());
    return () => clearTimeout(timer);
  },
};

const TIMEOUT = { kind: "failed", error: { error: "States.Timeout" } } as const;

async function waited(
  wait: Extract<StateTested, { kind: "wait" }>,
  { run, startedAtMs, testing, signal }: Attendance,
): Promise<StateTestReport> {
  const deadline = startedAtMs + TEST_MS_MAX;
  if (testing.virtualTime !== true) {
    await before(testing.clock, Math.min(wait.until, deadline), aborted(signal));
  }
  return run.goOn(wait.until > deadline ? TIMEOUT : { kind: "over" });
}

async function performed(
  task: Extract<StateTested, { kind: "task" }>,
  { run, roleArn, startedAtMs, testing, signal, trace }: Attendance,
): Promise<Ended> {
  const { command, executionArn, executionName, stateMachineArn } = task;
  const { performTask, clock } = testing;
  if (performTask === undefined) {
    throw new Rejection("ValidationException", "This server tests Task states only when a mock is specified.");
  }
  let http: HttpExchange | undefined;
  const exchanged = (exchange: HttpExchange): void => {
    http = exchange;
  };
  const request = {
    ...command,
    executionArn,
    executionName,
    stateMachineArn,
    roleArn,
    startedAtMs,
    ...(trace === undefined ? {} : { httpInspection: { ...trace, exchanged } }),
  };
  const given = new AbortController();
  const givenMs = Math.min(TEST_MS_MAX, (command.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1_000);
  const time = testing.virtualTime === true ? REAL_CLOCK : clock;
  const outcome = await before(
    time,
    time.now() + givenMs,
    performTask(request, AbortSignal.any([given.signal, signal])),
  );
  given.abort();
  const shown = http === undefined ? {} : { http };
  if (outcome === undefined) return { report: await run.goOn(TIMEOUT), ...shown };
  return { report: await run.goOn(cameOf(outcome)), ...shown };
}

function cameOf(outcome: TaskOutcome): NonNullable<AskedStateTest["outcome"]> {
  if (outcome.kind !== "failed") return { kind: "succeeded", output: outcome.output };
  const { error, cause } = outcome;
  return {
    kind: "failed",
    error: { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) },
  };
}

/** Nobody waits for an answer then, so nothing needs to either. */
function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

/** What the work gives, or `undefined` when that takes until `at` or longer. */
async function before<T>(clock: Clock, at: number, work: Promise<T>): Promise<T | undefined> {
  let takeBack = (): void => undefined;
  const late = new Promise<undefined>((resolve) => {
    takeBack = clock.wakeAt(at, () => resolve(undefined));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    takeBack();
  }
}
