/**
 * The history of an execution folded into what the pages show: visits of states, their attempts, iterations of Maps, the
 * path taken. A fold: events go in once, in order of id, as they come.
 *
 * F1. An event belongs to the visit of the event it is linked to (previousEventId); what closes a state (its Exited event,
 *     the end of a Map or an iteration) climbs from there to the visit that bears its name.
 * F2. The counts of a state are those of its visits' statuses, whatever the order in which these change (redrive reopens).
 */
import type { ApiHistoryEvent } from "../api/api-types.ts";

export type VisitStatus =
  | "RUNNING"
  | "WAITING"
  | "RETRYING"
  | "SUCCEEDED"
  | "CAUGHT"
  | "FAILED"
  | "TIMED_OUT"
  | "ABORTED";

export interface Attempt {
  readonly scheduledAt: number;
  startedAt?: number;
  submittedAt?: number;
  endedAt?: number;
  /** A task token was given away: from then on somebody's answer is waited for. */
  readonly waitsForAnswer?: true;
  /** It ended with its state: it was stopped, or timed out with the execution. */
  isStopped?: true;
  error?: string;
  cause?: string;
  /** Ids of its first and its last event. */
  readonly firstEvent: number;
  lastEvent: number;
}

export interface Iterations {
  total?: number;
  started: number;
  succeeded: number;
  failed: number;
  aborted: number;
}

export interface Visit {
  /** The id of its Entered event. */
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly enteredAt: number;
  /** The visit of the Map or Parallel it stands in. */
  readonly parent?: Visit;
  /** Which iteration of the parent Map. */
  readonly iteration?: number;
  /** The visit that led here. */
  readonly from?: Visit;
  status: VisitStatus;
  endedAt?: number;
  exitedEvent?: number;
  lastEvent: number;
  readonly attempts: Attempt[];
  iterations?: Iterations;
  mapRunArn?: string;
  /** When the clock ends what it waits for, as the server has told: of a Wait, or of a pause between attempts. */
  wakesAt?: number;
  error?: string;
  cause?: string;
  /** Of the Task's work, where the history has it: the id of the event with its output. */
  resultEvent?: number;
}

/** What the graph shows of a state. */
export interface StateSummary {
  readonly status: VisitStatus;
  readonly visits: number;
  readonly open: number;
  readonly failed: number;
  readonly caught: number;
  readonly aborted: number;
  readonly succeeded: number;
  readonly attempts: number;
  readonly iterations?: Iterations;
  readonly last: Visit;
}

export type Details = Readonly<Record<string, unknown>>;

/** The details of an event, whatever AWS calls their member. */
export function eventDetails(event: ApiHistoryEvent): Details {
  for (const key in event) if (key.endsWith("EventDetails")) return event[key] as Details;
  return NO_DETAILS;
}

const NO_DETAILS: Details = {};

const OPEN_TOLD = 20;

export const isOpen = (status: VisitStatus): boolean =>
  status === "RUNNING" || status === "WAITING" || status === "RETRYING";

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const END_STATUS: Readonly<Record<string, string>> = {
  ExecutionSucceeded: "SUCCEEDED",
  ExecutionFailed: "FAILED",
  ExecutionTimedOut: "TIMED_OUT",
  ExecutionAborted: "ABORTED",
};

const SCHEDULED = /^(?:Task|LambdaFunction|Activity)Scheduled$/;
const STARTED = /^(?:Task|LambdaFunction|Activity)Started$/;
const WORK_SUCCEEDED = /^(?:Task|LambdaFunction|Activity)Succeeded$/;
const WORK_FAILED =
  /^(?:Task|LambdaFunction|Activity)(?:Failed|TimedOut|ScheduleFailed|StartFailed|SubmitFailed)$|^EvaluationFailed$/;
const COMPOSITE_FAILED = /^(?:MapState|ParallelState|MapRun)Failed$/;
const COMPOSITE_ABORTED = /^(?:MapState|ParallelState|MapRun|State)Aborted$/;

