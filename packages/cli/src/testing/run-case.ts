/**
 * One case of a test file: a Stepwell of its own, in virtual time, with the case's mocks.
 *
 * A Stepwell in memory costs some milliseconds, so no case can see another one's executions, mocks or clock.
 */
import { parseStateMachine, parseTaskToken, type StateMachineType, type TaskState } from "@stepwell/core";
import { type CommittedChange, type ExecutionDescription, Rejection } from "@stepwell/engine";
import { composeStepwell, fromConfig, type Stepwell } from "../compose.ts";
import type { Config } from "../config/load-config.ts";
import type { Instrument } from "./instruments.ts";
import type { TestCase, TestFile } from "./test-file.ts";
import { type InjectedFailure, type MockedCall, TestMocks } from "./test-mocks.ts";

/** A test file with its definitions and configuration read: what its cases share. */
export interface Suite {
  readonly path: string;
  readonly file: TestFile;
  /** JSON texts. */
  readonly definition: string;
  readonly others: readonly OtherMachine[];
  readonly config?: Config;
}

/** A machine that nested executions start. */
export interface OtherMachine {
  readonly name: string;
  /** File of the definition. */
  readonly path: string;
  /** JSON text. */
  readonly definition: string;
  readonly type: StateMachineType;
}

export interface CaseOptions {
  readonly instrument?: Instrument;
  readonly onCommitted?: (change: CommittedChange) => void;
  readonly injected?: InjectedFailure;
  /** Default: in memory. A directory, and a file that remembers which mocks answered: for crashes. */
  readonly data?: { readonly directory: string; readonly journal: string };
  /** Real milliseconds after which a case is given up. Default 60,000. */
  readonly patienceMs?: number;
}

/** How a case went. */
export interface Ended {
  readonly status: ExecutionDescription["status"];
  /** JSON text. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  /** Virtual time that passed. */
  readonly seconds: number;
  readonly calls: readonly MockedCall[];
  /** Calls that no mock answered. */
  readonly unanswered: readonly string[];
  /** Names of the states entered, in order: of all executions. */
  readonly entered: readonly string[];
  /** Those of the top level of the execution under test. */
  readonly path: readonly string[];
}

const ROLE = "arn:aws:iam::123456789012:role/stepwell-test";
/** What the machine under test is called. */
export const MACHINE_NAME = "under-test";
const EXECUTION_NAME = "case";
const PATIENCE_MS = 60_000;
/** How long a mocked activity's worker waits at a time, in virtual time: for ever. */
const ACTIVITY_WAIT_MS = 3_650 * 86_400_000;

/** Runs a case to its end. Throws `Rejection` when the state machine or the start is refused. */
export async function runCase(suite: Suite, test: TestCase, options: CaseOptions = {}): Promise<Ended> {
  const mocks = new TestMocks({
    mocks: { ...suite.file.mocks, ...test.mocks },
    servesAll: suite.config === undefined,
    ...(options.injected === undefined ? {} : { injected: options.injected }),
    ...(options.data === undefined ? {} : { journal: options.data.journal }),
  });
  const entered: string[] = [];
  const path: string[] = [];
  const parsed = parseStateMachine(suite.definition);
  const top = parsed.ok ? parsed.machine.root.names : new Set<string>();
  const stepwell = await composeStepwell({
    ...(suite.config === undefined ? {} : fromConfig(suite.config)),
    dataDir: options.data?.directory ?? ":memory:",
    durability: "normal",
    time: "virtual",
    mocked: mocks,
    logs: { sink: "none" },
    ...(options.instrument === undefined ? {} : { instrument: options.instrument }),
    onStill: () => {
      if (workers.busy === 0) still.abort();
    },
    onCommitted(change) {
      const names = change.history.flatMap(({ type, details }) =>
        type.endsWith("StateEntered") ? [String(details?.["name"])] : [],
      );
      entered.push(...names);
      if (change.start.stateMachineName === MACHINE_NAME && change.start.mapRunArn === undefined) {
        path.push(...names.filter((name) => top.has(name)));
      }
      options.onCommitted?.(change);
    },
  });
  // What stands still while no worker of ours is at work will stand so for ever.
  const still = new AbortController();
  const workers = { ended: new AbortController(), busy: 0 };
  try {
    const stateMachineArn = await createMachines(stepwell, suite);
    for (const activityArn of mockedActivities(suite, mocks)) void work(stepwell, activityArn, mocks, workers);
    const execution = await toEnd(stepwell, stateMachineArn, test, {
      still: still.signal,
      patience: AbortSignal.timeout(options.patienceMs ?? PATIENCE_MS),
    });
    const { status, output, error, cause, startDate, stopDate = startDate } = execution;
    return {
      status,
      ...(output === undefined ? {} : { output }),
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
      seconds: (stopDate - startDate) / 1_000,
      calls: mocks.calls,
      unanswered: [...mocks.unanswered],
      entered,
      path,
    };
  } finally {
    workers.ended.abort();
    await stepwell.close(0);
  }
}

