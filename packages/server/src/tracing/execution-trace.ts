/**
 * One execution's history as spans: one for the execution, one for each visit of a state, nested as Parallel and Map
 * nest. History events between a state's Entered and Exited become events of its span.
 *
 * The links of the history say where an event belongs: `previousEventId` leads back through its branch to an Entered
 * event. An event whose predecessor was never seen (a redrive goes on from an old one; this process began later) opens a
 * span there that has no better start than itself.
 */
import type { HistoryEvent } from "@stepwell/core";

export interface SpanEvent {
  readonly name: string;
  readonly timestamp: number;
}

/** What a span says; times in milliseconds. */
export interface SpanRecord {
  /** 0: the execution itself. */
  readonly enteredEventId: number;
  readonly parentEventId: number | undefined;
  readonly name: string;
  /** Pass, Task, …; absent for the execution and for a state that was not seen to be entered. */
  readonly stateType?: string;
  readonly start: number;
  readonly end: number;
  readonly error?: string;
  readonly events: readonly SpanEvent[];
}

interface OpenSpan {
  readonly id: number;
  readonly parent: OpenSpan | undefined;
  readonly start: number;
  name: string;
  stateType: string | undefined;
  error: string | undefined;
  readonly events: SpanEvent[];
}

/** As OpenTelemetry's own bound. */
const SPAN_EVENTS_MAX = 128;
const SPAN_STEP =
  /^(Pass|Task|Choice|Wait|Succeed|Fail|Parallel|Map)State(Entered|Started|Succeeded|Failed|Aborted|Exited)$/;

export class ExecutionTrace {
  readonly #root: OpenSpan;
  readonly #write: (span: SpanRecord) => void;
  /** The innermost span at each event, by id. */
  readonly #owners = new Map<number, OpenSpan>();
  readonly #open = new Set<OpenSpan>();

  constructor(name: string, start: number, write: (span: SpanRecord) => void) {
    this.#root = { id: 0, parent: undefined, start, name, stateType: undefined, error: undefined, events: [] };
    this.#write = write;
  }

  /** About how much is remembered. */
  get size(): number {
    return this.#owners.size;
  }

  note(event: HistoryEvent): void {
    const before = this.#ownerBefore(event);
    const [, stateType, step] = SPAN_STEP.exec(event.type) ?? [];
    if (step === "Entered") this.#owners.set(event.id, this.#enter(event, stateType, before));
    else if (step === "Exited") this.#owners.set(event.id, this.#exit(event, stateType, before));
    else if (step === "Aborted") this.#owners.set(event.id, this.#abort(event, stateType, before));
    else
      this.#happen(event, enclosing(before, stateType ?? (event.type.startsWith("MapIteration") ? "Map" : undefined)));
  }

  #ownerBefore({ previousEventId, timestamp, type }: HistoryEvent): OpenSpan {
    const owner = this.#owners.get(previousEventId);
    if (owner !== undefined) return owner;
    if (previousEventId === 0 || type.startsWith("Execution")) return this.#root;
    const ghost = this.#openSpan(previousEventId, this.#root, timestamp, `event ${previousEventId}`, undefined);
    this.#owners.set(previousEventId, ghost);
    return ghost;
  }

  #openSpan(id: number, parent: OpenSpan, start: number, name: string, stateType: string | undefined): OpenSpan {
    const span: OpenSpan = { id, parent, start, name, stateType, error: undefined, events: [] };
    this.#open.add(span);
    return span;
  }

  #enter({ id, timestamp, details }: HistoryEvent, stateType: string | undefined, before: OpenSpan): OpenSpan {
    return this.#openSpan(id, before, timestamp, String(details?.["name"] ?? ""), stateType);
  }

  #exit(event: HistoryEvent, stateType: string | undefined, before: OpenSpan): OpenSpan {
    const name = String(event.details?.["name"] ?? "");
    const span = find(before, (each) => each.stateType === stateType && each.name === name) ?? ghostOf(before);
    if (span === undefined) return before;
    if (span.stateType === undefined) {
      span.name = name;
      span.stateType = stateType;
    }
    this.#close(span, event.timestamp);
    return span.parent ?? this.#root;
  }

  #abort(event: HistoryEvent, stateType: string | undefined, before: OpenSpan): OpenSpan {
    const span = find(before, (each) => each.stateType === stateType);
    if (span === undefined) return before;
    span.error = "aborted";
    this.#close(span, event.timestamp);
    return span.parent ?? this.#root;
  }

  #happen({ id, type, timestamp, details }: HistoryEvent, owner: OpenSpan): void {
    this.#owners.set(id, owner);
    if (owner.events.length < SPAN_EVENTS_MAX) owner.events.push({ name: type, timestamp });
    const error = details?.["error"];
    if (typeof error === "string") owner.error = error;
  }

  /** Closes a span, and what is still open inside it: a branch that failed is not left by its states. */
  #close(span: OpenSpan, end: number): void {
    for (const inner of this.#open) {
      if (inner !== span && find(inner, (each) => each === span) !== undefined) this.#finish(inner, end);
    }
    this.#finish(span, end);
  }

  #finish(span: OpenSpan, end: number): void {
    this.#open.delete(span);
    const { id, parent, name, start, stateType, error, events } = span;
    this.#write({
      enteredEventId: id,
      parentEventId: parent?.id,
      name,
      start,
      end,
      events,
      ...(stateType === undefined ? {} : { stateType }),
      ...(error === undefined ? {} : { error }),
    });
  }

  /** The execution has ended: everything is written. */
  end(end: number, error: string | undefined): void {
    for (const span of [...this.#open].reverse()) this.#finish(span, end);
    this.#root.error = error;
    this.#finish(this.#root, end);
  }
}

function find(span: OpenSpan | undefined, isIt: (span: OpenSpan) => boolean): OpenSpan | undefined {
  for (let each = span; each !== undefined; each = each.parent) if (isIt(each)) return each;
  return undefined;
}

function ghostOf(span: OpenSpan): OpenSpan | undefined {
  return span.id !== 0 && span.stateType === undefined ? span : undefined;
}

function enclosing(span: OpenSpan, stateType: string | undefined): OpenSpan {
  return (stateType && find(span, (each) => each.stateType === stateType)) || span;
}
