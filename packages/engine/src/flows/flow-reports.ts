/**
 * Reports that executions owe: StartExecution's CallbackFnFTaskToken names a task that is reported when the execution has ended
 * (cloudflow.md 3.2).
 *
 * O1. What is owed is stored before the execution starts, and forgotten only after it was reported: at least once, and a task
 *     ends once.
 */
import type { CommittedChange } from "../executions/engine-options.ts";
import type { ExecutionDescription, Executions } from "../executions/executions.ts";
import type { CatalogStore } from "../ports/catalog-store.ts";
import type { Clock, Ids } from "../ports/clock.ts";
import { Rejection } from "../rejection.ts";

export interface FlowReportsOptions {
  readonly store: CatalogStore;
  readonly executions: Pick<Executions, "describe" | "sendTaskSuccess" | "sendTaskFailure">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly onProblem: (problem: unknown, about: string) => void;
}

export interface FlowReports {
  /** Before the execution is started; false when another start of it owes a report. */
  owe(executionArn: string, taskToken: string): Promise<boolean>;
  /** The execution was not started after all. */
  forgive(executionArn: string): Promise<void>;
  /** After each commit of the engine. */
  committed(change: Pick<CommittedChange, "executionArn" | "end">): void;
  run(): void;
  stop(): Promise<void>;
}

const KIND = "cloudflow-report";
const PAGE = 100;
/** How often everything owed is looked at: executions ended by another process, and reports that failed. */
const LOOK_EVERY_MS = 30_000;
/** A report whose execution does not exist so long after is of a start that never was. */
const FORGIVEN_AFTER_MS = 600_000;
const TASK_FAILURES: { readonly [status: string]: string } = { TIMED_OUT: "FnF.Timeout", ABORTED: "FnF.Stopped" };

export function createFlowReports(options: FlowReportsOptions): FlowReports {
  return new StoredReports(options);
}

class StoredReports implements FlowReports {
  readonly #options: FlowReportsOptions;
  readonly #owed = new Set<string>();
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
    const owed = await store.commitRecord(KIND, executionArn, undefined, record);
    if (owed) this.#owed.add(executionArn);
    return owed;
  }

  async forgive(executionArn: string): Promise<void> {
    const { store } = this.#options;
    this.#owed.delete(executionArn);
    const record = await store.record(KIND, executionArn);
    if (record !== undefined) await store.commitRecord(KIND, executionArn, record.etag, undefined);
  }

  committed({ executionArn, end }: Pick<CommittedChange, "executionArn" | "end">): void {
    if (end !== undefined && this.#owed.has(executionArn)) this.#work(() => this.#settle(executionArn));
  }

  run(): void {
    this.#running = true;
    this.#work(() => this.#settleAll());
  }

  async stop(): Promise<void> {
    this.#running = false;
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
          this.#owed.add(key);
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
    if (record === undefined) {
      this.#owed.delete(executionArn);
      return;
    }
    const execution = await executions.describe(executionArn).catch(undefinedIfMissing);
    if (execution === undefined) {
      if (clock.now() - Number(record.value["at"]) > FORGIVEN_AFTER_MS) await this.forgive(executionArn);
      return;
    }
    if (execution.status === "RUNNING" || execution.status === "PENDING_REDRIVE") return;
    await this.#report(String(record.value["taskToken"]), execution);
    await this.forgive(executionArn);
  }

  /** A task that has ended already, or never was, needs no report. */
  async #report(taskToken: string, { status, output, error, cause }: ExecutionDescription): Promise<void> {
    const { executions } = this.#options;
    try {
      if (status === "SUCCEEDED") await executions.sendTaskSuccess(taskToken, output ?? "{}");
      else await executions.sendTaskFailure(taskToken, error ?? TASK_FAILURES[status] ?? "FnF.TaskFailed", cause ?? "");
    } catch (refused) {
      if (!(refused instanceof Rejection)) throw refused;
    }
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Rejection) return undefined;
  throw error;
}
