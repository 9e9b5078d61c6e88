/** An event of the history in a few words, for the table. */
import type { ApiHistoryEvent } from "../api/api-types.ts";
import { eventDetails } from "./run-fold.ts";

export type EventTone = "plain" | "start" | "good" | "bad" | "move";

export function eventTone(type: string): EventTone {
  if (/Failed$|TimedOut$|Aborted$/.test(type)) return "bad";
  if (/Succeeded$/.test(type)) return "good";
  if (/Entered$|Exited$/.test(type)) return "move";
  return /Started$|Scheduled$|Submitted$|Redriven$/.test(type) ? "start" : "plain";
}

/** `TaskStateEntered` as `Task state entered`. */
export function eventTitle(type: string): string {
  const words = type.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const SUMMARY_MAX = 240;

/** What the details say that matters most: the error, else the payload's beginning. */
export function eventSummary(event: ApiHistoryEvent): string {
  const details = eventDetails(event);
  const parts: string[] = [];
  for (const name of ["error", "cause", "resourceType", "resource", "index", "length", "workerName", "mapRunArn"]) {
    const value = details[name];
    if (typeof value === "string" || typeof value === "number") {
      parts.push(name === "index" || name === "length" ? `${name} ${value}` : String(value));
    }
  }
  const payload = details["output"] ?? details["input"] ?? details["parameters"];
  if (typeof payload === "string" && details["error"] === undefined) parts.push(payload.replaceAll(/\s+/g, " "));
  return parts.join(" · ").slice(0, SUMMARY_MAX);
}
