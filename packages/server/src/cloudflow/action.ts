import type { Catalog, Clock, Executions, FlowReports, Flows, Ids, LongWork, Schedules } from "@stepwell/engine";
import type { Parameters } from "./parameters.ts";

/** What actions work with. */
export interface FlowServices {
  readonly flows: Flows;
  readonly schedules: Schedules;
  readonly reports: FlowReports;
  readonly executions: Executions;
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly ids: Ids;
  /** For expressions that take long; absent: they are evaluated on the calling thread. */
  readonly long?: LongWork;
}

export interface ActionContext extends FlowServices {
  readonly parameters: Parameters;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  /** The etag the caller expects of what it changes: the header If-Match. */
  readonly expectedEtag?: string;
  /** Sent as the header ETag. */
  tag(etag: string): void;
}

export interface Action {
  /** The action of AWS that a rule may allow instead. */
  readonly awsAction: string;
  /** The parameter that names the flow; none: the action is about all of them. */
  readonly flowParameter?: "Name" | "FlowName";
  /** What must be there, in the order in which it is missed. */
  readonly required: readonly string[];
  /** The members of the answer beside RequestId. */
  perform(context: ActionContext): Promise<object>;
}

/** Actions by name. */
export type Actions = { readonly [name: string]: Action };

/** UTC, RFC 3339 with milliseconds. */
export function timeText(at: number): string {
  return new Date(at).toISOString();
}

/** The first page begins without a token; an empty one is none. */
export function tokenOf(parameters: Parameters): string | undefined {
  return parameters.text("NextToken") || undefined;
}