async function createMachines({ catalog }: Stepwell, suite: Suite): Promise<string> {
  const { definition, file } = suite;
  const all = [{ name: MACHINE_NAME, definition, type: file.type ?? "STANDARD" }, ...suite.others];
  for (const { definition } of all) {
    for (const { resource } of tasksOf(definition)) {
      const name = resource.kind === "activity" ? resource.arn.split(":").at(-1) : undefined;
      if (name !== undefined) await catalog.createActivity({ name });
    }
  }
  let under = "";
  for (const { name, definition, type } of all.toReversed()) {
    under = (await catalog.createStateMachine({ name, definition, roleArn: ROLE, type })).stateMachineArn;
  }
  return under;
}

function tasksOf(definition: string): TaskState[] {
  const parsed = parseStateMachine(definition);
  return parsed.ok ? [...parsed.machine.states.values()].filter((state) => state.type === "Task") : [];
}

function mockedActivities(suite: Suite, mocks: TestMocks): ReadonlySet<string> {
  const states = [suite.definition, ...suite.others.map(({ definition }) => definition)].flatMap(tasksOf);
  return new Set(
    states.flatMap(({ name, resource }) => (resource.kind === "activity" && mocks.mayMock(name) ? [resource.arn] : [])),
  );
}

interface Workers {
  readonly ended: AbortController;
  /** How many are at work on a task. */
  busy: number;
}

/** A worker of a mocked activity. */
async function work(stepwell: Stepwell, activityArn: string, mocks: TestMocks, workers: Workers): Promise<void> {
  const { signal } = workers.ended;
  while (!signal.aborted) {
    const task = await stepwell.executions.getActivityTask(activityArn, "stepwell test", ACTIVITY_WAIT_MS, signal);
    if (task === undefined) return;
    workers.busy += 1;
    await perform(stepwell, task, mocks).catch(mustBeRefusal);
    workers.busy -= 1;
  }
}

async function perform(
  { executions }: Stepwell,
  { taskToken, input }: { readonly taskToken: string; readonly input: string },
  mocks: TestMocks,
): Promise<void> {
  const { executionArn = "", taskId = -1 } = parseTaskToken(taskToken) ?? {};
  const waiting = await executions.waiting(executionArn);
  const stateName = waiting.find((branch) => branch.taskId === taskId)?.stateName;
  if (stateName === undefined || !mocks.mayMock(stateName)) return;
  const outcome = await mocks.answer({ executionArn, taskId, stateName, input });
  if (outcome.kind === "failed") await executions.sendTaskFailure(taskToken, outcome.error, outcome.cause);
  else await executions.sendTaskSuccess(taskToken, outcome.output);
}

/** The task may have timed out, or its execution ended, meanwhile. */
function mustBeRefusal(error: unknown): void {
  if (!(error instanceof Rejection)) throw error;
}

interface Bounds {
  /** Nothing will happen any more. */
  readonly still: AbortSignal;
  readonly patience: AbortSignal;
}

async function toEnd(
  { executions }: Stepwell,
  stateMachineArn: string,
  test: TestCase,
  { still, patience }: Bounds,
): Promise<ExecutionDescription> {
  const input = JSON.stringify(test.input ?? {});
  const executionArn = await started(executions, { stateMachineArn, name: EXECUTION_NAME, input });
  const enough = AbortSignal.any([still, patience]);
  for await (const _ of executions.watch(executionArn, 0, enough)) if (enough.aborted) break;
  const execution = await executions.describe(executionArn);
  if (execution.status !== "RUNNING") return execution;
  const waiting = await executions.waiting(executionArn);
  const where = waiting.map(({ stateName, waitsFor }) => `${stateName} (${waitsFor})`).join(", ");
  const why = still.aborted ? "nothing can end its waiting" : "it takes too long";
  await executions.stop(executionArn, "Stepwell.NeverEnds", `${why}: it waits in ${where}`);
  return executions.describe(executionArn);
}

/** An Express execution has another name each time; a Standard one is found again after a crash. */
async function started(
  executions: Stepwell["executions"],
  request: { stateMachineArn: string; name: string; input: string },
): Promise<string> {
  try {
    return (await executions.start(request)).executionArn;
  } catch (error) {
    const existing =
      error instanceof Rejection && error.name === "ExecutionAlreadyExists"
        ? /'(arn:[^']+)'/.exec(error.message)?.[1]
        : undefined;
    if (existing === undefined) throw error;
    return existing;
  }
}
