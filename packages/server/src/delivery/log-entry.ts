import type { HistoryEvent } from "@stepwell/core";
import type { CommittedChange } from "@stepwell/engine";
import { type Details, shownDetails } from "../aws/history-event.ts";

/** AWS, "Logging using CloudWatch Logs": what is longer is cut, since CloudWatch Logs takes no more. */
const ENTRY_BYTES_MAX = 248 * 1024;

/** Payload members with what tells that they were cut. */
const PAYLOADS: readonly (readonly [member: string, details: string])[] = [
  ["input", "inputDetails"],
  ["output", "outputDetails"],
  ["parameters", "parametersDetails"],
  ["assignedVariables", "assignedVariablesDetails"],
];

/** One entry of an execution's log as CloudWatch Logs gets it: JSON with numbers as texts (recorded-behaviour.md 41). */
export function logEntryOf(
  { executionArn, redriveCount }: Pick<CommittedChange, "executionArn" | "redriveCount">,
  event: HistoryEvent,
  includeExecutionData: boolean,
): string {
  const details = shownDetails(event, includeExecutionData) ?? {};
  const write = (shown: Details): string =>
    JSON.stringify({
      id: String(event.id),
      type: event.type,
      details: shown,
      previous_event_id: String(event.previousEventId),
      event_timestamp: String(event.timestamp),
      execution_arn: executionArn,
      redrive_count: String(redriveCount),
    });
  const whole = write(details);
  return Buffer.byteLength(whole) <= ENTRY_BYTES_MAX ? whole : write(cutPayloads(details, write));
}

/** Cuts payloads, the longest first, until the entry fits. */
function cutPayloads(details: Details, write: (details: Details) => string): Details {
  const longestFirst = PAYLOADS.filter(([member]) => member in details)
    .map(([member, beside]) => ({ member, beside, bytes: escapedBytes(details[member]) }))
    .sort((one, other) => other.bytes - one.bytes);
  let cut = details;
  for (const { member, beside, bytes } of longestFirst) {
    const excess = Buffer.byteLength(write({ ...cut, [beside]: { truncated: true } })) - ENTRY_BYTES_MAX;
    if (excess <= 0) break;
    const value = cut[member];
    const shortened = typeof value === "string" ? cutText(value, Math.max(0, bytes - excess)) : {};
    const told = beside in cut ? { [beside]: { truncated: true } } : {};
    cut = { ...cut, [member]: shortened, ...told };
  }
  return cut;
}

/** The longest beginning of a text that takes no more than `bytesMax` bytes as a JSON text, quotes included. */
function cutText(text: string, bytesMax: number): string {
  let fits = 0;
  let tooLong = Math.min(text.length, bytesMax) + 1;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >>> 1;
    if (escapedBytes(text.slice(0, middle)) <= bytesMax) fits = middle;
    else tooLong = middle;
  }
  // Not in the middle of a character of two units.
  return text.slice(0, fits).replace(/[\ud800-\udbff]$/, "");
}

function escapedBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
