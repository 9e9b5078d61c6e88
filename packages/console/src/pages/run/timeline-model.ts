/** What the timeline computes: the part of time that is shown, and the stretches of a visit. */
import type { Attempt, Visit } from "../../run-model/run-fold.ts";

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
  readonly kind: "queue" | "wait" | "work" | "failed" | "backoff";
  readonly from: number;
  readonly to: number;
}

/** What a stretch is called where there is room for its name. */
export const STRETCH_WORDS: Readonly<Record<Stretch["kind"], string>> = {
  queue: "queued",
  wait: "waited",
  work: "",
  failed: "failed",
  backoff: "back-off",
};

/** In a queue (for a worker, for a start), waiting (for a time, an answer), work, work that failed, pauses between attempts. */
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
    const over = attempt.endedAt ?? end;
    const started = attempt.startedAt ?? attempt.submittedAt;
    // Nobody has taken it yet: all of it is the queue.
    const began =
      started ?? (visit.status === "WAITING" && attempt.waitsForAnswer !== true ? over : attempt.scheduledAt);
    if (began > attempt.scheduledAt) found.push({ kind: "queue", from: attempt.scheduledAt, to: began });
    if (began < over || started !== undefined) found.push(...workOf(attempt, began, over));
    before = over;
  }
  return found;
}

/** A task token is waited for from when it was given away. */
function workOf(attempt: Attempt, began: number, over: number): readonly Stretch[] {
  if (attempt.error !== undefined) return [{ kind: "failed", from: began, to: over }];
  if (attempt.waitsForAnswer !== true) return [{ kind: "work", from: began, to: over }];
  const given = attempt.submittedAt ?? began;
  const calls: readonly Stretch[] = given > began ? [{ kind: "work", from: began, to: given }] : [];
  return [...calls, { kind: "wait", from: given, to: over }];
}

/** Time between states in which nothing of the line ran: until its turn came, or until a redrive. */
export function gapBefore(visit: Visit): Stretch | undefined {
  const { from, parent, enteredAt } = visit;
  const turn = parent?.type === "Map" ? parent.enteredAt : undefined;
  const since = from === undefined ? turn : from.endedAt;
  return since === undefined || enteredAt <= since ? undefined : { kind: "queue", from: since, to: enteredAt };
}

export function visitDepth(visit: Visit): number {
  let depth = 0;
  for (let each = visit.parent; each !== undefined; each = each.parent) depth++;
  return depth;
}

const STEPS = [1, 2, 5];
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** From half a minute on clocks do not count in tens. */
const LONG_STEPS = [
  ...[0.5, 1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 168].map((hours) => hours * HOUR),
];

function tickStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((each) => each * power >= rough) ?? 10);
  return step < MINUTE / 2 ? step : (LONG_STEPS.find((each) => each >= rough) ?? step);
}

/** Round marks of time for an axis: about `count` of them. */
export function timeTicks({ from, to }: TimeRange, start: number, count: number): readonly number[] {
  const step = tickStep(Math.max((to - from) / count, 0.01));
  const ticks: number[] = [];
  for (let at = Math.ceil((from - start) / step) * step; start + at <= to && ticks.length < 100; at += step)
    ticks.push(at);
  return ticks;
}