interface Counts {
  readonly byStatus: Map<VisitStatus, number>;
  visits: number;
  attempts: number;
  last: Visit;
}

export class RunFold {
  readonly events: ApiHistoryEvent[] = [];
  readonly visits: Visit[] = [];
  /** `from` and `to` as JSON → how often. */
  readonly transitions: Map<string, number> = new Map();
  /** Every status an execution has, RUNNING until an event says otherwise. */
  status = "RUNNING";
  /** Names whose summary changed since the last `takeChanged`. */
  #changed = new Set<string>();
  readonly #visitOf: (Visit | undefined)[] = [];
  readonly #iterationOf = new Map<number, number>();
  readonly #open = new Set<Visit>();
  readonly #counts = new Map<string, Counts>();
  readonly #summaries = new Map<string, StateSummary>();

  get lastEventId(): number {
    return this.events.at(-1)?.id ?? 0;
  }

  /** Adds events that follow those added before; ones that are known already are left out. */
  add(events: readonly ApiHistoryEvent[]): void {
    for (const event of events) {
      if (event.id !== this.lastEventId + 1) continue;
      this.events.push(event);
      this.#fold(event);
    }
  }

  /** As it is now, to be folded on apart from this one; a visit of one is never a visit of the other. */
  copy(): RunFold {
    const twin = new RunFold();
    const twins = new Map<Visit, Visit>();
    const twinOf = (visit: Visit): Visit => twins.get(visit) as Visit;
    twin.status = this.status;
    for (const event of this.events) twin.events.push(event);
    // A visit comes after those it stands in and those that led to it.
    for (const visit of this.visits) {
      const made: Visit = {
        ...visit,
        ...(visit.parent && { parent: twinOf(visit.parent) }),
        ...(visit.from && { from: twinOf(visit.from) }),
        ...(visit.iterations && { iterations: { ...visit.iterations } }),
        attempts: visit.attempts.map((attempt) => ({ ...attempt })),
      };
      twins.set(visit, made);
      twin.visits.push(made);
    }
    for (const [key, count] of this.transitions) twin.transitions.set(key, count);
    for (let id = 0; id < this.#visitOf.length; id++) {
      const visit = this.#visitOf[id];
      twin.#visitOf[id] = visit && twinOf(visit);
    }
    for (const [id, iteration] of this.#iterationOf) twin.#iterationOf.set(id, iteration);
    for (const visit of this.#open) twin.#open.add(twinOf(visit));
    for (const [name, counts] of this.#counts) {
      twin.#counts.set(name, { ...counts, byStatus: new Map(counts.byStatus), last: twinOf(counts.last) });
    }
    return twin;
  }

  /** The visit an event belongs to. */
  visitOf(eventId: number): Visit | undefined {
    return this.#visitOf[eventId];
  }

  /** Another text whenever other work is waited for: a few of the open visits with their newest events. */
  openWork(): string {
    const open = [...this.#open]
      .filter(({ attempts, type, status }) => attempts.length > 0 || type === "Wait" || status === "RETRYING")
      .slice(-OPEN_TOLD);
    return open.map(({ id, lastEvent }) => `${id}:${lastEvent}`).join(" ");
  }

  /** What the history does not say: when visits that wait for the clock go on. */
  setWakes(wakes: readonly { readonly eventId: number; readonly until: number }[]): void {
    const known = new Map(wakes.map(({ eventId, until }) => [eventId, until]));
    for (const visit of this.#open) {
      const at = known.get(visit.id);
      if (at === visit.wakesAt) continue;
      if (at === undefined) delete visit.wakesAt;
      else visit.wakesAt = at;
      this.#touch(visit.name);
    }
  }

  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  /** The same object until something of the state changes. */
  summary(name: string): StateSummary | undefined {
    const known = this.#summaries.get(name);
    const counts = this.#counts.get(name);
    if (known !== undefined || counts === undefined) return known;
    const of = (status: VisitStatus) => counts.byStatus.get(status) ?? 0;
    const open = of("RUNNING") + of("WAITING") + of("RETRYING");
    const failed = of("FAILED") + of("TIMED_OUT");
    const summary: StateSummary = {
      status: summaryStatus(counts, open, failed),
      visits: counts.visits,
      open,
      failed,
      caught: of("CAUGHT"),
      aborted: of("ABORTED"),
      succeeded: of("SUCCEEDED"),
      attempts: counts.attempts,
      ...(counts.last.iterations && { iterations: { ...counts.last.iterations } }),
      last: counts.last,
    };
    this.#summaries.set(name, summary);
    return summary;
  }

  #fold(event: ApiHistoryEvent): void {
    const { id, previousEventId, type } = event;
    const details = eventDetails(event);
    const before = this.#visitOf[previousEventId];
    if (type.endsWith("StateEntered")) {
      this.#enter(event, text(details["name"]) ?? "?");
      return;
    }
    const name = text(details["name"]);
    const visit = this.#owner(type, name, before);
    this.#visitOf[id] = visit;
    if (type.startsWith("Execution")) this.#foldExecution(event, before, details);
    else if (visit !== undefined) this.#foldState(event, visit, details);
  }

  #owner(type: string, name: string | undefined, before: Visit | undefined): Visit | undefined {
    if (type.endsWith("StateExited") || type.startsWith("MapIteration")) return climb(before, (v) => v.name === name);
    if (/^ParallelState(?!Started)/.test(type)) return climb(before, (v) => v.type === "Parallel" && isOpen(v.status));
    if (/^MapState(?!Started)/.test(type)) return climb(before, (v) => v.type === "Map" && isOpen(v.status));
    return before;
  }

  #enter(event: ApiHistoryEvent, name: string): void {
    const before = this.#visitOf[event.previousEventId];
    const previous = this.events[event.previousEventId - 1];
    const entersInto =
      previous !== undefined && /^(?:ParallelStateStarted|MapStateStarted|MapIterationStarted)$/.test(previous.type);
    const parent = entersInto ? before : before?.parent;
    const iteration = entersInto ? this.#iterationOf.get(event.previousEventId) : before?.iteration;
    const from = entersInto ? undefined : before;
    const type = event.type.slice(0, -"StateEntered".length);
    const visit: Visit = {
      id: event.id,
      name,
      type,
      enteredAt: event.timestamp,
      ...(parent && { parent }),
      ...(iteration !== undefined && { iteration }),
      ...(from && { from }),
      status: type === "Wait" ? "WAITING" : "RUNNING",
      lastEvent: event.id,
      attempts: [],
    };
    this.visits.push(visit);
    this.#visitOf[event.id] = visit;
    this.#open.add(visit);
    const counts = this.#counts.get(name) ?? { byStatus: new Map(), visits: 0, attempts: 0, last: visit };
    counts.visits++;
    counts.last = visit;
    counts.byStatus.set(visit.status, (counts.byStatus.get(visit.status) ?? 0) + 1);
    this.#counts.set(name, counts);
    this.#touch(name);
    if (from !== undefined) {
      const key = transitionKey(from.name, name);
      this.transitions.set(key, (this.transitions.get(key) ?? 0) + 1);
    }
  }

