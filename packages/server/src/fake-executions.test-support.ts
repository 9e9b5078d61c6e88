import type { HistoryEvent, WaitingBranch } from "@stepwell/core";
import {
  type ExecutionDescription,
  type ExecutionSummary,
  type Executions,
  type ForkRequest,
  type ListQuery,
  type MachineSource,
  type Page,
  Rejection,
  type StartRequest,
} from "@stepwell/engine";

/**
 * A data plane that ends every execution at once with its input as output: enough to see what the server asks for and
 * what it makes of the answers. Executions named `fails` fail.
 */
export class FakeExecutions implements Executions {
  readonly #machines: () => MachineSource;
  readonly #now: () => number;
  readonly #all: ExecutionDescription[] = [];
  /** How each poll for an activity task ends. */
  task: { taskToken: string; input: string } | undefined;
  readonly polls: { workerName: string | undefined; waitMs: number; signal: AbortSignal }[] = [];
  readonly results: string[] = [];
  historyEvents: HistoryEvent[] = [];

  constructor(machines: () => MachineSource, now: () => number) {
    this.#machines = machines;
    this.#now = now;
  }

  async start(request: StartRequest): Promise<{ executionArn: string; startDate: number }> {
    const machine = await this.#machines().resolve(request.stateMachineArn, 0);
    const name = request.name ?? `execution-${this.#all.length}`;
    const prefix = machine.stateMachineArn.split(":").slice(0, 5).join(":");
    const kind = machine.type === "EXPRESS" ? "express" : "execution";
    const executionArn = `${prefix}:${kind}:${machine.name}:${name}${kind === "express" ? ":1" : ""}`;
    const failed = name === "fails";
    const { stateMachineVersionArn, stateMachineAliasArn } = machine;
    this.#all.unshift({
      executionArn,
      stateMachineArn: machine.stateMachineArn,
      name,
      type: machine.type,
      status: failed ? "FAILED" : "SUCCEEDED",
      startDate: this.#now(),
      stopDate: this.#now() + 120,
      input: request.input ?? "{}",
      ...(failed ? { error: "E", cause: "C" } : { output: request.input ?? "{}" }),
      ...(request.traceHeader === undefined ? {} : { traceHeader: request.traceHeader }),
      ...(stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn }),
      ...(stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn }),
      redriveCount: 0,
      redriveStatus: failed ? "REDRIVABLE" : "NOT_REDRIVABLE",
      ...(failed ? {} : { redriveStatusReason: "Execution is SUCCEEDED and cannot be redriven" }),
      revisionKey: machine.revisionKey,
    });
    return { executionArn, startDate: this.#now() };
  }

  async startSync(request: StartRequest): Promise<ExecutionDescription> {
    return this.describe((await this.start(request)).executionArn);
  }

  async describe(executionArn: string): Promise<ExecutionDescription> {
    const found = this.#all.find((execution) => execution.executionArn === executionArn);
    if (found === undefined)
      throw new Rejection("ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`);
    return found;
  }

  async list(query: ListQuery): Promise<Page<ExecutionSummary>> {
    const matching = this.#all.filter(
      (execution) =>
        execution.stateMachineArn === query.stateMachineArn &&
        (query.status === undefined || execution.status === query.status) &&
        (query.qualifiedArn === undefined ||
          [execution.stateMachineVersionArn, execution.stateMachineAliasArn].includes(query.qualifiedArn)),
    );
    const start = Number(query.cursor ?? 0);
    const end = start + query.limit;
    const items = matching.slice(start, end);
    return end < matching.length ? { items, cursor: String(end) } : { items };
  }

  async stop(executionArn: string): Promise<{ stopDate: number }> {
    return { stopDate: (await this.describe(executionArn)).stopDate ?? 0 };
  }

  async redrive(executionArn: string): Promise<{ redriveDate: number }> {
    await this.describe(executionArn);
    return { redriveDate: this.#now() };
  }

  async fork(request: ForkRequest): Promise<never> {
    throw new Rejection("ExecutionDoesNotExist", `Execution Does Not Exist: '${request.executionArn}'`);
  }

  async history(
    executionArn: string,
    page: { limit: number; after?: number; reverse: boolean },
  ): Promise<Page<HistoryEvent>> {
    await this.describe(executionArn);
    const ordered = page.reverse ? this.historyEvents.toReversed() : this.historyEvents;
    const start = page.after === undefined ? 0 : ordered.findIndex((event) => event.id === page.after) + 1;
    const items = ordered.slice(start, start + page.limit);
    return start + page.limit < ordered.length ? { items, cursor: String(items.at(-1)?.id) } : { items };
  }

  async *watch(): AsyncIterable<HistoryEvent> {
    yield* this.historyEvents;
  }

  async waiting(): Promise<WaitingBranch[]> {
    return [];
  }

  async sendTaskSuccess(taskToken: string, output: string): Promise<void> {
    if (taskToken === "unknown") throw new Rejection("TaskDoesNotExist", "Task does not exist");
    this.results.push(`${taskToken} succeeded ${output}`);
  }

  async sendTaskFailure(taskToken: string, error?: string, cause?: string): Promise<void> {
    this.results.push(`${taskToken} failed ${error} ${cause}`);
  }

  async sendTaskHeartbeat(taskToken: string): Promise<void> {
    this.results.push(`${taskToken} beats`);
  }

  async getActivityTask(
    _activityArn: string,
    workerName: string | undefined,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<{ taskToken: string; input: string } | undefined> {
    this.polls.push({ workerName, waitMs, signal });
    if (this.task !== undefined) return this.task;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(waitMs, 5_000));
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    return undefined;
  }

  async countRunning(): Promise<number> {
    return 0;
  }

  async stateMachineDeleted(): Promise<void> {}

  async drain(): Promise<void> {}
}
