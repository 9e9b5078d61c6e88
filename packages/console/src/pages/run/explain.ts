/**
 * Why a state went as it did, in sentences: read off the definition (retriers, catchers, bounds) and off what the history
 * says. Pure; what needs the engine's own evaluation (a Choice) is in choice-why.ts.
 */
import { type Attempt, isOpen, type RunFold, type Visit } from "../../run-model/run-fold.ts";
import { formatClock, formatDateTime, formatDuration, plural } from "../../ui/format.ts";
import { type Matched, matchingHandler } from "./matching-handler.ts";

export interface Explanation {
  readonly kind: "retry" | "catch" | "cancel" | "fail" | "wait";
  readonly text: string;
  /** The visit it speaks of, when that is another one. */
  readonly visit?: Visit;
  /** What is counted down to, and since when, in epoch milliseconds. */
  readonly until?: number;
  readonly since?: number;
}

type Source = Readonly<Record<string, unknown>>;

/** ASL spec, "Retrier": what holds where a field is not given. */
const INTERVAL_SECONDS = 1;
const BACKOFF_RATE = 2;
const MAX_ATTEMPTS = 3;

/** Attempts that are explained: of more the last ones. */
const ATTEMPTS_MAX = 6;

export function explainVisit(source: Source, visit: Visit, fold: RunFold): readonly Explanation[] {
  return [
    ...explainRetries(source, visit),
    ...explainEnd(source, visit),
    ...explainCancel(visit, fold),
    ...explainInside(source, visit, fold),
    ...explainWait(source, visit),
  ];
}

const number = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise);

const namesOf = ({ errors }: Matched): string => errors.join(", ");

const nth = (what: string, list: unknown, index: number): string =>
  Array.isArray(list) && list.length > 1 ? `${what} ${index}` : what;

export interface RetryDelay {
  /** Without jitter, in seconds. */
  readonly seconds: number;
  /** `1 s × 2^2 = 4 s, capped at MaxDelaySeconds 3 s`. */
  readonly words: string;
  readonly hasJitter: boolean;
}

