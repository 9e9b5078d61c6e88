/**
 * The history of one execution folded into how often each state was entered, how it ended there and how long it took. Only
 * what the heat of a machine needs; the console's own fold of a single run knows more.
 *
 * Events belong to the visit of the event they are linked to; what closes a state climbs from there to the visit of its name.
 */
import type { HistoryEvent } from "@stepwell/core";
import type { ApiHeatStatus } from "./types.ts";

export interface HeatVisit {
  /** Of its Entered event. */
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly enteredAt: number;
  readonly parent: HeatVisit | undefined;
  status: ApiHeatStatus;
  endedAt?: number;
  attempts: number;
  hasError: boolean;
}

const ENDS: Readonly<Record<string, ApiHeatStatus>> = {
  ExecutionFailed: "FAILED",
  ExecutionTimedOut: "TIMED_OUT",
  ExecutionAborted: "ABORTED",
};

const ENTERS_INSIDE = /^(?:ParallelStateStarted|MapStateStarted|MapIterationStarted)$/;
const SCHEDULED = /^(?:Task|LambdaFunction|Activity)Scheduled$/;
const WORK_FAILED =
  /^(?:Task|LambdaFunction|Activity)(?:Failed|TimedOut|ScheduleFailed|StartFailed|SubmitFailed)$|^EvaluationFailed$/;
const INSIDE_FAILED = /^(?:MapState|ParallelState|MapRun)Failed$/;
const INSIDE_ABORTED = /^(?:MapState|ParallelState|MapRun|State)Aborted$/;

export class HeatFold {
  readonly visits: HeatVisit[] = [];
  readonly #visitOf = new Map<number, HeatVisit>();
  readonly #types = new Map<number, string>();
  readonly #open = new Set<HeatVisit>();

  /** Events in order of their ids, from the first. */
  add(event: HistoryEvent): void {
    const { id, type, previousEventId } = event;
    if (ENTERS_INSIDE.test(type)) this.#types.set(id, type);
    const before = this.#visitOf.get(previousEventId);
    if (type.endsWith("StateEntered")) this.#enter(event, before);
    else if (type.startsWith("Execution")) this.#endExecution(event, before);
    else {
      const visit = ownerOf(event, before);
      if (visit === undefined) return;
      this.#visitOf.set(id, visit);
      this.#fold(event, visit, before);
    }
  }

  #enter({ id, type, timestamp, previousEventId, details }: HistoryEvent, before: HeatVisit | undefined): void {
    const parent = this.#types.has(previousEventId) ? before : before?.parent;
    const name = details?.["name"];
    const visit: HeatVisit = {
      id,
      name: typeof name === "string" ? name : "?",
      type: type.slice(0, -"StateEntered".length),
      enteredAt: timestamp,
      parent,
      status: "RUNNING",
      attempts: 0,
      hasError: false,
    };
    this.visits.push(visit);
    this.#visitOf.set(id, visit);
    this.#open.add(visit);
  }

  #fold({ type, timestamp }: HistoryEvent, visit: HeatVisit, before: HeatVisit | undefined): void {
    if (type.endsWith("StateExited")) this.#end(visit, visit.hasError ? "CAUGHT" : "SUCCEEDED", timestamp);
    else if (SCHEDULED.test(type)) {
      this.#reopen(visit);
      visit.attempts++;
      visit.hasError = false;
    } else if (WORK_FAILED.test(type)) visit.hasError = true;
    else if (INSIDE_FAILED.test(type)) {
      visit.hasError = true;
      this.#endInside(visit, timestamp);
    } else if (INSIDE_ABORTED.test(type)) {
      this.#endInside(visit, timestamp);
      this.#end(visit, "ABORTED", timestamp);
    } else if (type === "MapIterationFailed") this.#endLine(before, visit, timestamp);
    else if (ENTERS_INSIDE.test(type) || type === "MapRunRedriven") this.#reopen(visit);
  }

  /** The line of states up to the Map that the iteration belongs to. */
  #endLine(from: HeatVisit | undefined, map: HeatVisit, at: number): void {
    for (let visit = from; visit !== undefined && visit !== map; visit = visit.parent) this.#end(visit, "FAILED", at);
  }

  #endInside(visit: HeatVisit, at: number): void {
    for (const open of this.#open) {
      let above = open.parent;
      while (above !== undefined && above !== visit) above = above.parent;
      if (above === visit) this.#end(open, "ABORTED", at);
    }
  }

  #endExecution({ type, timestamp }: HistoryEvent, before: HeatVisit | undefined): void {
    const status = ENDS[type];
    if (status === undefined) return;
    for (let visit = before; visit !== undefined; visit = visit.parent) this.#end(visit, status, timestamp);
    for (const visit of this.#open) this.#end(visit, status === "TIMED_OUT" ? status : "ABORTED", timestamp);
  }

  #end(visit: HeatVisit, status: ApiHeatStatus, at: number): void {
    if (!this.#open.delete(visit)) return;
    visit.status = status;
    visit.endedAt = at;
  }

  /** A redrive goes on in states that had ended. */
  #reopen(visit: HeatVisit): void {
    for (let each: HeatVisit | undefined = visit; each !== undefined && !this.#open.has(each); each = each.parent) {
      each.status = "RUNNING";
      delete each.endedAt;
      this.#open.add(each);
    }
  }
}

function ownerOf({ type, details }: HistoryEvent, before: HeatVisit | undefined): HeatVisit | undefined {
  if (type.endsWith("StateExited") || type.startsWith("MapIteration")) {
    return climb(before, ({ name }) => name === details?.["name"]);
  }
  if (/^ParallelState(?!Started)/.test(type)) return climb(before, (visit) => visit.type === "Parallel");
  if (/^MapState(?!Started)/.test(type)) return climb(before, (visit) => visit.type === "Map");
  return before;
}

function climb(from: HeatVisit | undefined, is: (visit: HeatVisit) => boolean): HeatVisit | undefined {
  for (let visit = from; visit !== undefined; visit = visit.parent) if (is(visit)) return visit;
  return from;
}
