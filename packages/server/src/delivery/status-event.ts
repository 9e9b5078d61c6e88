import type { EpochMs } from "@stepwell/core";
import { type AwsIdentity, type CommittedChange, whyNotRedrivable } from "@stepwell/engine";

/** An event as EventBridge delivers it (recorded-behaviour.md 42, features.md E.6). */
export interface StatusEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": "Step Functions Execution Status Change";
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: StatusDetail;
}

/** Members that do not apply are `null`, not absent. Dates are milliseconds. */
export interface StatusDetail {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  readonly startDate: EpochMs;
  readonly stopDate: EpochMs | null;
  readonly input: string | null;
  readonly output: string | null;
  readonly stateMachineVersionArn: string | null;
  readonly stateMachineAliasArn: string | null;
  readonly redriveCount: number;
  readonly redriveDate: EpochMs | null;
  readonly redriveStatus: "REDRIVABLE" | "NOT_REDRIVABLE";
  readonly redriveStatusReason: string | null;
  readonly inputDetails: { readonly included: boolean };
  readonly outputDetails: { readonly included: boolean } | null;
  readonly error: string | null;
  readonly cause: string | null;
}

/** Input and output together; beyond that an event has neither. Developer guide, "EventBridge events". */
const PAYLOAD_BYTES_MAX = 248 * 1024;

const STATUS_SOURCE = "aws.states";

export interface StatusEventOptions {
  readonly identity: Pick<AwsIdentity, "region" | "accountId">;
  readonly uuid: () => string;
  readonly historyEventsMax: number;
  /** Default `aws.states`. */
  readonly source?: string;
}

/** What one commit changed in an execution's status, in order. Express executions have no such events. */
export function statusEventsOf(change: CommittedChange, options: StatusEventOptions): StatusEvent[] {
  if (change.start.type === "EXPRESS") return [];
  const events: StatusEvent[] = [];
  if (change.started || change.redriven) events.push(statusEvent(change, undefined, options));
  if (change.end !== undefined) events.push(statusEvent(change, change.end, options));
  return events;
}

/** What was stored as text; `undefined` when it is no such event. */
export function parseStatusEvent(text: string): StatusEvent | undefined {
  try {
    const event = JSON.parse(text) as StatusEvent | null;
    return typeof event?.time === "string" && Array.isArray(event.resources) ? event : undefined;
  } catch {
    return undefined;
  }
}

function statusEvent(change: CommittedChange, end: CommittedChange["end"], options: StatusEventOptions): StatusEvent {
  const { identity, uuid, source = STATUS_SOURCE } = options;
  return {
    version: "0",
    id: uuid(),
    "detail-type": "Step Functions Execution Status Change",
    source,
    account: identity.accountId,
    time: `${new Date(end?.stopDate ?? change.committedAt).toISOString().slice(0, 19)}Z`,
    region: identity.region,
    resources: [change.executionArn],
    detail: detailOf(change, end, options),
  };
}

function detailOf(
  change: CommittedChange,
  end: CommittedChange["end"],
  { historyEventsMax }: StatusEventOptions,
): StatusDetail {
  const { start } = change;
  const status = end?.status ?? "RUNNING";
  const included = Buffer.byteLength(start.input) + Buffer.byteLength(end?.output ?? "") <= PAYLOAD_BYTES_MAX;
  const lastEventId = change.history.at(-1)?.id ?? 0;
  const stopDate = end === undefined ? {} : { stopDate: end.stopDate };
  const whyNot = whyNotRedrivable(
    { status, start, lastEventId, ...stopDate },
    { now: change.committedAt, isMachineDeleting: false, historyEventsMax },
  );
  // A state machine's own timeout shows neither error nor cause (recorded-behaviour.md 26).
  const failure = status === "TIMED_OUT" ? undefined : end;
  return {
    executionArn: change.executionArn,
    stateMachineArn: change.stateMachineArn,
    name: start.executionName,
    status,
    startDate: start.startedAt,
    stopDate: end?.stopDate ?? null,
    input: included ? start.input : null,
    output: included ? (end?.output ?? null) : null,
    stateMachineVersionArn: start.stateMachineVersionArn ?? null,
    stateMachineAliasArn: start.stateMachineAliasArn ?? null,
    redriveCount: change.redriveCount,
    redriveDate: change.redriveDate ?? null,
    redriveStatus: whyNot === undefined ? "REDRIVABLE" : "NOT_REDRIVABLE",
    redriveStatusReason: whyNot ?? null,
    inputDetails: { included },
    outputDetails: end?.output === undefined ? null : { included },
    error: failure?.error ?? null,
    cause: failure?.cause ?? null,
  };
}