/** `retry` counts from 1, by retrier. ASL spec, "Retrier". */
export function retryDelay(retrier: Source, retry: number): RetryDelay {
  const interval = number(retrier["IntervalSeconds"], INTERVAL_SECONDS);
  const rate = number(retrier["BackoffRate"], BACKOFF_RATE);
  const most = number(retrier["MaxDelaySeconds"], Number.POSITIVE_INFINITY);
  const grown = interval * rate ** (retry - 1);
  const seconds = Math.min(grown, most);
  const words = `IntervalSeconds ${interval} × BackoffRate ${rate}^${retry - 1} = ${round(grown)} s`;
  const capped = grown > most ? `, capped at MaxDelaySeconds ${most} s` : "";
  const hasJitter = retrier["JitterStrategy"] === "FULL";
  return {
    seconds,
    hasJitter,
    words: `${words}${capped}${hasJitter ? `; with FULL jitter any time from 0 to ${round(seconds)} s` : ""}`,
  };
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

function explainRetries(source: Source, visit: Visit): readonly Explanation[] {
  const used = new Map<number, number>();
  const found: Explanation[] = [];
  for (const [index, attempt] of visit.attempts.entries()) {
    const retrier = attempt.error === undefined ? undefined : matchingHandler(source["Retry"], attempt.error);
    if (retrier === undefined || attempt.endedAt === undefined) continue;
    const retry = (used.get(retrier.number) ?? 0) + 1;
    const next = visit.attempts[index + 1];
    const mayRetry = retry <= number(retrier.source["MaxAttempts"], MAX_ATTEMPTS);
    if (next === undefined && !(mayRetry && isOpen(visit.status))) continue;
    used.set(retrier.number, retry);
    const delay = retryDelay(retrier.source, retry);
    found.push(explainRetry(source, attempt, next, index, retrier, delay, visit.wakesAt));
  }
  return found.slice(-ATTEMPTS_MAX);
}

function explainRetry(
  source: Source,
  attempt: Attempt,
  next: Attempt | undefined,
  index: number,
  retrier: Matched,
  delay: RetryDelay,
  wakesAt: number | undefined,
): Explanation {
  const which = `${nth("Retry", source["Retry"], retrier.number)} (${namesOf(retrier)})`;
  const failedAt = attempt.endedAt ?? attempt.scheduledAt;
  if (next === undefined) {
    const until = wakesAt ?? failedAt + delay.seconds * 1_000;
    const text = `Attempt ${index + 2} comes at ${formatClock(until)}: ${which} waits ${delay.words}.`;
    return { kind: "retry", text, since: failedAt, until };
  }
  const waited = formatDuration(next.scheduledAt - failedAt);
  return {
    kind: "retry",
    text: `Attempt ${index + 2} came ${waited} after ${attempt.error ?? "the failure"}: ${which} waits ${delay.words}.`,
  };
}

/** Why it was not tried again, and what became of the error. */
function explainEnd(source: Source, visit: Visit): readonly Explanation[] {
  const { error, name, status } = visit;
  if (error === undefined || !["FAILED", "CAUGHT", "TIMED_OUT"].includes(status)) return [];
  const isWork = ["Task", "Map", "Parallel"].includes(visit.type);
  const found: Explanation[] = [];
  if (isWork) found.push({ kind: status === "CAUGHT" ? "catch" : "fail", text: whyNotRetried(source, visit, error) });
  if (status === "CAUGHT") {
    const catcher = matchingHandler(source["Catch"], error);
    if (catcher !== undefined) {
      const to = String(catcher.source["Next"]);
      found.push({
        kind: "catch",
        text: `${nth("Catch", source["Catch"], catcher.number)} (${namesOf(catcher)}) leads to ${to}.`,
      });
    }
  } else if (isWork && status === "FAILED") {
    const list = source["Catch"];
    const text = Array.isArray(list) && list.length > 0 ? `No Catch of ${name} names ${error}` : `${name} has no Catch`;
    found.push({
      kind: "fail",
      text: `${text}: ${visit.parent === undefined ? "the run" : visit.parent.name} failed with it.`,
    });
  }
  return found;
}

function whyNotRetried(source: Source, { name, attempts }: Visit, error: string): string {
  const list = source["Retry"];
  if (!Array.isArray(list) || list.length === 0) return `Not tried again: ${name} has no Retry.`;
  const retrier = matchingHandler(list, error);
  if (retrier === undefined) return `Not tried again: no Retry of ${name} names ${error}.`;
  const most = number(retrier.source["MaxAttempts"], MAX_ATTEMPTS);
  const which = nth("Retry", list, retrier.number);
  if (most === 0) return `Not tried again: ${which} (${namesOf(retrier)}) has MaxAttempts 0.`;
  const used = attempts.filter(
    (attempt) => attempt.error !== undefined && matchingHandler(list, attempt.error)?.number === retrier.number,
  ).length;
  const given = retrier.source["MaxAttempts"] === undefined ? `${most}, the default` : String(most);
  return used > most
    ? `Not tried again: ${which} (${namesOf(retrier)}) has used its MaxAttempts, ${given}.`
    : `Not tried again, though ${which} (${namesOf(retrier)}) names ${error}.`;
}

/** Why a state was stopped that did not fail itself. */
function explainCancel(visit: Visit, fold: RunFold): readonly Explanation[] {
  if (visit.status !== "ABORTED") return [];
  for (let above = visit.parent; above !== undefined; above = above.parent) {
    const culprit = firstFailure(fold, above);
    if (culprit !== undefined && culprit !== visit) return [cancelBy(above, culprit)];
  }
  if (fold.status === "ABORTED") return [{ kind: "cancel", text: "Cancelled: the run was stopped." }];
  if (fold.status === "TIMED_OUT") return [{ kind: "cancel", text: "Cancelled: the run's TimeoutSeconds had passed." }];
  const end = fold.events.at(-1);
  const failed = end === undefined ? undefined : fold.visitOf(end.previousEventId);
  if (failed === undefined || failed === visit) return [];
  return [
    { kind: "cancel", text: `Cancelled with the run: ${failed.name} failed${withError(failed)}.`, visit: failed },
  ];
}

const withError = ({ error }: Visit): string => (error === undefined ? "" : ` with ${error}`);

function cancelBy(above: Visit, culprit: Visit): Explanation {
  const text =
    above.type === "Parallel"
      ? `Cancelled: ${culprit.name} failed in another branch of ${above.name}${withError(culprit)}, and a Parallel goes on with all branches or none.`
      : `Cancelled: iteration ${culprit.iteration ?? "?"} of ${above.name} failed at ${culprit.name}${withError(culprit)}, and an inline Map tolerates no failure.`;
  return { kind: "cancel", text, visit: culprit };
}

/** The innermost state that failed first inside of a Map or Parallel. */
function firstFailure(fold: RunFold, above: Visit): Visit | undefined {
  const isInside = (visit: Visit): boolean => {
    for (let each = visit.parent; each !== undefined; each = each.parent) if (each === above) return true;
    return false;
  };
  let first: Visit | undefined;
  for (const visit of fold.visits) {
    if (visit.status !== "FAILED" && visit.status !== "TIMED_OUT") continue;
    if (!isInside(visit)) continue;
    const isEarlier = first === undefined || (visit.endedAt ?? 0) < (first.endedAt ?? 0);
    if (isEarlier || first?.id === visit.parent?.id) first = visit;
  }
  return first;
}

/** What happens, or went wrong, inside of a Map or Parallel. */
function explainInside(source: Source, visit: Visit, fold: RunFold): readonly Explanation[] {
  if (visit.type !== "Map" && visit.type !== "Parallel") return [];
  if (visit.error !== undefined && !isOpen(visit.status)) {
    const tolerance = toleranceWords(source);
    if (tolerance !== undefined)
      return [
        { kind: "fail", text: `More child runs failed than ${tolerance} tolerates: the map run's page shows which.` },
      ];
    const culprit = firstFailure(fold, visit);
    if (culprit === undefined) return [];
    const where = culprit.iteration === undefined ? "" : ` in iteration ${culprit.iteration}`;
    return [
      {
        kind: "fail",
        text: `${culprit.name} failed first${where}${withError(culprit)}; nothing is tolerated, so the rest was cancelled.`,
        visit: culprit,
      },
    ];
  }
  const { iterations } = visit;
  if (!isOpen(visit.status) || iterations?.total === undefined) return [];
  const waiting = iterations.total - iterations.started;
  const running = iterations.started - iterations.succeeded - iterations.failed - iterations.aborted;
  if (waiting <= 0) return [];
  const bound = source["MaxConcurrency"];
  const why = typeof bound === "number" && bound > 0 ? ` (MaxConcurrency ${bound})` : "";
  return [{ kind: "wait", text: `${plural(running, "iteration")} at work${why}, ${waiting} wait for their turn.` }];
}

function toleranceWords(source: Source): string | undefined {
  for (const field of ["ToleratedFailurePercentage", "ToleratedFailureCount"]) {
    const value = source[field];
    if (typeof value === "number") return `${field} ${value}`;
  }
  const processor = source["ItemProcessor"] as Source | undefined;
  const mode = (processor?.["ProcessorConfig"] as Source | undefined)?.["Mode"];
  return mode === "DISTRIBUTED" ? "the default (none)" : undefined;
}

function explainWait(source: Source, visit: Visit): readonly Explanation[] {
  if (visit.type !== "Wait" || !isOpen(visit.status)) return [];
  const until = waitUntil(source, visit);
  if (until === undefined) return [{ kind: "wait", text: `Waits for what ${waitField(source)} says.` }];
  const text = `Waits until ${formatDateTime(until)}: ${waitField(source)}.`;
  return [{ kind: "wait", text, since: visit.enteredAt, until }];
}

const WAIT_FIELDS = ["Seconds", "Timestamp", "SecondsPath", "TimestampPath"];

function waitField(source: Source): string {
  const field = WAIT_FIELDS.find((each) => source[each] !== undefined) ?? "it";
  return field === "it" ? field : `${field} ${JSON.stringify(source[field])}`;
}

function waitUntil(source: Source, { enteredAt, wakesAt }: Visit): number | undefined {
  if (wakesAt !== undefined) return wakesAt;
  const { Seconds: seconds, Timestamp: timestamp } = source;
  if (typeof seconds === "number") return enteredAt + seconds * 1_000;
  const at = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
