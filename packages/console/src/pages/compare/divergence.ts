/** How the visits of a pair differ, and which pair is the first that does. */
import type { ApiHistoryEvent } from "../../api/api-types.ts";
import type { RunFold, Visit } from "../../run-model/run-fold.ts";
import { parseJson, sameJson } from "../../ui/json-diff.ts";
import { eventAt, textDetail } from "../run/run-data.ts";
import type { AlignedVisit } from "./align-runs.ts";

export type Difference = "only-a" | "only-b" | "status" | "error" | "output" | "input";

export interface ComparedVisit extends AlignedVisit {
  readonly index: number;
  readonly differences: readonly Difference[];
}

export function compareVisits(rows: readonly AlignedVisit[], a: RunFold, b: RunFold): readonly ComparedVisit[] {
  return rows.map((row, index) => ({ ...row, index, differences: differencesOf(row, a, b) }));
}

function differencesOf({ a: left, b: right }: AlignedVisit, a: RunFold, b: RunFold): readonly Difference[] {
  if (left === undefined) return ["only-b"];
  if (right === undefined) return ["only-a"];
  const found: Difference[] = [];
  if (!samePayload(eventAt(a, left.id), eventAt(b, right.id), "input")) found.push("input");
  if (left.status !== right.status) found.push("status");
  if (left.error !== right.error) found.push("error");
  if (!samePayload(eventAt(a, left.exitedEvent), eventAt(b, right.exitedEvent), "output")) found.push("output");
  return found;
}

/** Of texts that were cut the beginnings are compared. */
function samePayload(
  a: ApiHistoryEvent | undefined,
  b: ApiHistoryEvent | undefined,
  member: "input" | "output",
): boolean {
  const [left, right] = [textDetail(a, member), textDetail(b, member)];
  if (left === right) return true;
  if (left === undefined || right === undefined) return false;
  const [one, other] = [parseJson(left), parseJson(right)];
  return one !== undefined && other !== undefined && sameJson(one, other);
}

export interface Parting {
  /** The first pair where the runs take another way: a state only one has, another status or error. */
  readonly way?: ComparedVisit;
  /** The first pair that was given the same and made something else of it, or at least got something else. */
  readonly data?: ComparedVisit;
}

export function partingOf(rows: readonly ComparedVisit[]): Parting {
  const way = rows.find(({ differences }) =>
    differences.some((each) => each === "only-a" || each === "only-b" || each === "status" || each === "error"),
  );
  const data = rows.find(({ differences }) => differences.includes("output") || differences.includes("input"));
  return { ...(way && { way }), ...(data && { data }) };
}

/** What happened first, in words. `nameOf` says what is called A and B. */
export function partingWords({ a, b, differences }: ComparedVisit): string {
  if (a === undefined) return `only B enters ${b?.name ?? ""}${cameFrom(b)}`;
  if (b === undefined) return `only A enters ${a.name}${cameFrom(a)}`;
  if (differences.includes("status") || differences.includes("error")) {
    return `at ${a.name} A ${outcome(a)}, B ${outcome(b)}`;
  }
  if (differences.includes("input")) {
    return a.from === undefined && a.parent === undefined
      ? "the runs were given other inputs"
      : `${a.name} is given other data`;
  }
  return `${a.name} is given the same and makes something else of it`;
}

const cameFrom = (visit: Visit | undefined): string => (visit?.from === undefined ? "" : ` after ${visit.from.name}`);

function outcome({ status, error }: Visit): string {
  const word = status.toLowerCase().replace("_", " ");
  if (error === undefined) return word;
  return status === "CAUGHT" ? `caught ${error}` : `${word} with ${error}`;
}