  #foldState(event: ApiHistoryEvent, visit: Visit, details: Details): void {
    const { type } = event;
    visit.lastEvent = event.id;
    this.#touch(visit.name);
    if (type.endsWith("StateExited")) {
      const failed = visit.status === "RETRYING" || (visit.error !== undefined && isOpen(visit.status));
      visit.exitedEvent = event.id;
      this.#end(visit, failed ? "CAUGHT" : "SUCCEEDED", event.timestamp);
    } else if (SCHEDULED.test(type)) {
      this.#reopen(visit);
      const waits = text(details["resource"])?.includes("waitForTaskToken") === true;
      visit.attempts.push({
        scheduledAt: event.timestamp,
        firstEvent: event.id,
        lastEvent: event.id,
        ...(waits && { waitsForAnswer: true }),
      });
      const counts = this.#counts.get(visit.name);
      if (counts !== undefined) counts.attempts++;
      delete visit.error;
      delete visit.cause;
      this.#setStatus(visit, waits || type === "ActivityScheduled" ? "WAITING" : "RUNNING");
    } else if (STARTED.test(type)) {
      this.#attempt(visit, event, (attempt) => (attempt.startedAt = event.timestamp));
      if (type === "ActivityStarted") this.#setStatus(visit, "RUNNING");
    } else if (type === "TaskSubmitted") {
      this.#attempt(visit, event, (attempt) => (attempt.submittedAt = event.timestamp));
    } else if (WORK_SUCCEEDED.test(type)) {
      visit.resultEvent = event.id;
      this.#attempt(visit, event, (attempt) => (attempt.endedAt = event.timestamp));
      this.#setStatus(visit, "RUNNING");
    } else if (WORK_FAILED.test(type)) {
      this.#failWork(visit, event, details);
    } else if (COMPOSITE_FAILED.test(type)) {
      this.#endInside(visit, "ABORTED", event.timestamp);
      this.#remember(visit, details);
      this.#setStatus(visit, "RETRYING");
    } else if (COMPOSITE_ABORTED.test(type)) {
      this.#endInside(visit, "ABORTED", event.timestamp);
      this.#end(visit, "ABORTED", event.timestamp);
    } else if (type.startsWith("Map")) {
      this.#foldMap(event, visit, details);
    }
  }

  #foldMap(event: ApiHistoryEvent, visit: Visit, details: Details): void {
    const { type } = event;
    const index = typeof details["index"] === "number" ? details["index"] : 0;
    if (type === "MapRunStarted" || type === "MapRunRedriven") {
      const arn = text(details["mapRunArn"]);
      if (arn !== undefined) visit.mapRunArn = arn;
      this.#reopen(visit);
      return;
    }
    visit.iterations ??= { started: 0, succeeded: 0, failed: 0, aborted: 0 };
    const { iterations } = visit;
    if (type === "MapStateStarted" && typeof details["length"] === "number") iterations.total = details["length"];
    if (type === "MapIterationStarted") {
      this.#reopen(visit);
      this.#iterationOf.set(event.id, index);
      iterations.started++;
    }
    if (type === "MapIterationSucceeded") iterations.succeeded++;
    if (type === "MapIterationFailed") {
      iterations.failed++;
      this.#endIteration(visit, index, this.#visitOf[event.previousEventId], event.timestamp);
    }
    if (type === "MapIterationAborted") {
      iterations.aborted++;
      this.#endIteration(visit, index, undefined, event.timestamp);
    }
  }

  #foldExecution(event: ApiHistoryEvent, before: Visit | undefined, details: Details): void {
    if (event.type === "ExecutionRedriven") this.status = "RUNNING";
    const status = END_STATUS[event.type];
    if (status === undefined) return;
    this.status = status;
    if (status === "SUCCEEDED") return;
    // The state that failed is linked to the end; what else was open was stopped with it.
    const ends: VisitStatus = status === "TIMED_OUT" ? "TIMED_OUT" : status === "ABORTED" ? "ABORTED" : "FAILED";
    for (let visit = before; visit !== undefined; visit = visit.parent) {
      if (!isOpen(visit.status)) continue;
      if (visit === before && visit.error === undefined) this.#remember(visit, details);
      this.#end(visit, ends, event.timestamp);
    }
    for (const visit of [...this.#open]) this.#end(visit, ends === "TIMED_OUT" ? ends : "ABORTED", event.timestamp);
  }

  #failWork(visit: Visit, event: ApiHistoryEvent, details: Details): void {
    const timedOut = event.type.endsWith("TimedOut");
    this.#remember(visit, timedOut ? { error: "States.Timeout", ...details } : details);
    this.#attempt(visit, event, (attempt) => {
      attempt.endedAt = event.timestamp;
      if (visit.error !== undefined) attempt.error = visit.error;
      if (visit.cause !== undefined) attempt.cause = visit.cause;
    });
    this.#setStatus(visit, "RETRYING");
  }

  #remember(visit: Visit, details: Details): void {
    const error = text(details["error"]);
    const cause = text(details["cause"]);
    if (error !== undefined || visit.error === undefined) visit.error = error ?? "States.TaskFailed";
    if (cause !== undefined) visit.cause = cause;
  }

  #attempt(visit: Visit, event: ApiHistoryEvent, change: (attempt: Attempt) => void): void {
    const attempt = visit.attempts.at(-1);
    if (attempt === undefined) return;
    attempt.lastEvent = event.id;
    change(attempt);
  }

  #reopen(visit: Visit): void {
    for (let each: Visit | undefined = visit; each !== undefined; each = each.parent) {
      if (isOpen(each.status)) continue;
      delete each.endedAt;
      delete each.error;
      delete each.cause;
      this.#open.add(each);
      this.#setStatus(each, "RUNNING");
    }
  }

  #endIteration(map: Visit, index: number, failed: Visit | undefined, at: number): void {
    for (let visit = failed; visit !== undefined && visit !== map; visit = visit.parent) {
      if (isOpen(visit.status)) this.#end(visit, "FAILED", at);
    }
    for (const visit of [...this.#open]) {
      const top = topBelow(visit, map);
      if (top?.iteration === index) this.#end(visit, "ABORTED", at);
    }
  }

  #endInside(visit: Visit, status: VisitStatus, at: number): void {
    for (const each of [...this.#open])
      if (each !== visit && topBelow(each, visit) !== undefined) this.#end(each, status, at);
  }

  #end(visit: Visit, status: VisitStatus, at: number): void {
    visit.endedAt = at;
    this.#open.delete(visit);
    const attempt = visit.attempts.at(-1);
    if (attempt !== undefined && attempt.endedAt === undefined) {
      attempt.endedAt = at;
      attempt.isStopped = true;
    }
    this.#setStatus(visit, status);
  }

  #setStatus(visit: Visit, status: VisitStatus): void {
    delete visit.wakesAt;
    const { byStatus } = this.#counts.get(visit.name) as Counts;
    byStatus.set(visit.status, (byStatus.get(visit.status) ?? 0) - 1);
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    visit.status = status;
    this.#touch(visit.name);
  }

  #touch(name: string): void {
    this.#changed.add(name);
    this.#summaries.delete(name);
  }
}

export const transitionKey = (from: string, to: string): string => `${from}\u0000${to}`;

function climb(from: Visit | undefined, is: (visit: Visit) => boolean): Visit | undefined {
  let visit = from;
  while (visit !== undefined && !is(visit)) visit = visit.parent;
  return visit ?? from;
}

/** The visit directly inside `ancestor` on the way up from `visit`. */
function topBelow(visit: Visit, ancestor: Visit): Visit | undefined {
  let each: Visit | undefined = visit;
  while (each !== undefined && each.parent !== ancestor) each = each.parent;
  return each;
}

function summaryStatus(counts: Counts, open: number, failed: number): VisitStatus {
  const of = (status: VisitStatus) => counts.byStatus.get(status) ?? 0;
  if (open > 0) return of("RUNNING") > 0 ? "RUNNING" : of("RETRYING") > 0 ? "RETRYING" : "WAITING";
  if (failed > 0) return of("FAILED") > 0 ? "FAILED" : "TIMED_OUT";
  if (of("ABORTED") > 0) return "ABORTED";
  return of("CAUGHT") > 0 ? "CAUGHT" : "SUCCEEDED";
}
