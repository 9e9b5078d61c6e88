import type { HistoryEvent } from "@stepwell/core";
import { API_MODEL } from "./generated/api-model.ts";
import type { Output } from "./operation-types.ts";
import { epochSeconds } from "./operation-types.ts";

type WireEvent = NonNullable<Output<"GetExecutionHistory">["events"]>[number];
export type Details = { readonly [member: string]: unknown };

/** Payload members and what is shown beside each. A history never truncates them. */
const PAYLOADS: readonly (readonly [payload: string, details: string])[] = [
  ["input", "inputDetails"],
  ["output", "outputDetails"],
  ["assignedVariables", "assignedVariablesDetails"],
];
const WITHOUT_DATA = new Set(["input", "output", "assignedVariables", "parameters"]);

const DETAILS_MEMBERS = API_MODEL.shapes["HistoryEvent"]?.members ?? {};

/** As GetExecutionHistory shows it: the details under a member named after the type (features.md E.3). */
export function historyEventOnWire(event: HistoryEvent, includeData: boolean): WireEvent {
  const { id, previousEventId, timestamp, type } = event;
  const member = detailsMemberOf(type);
  const details = shownDetails(event, includeData);
  const shown = details === undefined || member === undefined ? {} : { [member]: details };
  // The type is one of AWS's: `HistoryEvent.type` promises it.
  const wireType = type as WireEvent["type"];
  return { id, previousEventId, timestamp: epochSeconds(timestamp), type: wireType, ...shown };
}

/** What stands under the event's own member; undefined for an event that has none. */
export function shownDetails({ type, details }: HistoryEvent, includeData: boolean): Details | undefined {
  const member = detailsMemberOf(type);
  const given = details ?? (HAS_DETAILS_ALWAYS.has(type) ? {} : undefined);
  return given === undefined || member === undefined ? undefined : showDetails(member, given, includeData);
}

/** Without error and cause these still show an empty object (recorded-behaviour.md 4). */
const HAS_DETAILS_ALWAYS = new Set(["ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"]);

function detailsMemberOf(type: string): string | undefined {
  if (type.endsWith("StateEntered")) return "stateEnteredEventDetails";
  if (type.endsWith("StateExited")) return "stateExitedEventDetails";
  const member = `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
  return DETAILS_MEMBERS[member] === undefined ? undefined : member;
}

function showDetails(member: string, details: Details, includeData: boolean): Details {
  const shown = Object.entries(details).filter(([name]) => includeData || !WITHOUT_DATA.has(name));
  const known = API_MODEL.shapes[DETAILS_MEMBERS[member] ?? ""]?.members ?? {};
  const beside = PAYLOADS.filter(([payload, shape]) => includeData && payload in details && shape in known);
  return Object.fromEntries([...shown, ...beside.map(([, shape]) => [shape, { truncated: false }] as const)]);
}
