import type { Verdict } from "./verdict.ts";

/** Failures that are accepted, by case id, each with its reason: `known.json`. */
export type KnownFailures = { readonly [id: string]: string };

/** The verdicts of one group of cases. */
export interface GroupScore {
  readonly group: string;
  readonly passed: number;
  readonly failed: number;
}

/** Passed and failed by group, in the order of the groups' names. */
export function scoresByGroup(verdicts: readonly Verdict[]): GroupScore[] {
  const groups = Map.groupBy(verdicts, ({ recorded }) => recorded.group);
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, all]) => {
      const passed = all.filter(({ complaints }) => complaints.length === 0).length;
      return { group, passed, failed: all.length - passed };
    });
}

/** Failures that are not accepted, and accepted ones that pass by now and so must leave the list. */
export function unexpected(verdicts: readonly Verdict[], known: KnownFailures): string[] {
  return verdicts.flatMap(({ recorded, complaints }) => {
    const accepted = Object.hasOwn(known, recorded.id);
    if (complaints.length > 0) return accepted ? [] : [`${recorded.id}: ${complaints[0]}`];
    return accepted ? [`${recorded.id} passes: take it out of known.json`] : [];
  });
}

/** Every failure, as lines: its id, whether it is a known one, and where it differs first. */
export function describeFailures(verdicts: readonly Verdict[], known: KnownFailures, linesMax: number): string[] {
  return verdicts
    .filter(({ complaints }) => complaints.length > 0)
    .flatMap(({ recorded, complaints, milliseconds }) => {
      // Accepted ones must not read like what made a run fail: whoever searches a log for that finds these first.
      const reason = Object.hasOwn(known, recorded.id) ? known[recorded.id] : undefined;
      const verdict = reason === undefined ? "FAILED" : "accepted:";
      return [
        `${verdict} ${recorded.group} ${recorded.id} [${milliseconds} ms]${reason === undefined ? "" : ` (${reason})`}`,
        ...complaints.slice(0, linesMax).map((complaint) => `    ${complaint.slice(0, 700)}`),
      ];
    });
}
