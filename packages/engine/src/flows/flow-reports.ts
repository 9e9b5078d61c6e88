/**
 * Reports that executions owe: StartExecution's CallbackFnFTaskToken names a task that is reported when the execution has ended
 * (cloudflow.md 3.2).
 *
 * O1. What is owed is stored before the execution starts, and forgotten only after it was reported: at least once, and a task
 *     ends once.
 */
import { flowErrorName } from "@stepwell/core";
import type { ExecutionDescription, Executions } from "../executions/executions.ts";
import type { CatalogStore } from "../ports/catalog-store.ts";
import type { Clock, Ids } from "../ports/clock.ts";
import { Rejection } from "../rejection.ts";

export interface FlowReportsOptions {
  readonly store: CatalogStore;
  readonly executions: Pick<Executions, "describe" | "watch" | "sendTaskSuccess" | "sendTaskFailure">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly onProblem: (problem: unknown, about: string) => void;
}

export interface FlowReports {
  /** Before the execution is started; false when another start of it owes a report. */
  owe(executionArn: string, taskToken: string): Promise<boolean>;
  /** The execution was not started after all. */
  forgive(executionArn: string): Promise<void>;
  /** The execution was started: when it ends, it is reported. */
  started(executionArn: string): void;
  run(): void;
  stop(): Promise<void>;
}

const KIND = "cloudflow-report";
const PAGE = 100;
/** How often everything owed is looked at: executions ended by another process, and reports that failed. */
const LOOK_EVERY_MS = 30_000;
/** Executions whose end is waited for at once; that of others is seen by the next look. */
const FOLLOWED_MAX = 1_000;
/** A report whose execution does not exist so long after is of a start that never was. */
const FORGIVEN_AFTER_MS = 600_000;
const TASK_FAILURES: { readonly [status: string]: string } = { TIMED_OUT: "FnF.Timeout", ABORTED: "FnF.Stopped" };

export function createFlowReports(options: FlowReportsOptions): FlowReports {
  return new StoredReports(options);
}

class StoredReports implements FlowReports {
  readonly #options: FlowReportsOptions;
  /** Executions whose end is waited for here. */
  readonly #followed = new Set<string>();
  readonly #closing = new AbortController();
  #running = false;
  #cancel: (() => void) | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: FlowReportsOptions) {
    this.#options = options;
  }

  async owe(executionArn: string, taskToken: string): Promise<boolean> {
    const { store, ids, clock } = this.#options;
    const value = { taskToken, at: clock.now() };
    const record = { kind: KIND, key: executionArn, value, etag: ids.uuid() };
    return store.commitRecord(KIND, executionArn, undefined, record);
  }

  async forgive(executionArn: string): Promise<void> {
    const { store } = this.#options;
    const record = await store.record(KIND, executionArn);
    if (record !== undefined) await store.commitRecord(KIND, executionArn, record.etag, undefined);
  }

  started(executionArn: string): void {
    if (this.#followed.has(executionArn) || this.#followed.size >= FOLLOWED_MAX) return;
    this.#followed.add(executionArn);
    void this.#ended(executionArn).finally(() => {
      this.#followed.delete(executionArn);
      this.#work(() => this.#settle(executionArn));
    });
  }

  /** Resolves when the execution has ended, or nobody serves any more. A failure is made up for by the next look. */
  async #ended(executionArn: string): Promise<void> {
    const { executions, onProblem } = this.#options;
    const { signal } = this.#closing;
    try {
      for await (const _event of executions.watch(executionArn, 0, signal)) if (signal.aborted) return;
    } catch (problem) {
      onProblem(problem, `the end of ${executionArn}`);
    }
  }

  run(): void {
    this.#running = true;
    this.#work(() => this.#settleAll());
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#closing.abort();
    this.#cancel?.();
    await this.#working;
  }

  #work(work: () => Promise<void>): void {
    this.#working = this.#working
      .then(() => (this.#running ? work() : undefined))
      .catch((problem: unknown) => this.#options.onProblem(problem, "reports at the end of flows"));
  }

  async #settleAll(): Promise<void> {
    const { store, clock } = this.#options;
    this.#cancel?.();
    try {
      let after: string | undefined;
      do {
        const records = await store.records(KIND, "", after, PAGE);
        for (const { key } of records) {
          await this.#settle(key);
        }
        after = records.length < PAGE ? undefined : records.at(-1)?.key;
      } while (after !== undefined);
    } finally {
      // Nothing owed, nothing to come back for: the next debt is told when it is made.
      const wait = (): void => this.#work(() => this.#settleAll());
      if (this.#running) this.#cancel = clock.wakeAt(clock.now() + LOOK_EVERY_MS, wait);
    }
  }

  async #settle(executionArn: string): Promise<void> {
    const { store, executions, clock } = this.#options;
    const record = await store.record(KIND, executionArn);
    if (record === undefined) return;
    const execution = await executions.describe(executionArn).catch(undefinedIfMissing);
    if (execution === undefined) {
      if (clock.now() - Number(record.value["at"]) > FORGIVEN_AFTER_MS) await this.forgive(executionArn);
      return;
    }
    if (execution.status === "RUNNING" || execution.status === "PENDING_REDRIVE") {
      this.started(executionArn);
      return;
    }
    await this.#report(String(record.value["taskToken"]), execution);
    await this.forgive(executionArn);
  }

  /** A task that has ended already, or never was, needs no report. */
  async #report(taskToken: string, { status, output, error, cause }: ExecutionDescription): Promise<void> {
    const { executions } = this.#options;
    try {
      if (status === "SUCCEEDED") await executions.sendTaskSuccess(taskToken, output ?? "{}");
      else await executions.sendTaskFailure(taskToken, errorName(status, error), cause ?? "");
    } catch (refused) {
      if (!(refused instanceof Rejection)) throw refused;
    }
  }
}

/** In CloudFlow's words: the task may be caught under them. */
function errorName(status: ExecutionDescription["status"], error: string | undefined): string {
  return error === undefined ? (TASK_FAILURES[status] ?? "FnF.TaskFailed") : flowErrorName(error);
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Rejection) return undefined;
  throw error;
}
