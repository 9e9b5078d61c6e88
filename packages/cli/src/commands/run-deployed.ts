/** Runs a deployed state machine, by its logical id: on the service that runs, else in this process on the data directory. */
import type { HistoryEvent } from "@stepwell/core";
import { openDeployment } from "../deploy/open-deployment.ts";
import { type StackRecord, StackRecords } from "../deploy/stack-record.ts";
import type { StepFunctionsTarget } from "../deploy/target/step-functions-target.ts";
import { UsageError } from "../usage-error.ts";
import { ProgressView } from "./progress.ts";

export interface DeployedRun {
  /** Logical id, that of the CDK without its hash, or name; absent: the stack's only one. */
  readonly machine?: string;
  /** JSON text. */
  readonly input: string;
  readonly name?: string;
  readonly quiet: boolean;
}

export interface StackRunOptions extends DeployedRun {
  readonly stack: string;
  readonly endpoint?: string;
  readonly data?: string;
  readonly functions?: string;
}

/** `stepwell run --stack`: 0 when the execution succeeds, 1 when it ends in any other way. */
export async function runStack({ stack, ...options }: StackRunOptions): Promise<number> {
  const choices = { nameOnly: new Set<string>(), adopt: false, tell: () => undefined };
  const { endpoint, data, functions } = options;
  const where = {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(data === undefined ? {} : { data }),
    ...(functions === undefined ? {} : { functions }),
  };
  const { target, dataDirectory, close } = await openDeployment(where, choices, false);
  try {
    const records = new StackRecords(dataDirectory);
    const record = await records.read(stack);
    if (record === undefined || target === undefined) {
      const known = (await records.all()).map(({ stackName }) => stackName).join(", ") || "none";
      throw new UsageError(`--stack: ${stack} is not deployed in ${dataDirectory}; deployed: ${known}`);
    }
    return await runDeployed(target, [record], options);
  } finally {
    await close();
  }
}

interface Machine {
  readonly logicalId: string;
  readonly stackName: string;
  readonly arn: string;
  readonly physicalId: string;
}

/** Looks for the machine in the stacks given, runs it, prints its output. */
export async function runDeployed(
  target: StepFunctionsTarget,
  records: readonly StackRecord[],
  { machine, input, name, quiet }: DeployedRun,
): Promise<number> {
  const { arn } = chosen(machinesOf(records), machine);
  const { type } = await target.call<{ type: string }>("DescribeStateMachine", { stateMachineArn: arn });
  const request = { stateMachineArn: arn, input, ...(name === undefined ? {} : { name }) };
  // An Express execution has no history to follow: its answer is its end.
  if (type === "EXPRESS") return reported(await target.call<Ended>("StartSyncExecution", request));
  const { executionArn } = await target.call<{ executionArn: string }>("StartExecution", request);
  if (!quiet) process.stderr.write(`${executionArn}\n`);
  return reported(await followed(target, executionArn, quiet));
}

function machinesOf(records: readonly StackRecord[]): readonly Machine[] {
  return records.flatMap(({ stackName, resources }) =>
    Object.entries(resources).flatMap(([logicalId, { type, reference, physicalId }]) =>
      type === "AWS::StepFunctions::StateMachine" ? [{ logicalId, stackName, arn: reference, physicalId }] : [],
    ),
  );
}

/** The CDK ends logical ids with eight hexadecimal digits. */
function chosen(machines: readonly Machine[], wanted: string | undefined): Machine {
  const named = (machine: Machine): string => `${machine.stackName}.${machine.logicalId}`;
  const known = machines.map(named).join(", ") || "none";
  const [only, ...others] = machines;
  if (wanted === undefined) {
    if (only !== undefined && others.length === 0) return only;
    throw new UsageError(`which state machine is to run must be said; there are ${known}`);
  }
  const ways: ((machine: Machine) => boolean)[] = [
    (machine) => [machine.logicalId, named(machine), machine.physicalId, machine.arn].includes(wanted),
    (machine) => [machine.logicalId, named(machine)].some((id) => id.replace(/[0-9A-F]{8}$/, "") === wanted),
  ];
  for (const way of ways) {
    const found = machines.filter(way);
    if (found.length > 1) throw new UsageError(`${wanted} is ${found.map(named).join(" or ")}: say which`);
    if (found[0] !== undefined) return found[0];
  }
  throw new UsageError(`there is no state machine ${wanted}; there are ${known}`);
}

interface Ended {
  readonly status: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

const LOOK_AGAIN_MS = 100;
const LOOK_AGAIN_MS_MAX = 1_000;
const EVENTS_PAGE = 1_000;

/** Shows the history as it grows, until the execution has ended, or nobody wants to see more. */
async function followed(target: StepFunctionsTarget, executionArn: string, quiet: boolean): Promise<Ended> {
  const view = new ProgressView({ write: (text) => process.stderr.write(text), live: process.stderr.isTTY === true });
  const history = new GrowingHistory(target, executionArn);
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort();
  process.once("SIGINT", stop);
  try {
    for (let pauseMs = LOOK_AGAIN_MS; ; pauseMs = Math.min(pauseMs * 1.5, LOOK_AGAIN_MS_MAX)) {
      const described = await target.call<Ended>("DescribeExecution", { executionArn });
      if (!quiet) await history.showNew(view);
      if (described.status !== "RUNNING") return described;
      if (interrupted.signal.aborted) return { ...described, error: "it goes on without this command" };
      await pause(pauseMs, interrupted.signal);
    }
  } finally {
    process.off("SIGINT", stop);
    view.close();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** The history of a running execution: only its last page is read again. */
class GrowingHistory {
  readonly #target: StepFunctionsTarget;
  readonly #executionArn: string;
  /** Of the last page. */
  #token: string | undefined;
  #lastId = 0;

  constructor(target: StepFunctionsTarget, executionArn: string) {
    this.#target = target;
    this.#executionArn = executionArn;
  }

  async showNew(view: ProgressView): Promise<void> {
    for (;;) {
      const { events, nextToken } = await this.#target.call<{ events: readonly WireEvent[]; nextToken?: string }>(
        "GetExecutionHistory",
        {
          executionArn: this.#executionArn,
          maxResults: EVENTS_PAGE,
          ...(this.#token === undefined ? {} : { nextToken: this.#token }),
        },
      );
      for (const event of events) {
        if (event.id <= this.#lastId) continue;
        this.#lastId = event.id;
        view.show(eventOf(event));
      }
      if (nextToken === undefined) return;
      this.#token = nextToken;
    }
  }
}

interface WireEvent extends Pick<HistoryEvent, "id" | "previousEventId" | "timestamp" | "type"> {
  readonly [details: string]: unknown;
}

/** Its details are under a member named after its type. */
function eventOf({ id, previousEventId, timestamp, type, ...members }: WireEvent): HistoryEvent {
  const [details] = Object.entries(members).flatMap(([name, value]) => (name.endsWith("EventDetails") ? [value] : []));
  const event = { id, previousEventId, timestamp, type };
  return details === undefined ? event : { ...event, details: details as NonNullable<HistoryEvent["details"]> };
}

function reported({ status, output, error, cause }: Ended): number {
  if (status === "SUCCEEDED") {
    process.stdout.write(`${JSON.stringify(JSON.parse(output ?? "null"), null, 2)}\n`);
    return 0;
  }
  const why = [error, cause].filter((part) => part !== undefined).join(": ");
  process.stderr.write(`${status}${why === "" ? "" : ` ${why}`}\n`);
  return 1;
}
