import type { EpochMs } from "@stepwell/core";
import type { ResultRecord } from "../ports/map-run-io.ts";
import type { BegunChild, ChildStatus, StoredChild, StoredMapRun } from "../ports/map-run-store.ts";
import { type ChildName, childName } from "./child-names.ts";

/** As it was begun: it has never been redriven; or as it is stored. */
type Child = Pick<BegunChild, "index" | "input" | "startedAt"> &
  Partial<Pick<StoredChild, "redriveCount" | "redrivenAt">>;
/** What became of it: its end, or the stored child once more. */
type End = Pick<StoredChild, "status" | "output" | "error" | "cause" | "stoppedAt">;

/** A child as a result file shows it. A million of them are made: what a file does not show is not made. */
export class ChildResult implements ResultRecord {
  readonly status: ResultRecord["status"];
  readonly #run: StoredMapRun;
  readonly #child: Child;
  readonly #end: End;
  #name: ChildName | undefined;

  constructor(run: StoredMapRun, child: Child, end: End) {
    this.#run = run;
    this.#child = child;
    this.#end = end;
    const { status } = end;
    this.status = status === "RUNNING" ? "ABORTED" : status === "PENDING_REDRIVE" ? "PENDING" : status;
  }

  get input(): string {
    return this.#child.input;
  }

  get output(): string | undefined {
    return this.#end.output;
  }

  /** A state machine may have text that is no Unicode. Stores keep none of that. */
  get error(): string | undefined {
    return this.#end.error?.toWellFormed();
  }

  get cause(): string | undefined {
    return this.#end.cause?.toWellFormed();
  }

  get #names(): ChildName {
    this.#name ??= childName(this.#run, this.#child.index);
    return this.#name;
  }

  get executionArn(): string {
    return this.#names.executionArn;
  }

  get name(): string {
    return this.#names.name;
  }

  get stateMachineArn(): string {
    return this.#run.stateMachineArn;
  }

  /** An Express child starts anew when it is redriven. */
  get startedAt(): EpochMs {
    const { startedAt, redrivenAt } = this.#child;
    return this.#run.executionType === "EXPRESS" ? (redrivenAt ?? startedAt) : startedAt;
  }

  get stoppedAt(): EpochMs | undefined {
    return this.#end.stoppedAt;
  }

  get redriveCount(): number {
    return this.#child.redriveCount ?? 0;
  }

  get redriveStatus(): string {
    return redriveStatusOf(this.#end.status).redriveStatus;
  }

  get redriveStatusReason(): string | undefined {
    return redriveStatusOf(this.#end.status).redriveStatusReason;
  }
}

export function redriveStatusOf(status: ChildStatus): {
  readonly redriveStatus: "REDRIVABLE_BY_MAP_RUN" | "NOT_REDRIVABLE";
  readonly redriveStatusReason?: string;
} {
  if (status !== "SUCCEEDED" && status !== "RUNNING") return { redriveStatus: "REDRIVABLE_BY_MAP_RUN" };
  return { redriveStatus: "NOT_REDRIVABLE", redriveStatusReason: `Execution is ${status} and cannot be redriven` };
}
