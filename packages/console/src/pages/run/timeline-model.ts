/** What the timeline computes: the part of time that is shown, and the stretches of a visit. */
import type { Visit } from "../../run-model/run-fold.ts";

export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Nobody needs less than a tenth of a millisecond. */
const SPAN_MS_MIN = 0.1;

/** `factor` under 1 is nearer; `at` (0 to 1) is the place that stays. */
export function zoomRange({ from, to }: TimeRange, factor: number, at: number): TimeRange {
  const span = Math.max(SPAN_MS_MIN, (to - from) * factor);
  const fixed = from + (to - from) * at;
  return { from: fixed - span * at, to: fixed + span * (1 - at) };
}

export function panRange({ from, to }: TimeRange, part: number): TimeRange {
  const by = (to - from) * part;
  return { from: from + by, to: to + by };
}

export interface Stretch {
  readonly kind: "wait" | "work" | "failed" | "backoff";
  readonly from: number;
  readonly to: number;
}

/** Waiting (for a worker, a time, an answer), work, work that failed, and the pauses between attempts. */
export function stretches(visit: Visit, now: number): readonly Stretch[] {
  const end = visit.endedAt ?? now;
  if (visit.attempts.length === 0) {
    const kind = visit.type === "Wait" ? "wait" : visit.status === "FAILED" ? "failed" : "work";
    return [{ kind, from: visit.enteredAt, to: end }];
  }
  const found: Stretch[] = [];
  let before: number | undefined;
  for (const attempt of visit.attempts) {
    if (before !== undefined) found.push({ kind: "backoff", from: before, to: attempt.scheduledAt });
    const began = attempt.startedAt ?? attempt.submittedAt ?? attempt.scheduledAt;
    const over = attempt.endedAt ?? end;
    if (began > attempt.scheduledAt) found.push({ kind: "wait", from: attempt.scheduledAt, to: began });
    found.push({ kind: attempt.error === undefined ? "work" : "failed", from: began, to: over });
    before = over;
  }
  return found;
}

export function visitDepth(visit: Visit): number {
  let depth = 0;
  for (let each = visit.parent; each !== undefined; each = each.parent) depth++;
  return depth;
}

const STEPS = [1, 2, 5];

/** Round marks of time for an axis: about `count` of them. */
export function timeTicks({ from, to }: TimeRange, start: number, count: number): readonly number[] {
  const rough = Math.max((to - from) / count, 0.01);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((each) => each * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let at = Math.ceil((from - start) / step) * step; start + at <= to && ticks.length < 100; at += step)
    ticks.push(at);
  return ticks;
}
