/** The iterations of an inline Map, from the history of its execution: followed along the links between events. */
import type { HistoryEvent, Json } from "@stepwell/core";
import type { ReportRow } from "@stepwell/server";
import { UsageError } from "../usage-error.ts";

interface Iteration {
  readonly map: string;
  readonly index: number;
  readonly startedAt: number;
  status: string;
  scheduled: number;
  states: number;
  input?: string | undefined;
  output?: string;
  error?: string | undefined;
  cause?: string | undefined;
  stoppedAt?: number;
}

const ENDS: Readonly<Record<string, string>> = {
  MapIterationSucceeded: "SUCCEEDED",
  MapIterationFailed: "FAILED",
  MapIterationAborted: "ABORTED",
};
const FAILURE = /(Failed|TimedOut)$/;

/** Gathers the iterations of one Map: that of the name, or the only one there is. Throws UsageError when there are others. */
export async function inlineRows(
  events: AsyncIterable<HistoryEvent>,
  wanted: string | undefined,
): Promise<ReportRow[]> {
  const byEvent = new Map<number, Iteration>();
  const iterations = new Map<string, Iteration>();
  for await (const event of events) {
    if (event.type === "ExecutionFailed") explain(iterations.values(), event);
    const iteration = iterationOf(event, byEvent, iterations);
    if (iteration === undefined) continue;
    byEvent.set(event.id, iteration);
    note(iteration, event);
  }
  const names = [...new Set([...iterations.values()].map(({ map }) => map))];
  const name = wanted ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined || !names.includes(name)) {
    const found = names.length === 0 ? "it has none with iterations" : `it has ${names.join(", ")}`;
    throw new UsageError(`--map: must name a Map of this execution: ${found}`);
  }
  return [...iterations.values()]
    .filter(({ map }) => map === name)
    .sort((a, b) => a.index - b.index)
    .map(rowOf);
}

/** Its own start, or what the event before it belongs to. The end of an iteration belongs to it whatever it is linked to. */
function iterationOf(
  event: HistoryEvent,
  byEvent: ReadonlyMap<number, Iteration>,
  iterations: Map<string, Iteration>,
): Iteration | undefined {
  const { index, name } = event.details ?? {};
  if (!event.type.startsWith("MapIteration")) {
    // What follows the Map itself is none of its iterations.
    return event.type.startsWith("MapState") && !event.type.endsWith("Entered")
      ? undefined
      : byEvent.get(event.previousEventId);
  }
  const key = `${String(name)}\n${Number(index)}`;
  const existing = iterations.get(key);
  if (existing !== undefined && event.type !== "MapIterationStarted") return existing;
  const begun: Iteration = {
    map: String(name),
    index: Number(index),
    startedAt: event.timestamp,
    status: "RUNNING",
    scheduled: 0,
    states: 0,
  };
  iterations.set(key, begun);
  return begun;
}

function note(iteration: Iteration, { type, details = {}, timestamp }: HistoryEvent): void {
  const end = ENDS[type];
  if (end !== undefined) {
    iteration.status = end;
    iteration.stoppedAt = timestamp;
  } else if (type.endsWith("StateEntered")) {
    iteration.input ??= textIn(details["input"]);
    if (type === "TaskStateEntered") iteration.states += 1;
  } else if (type.endsWith("StateExited")) iteration.output = textIn(details["output"]) ?? "null";
  else if (type.endsWith("Scheduled")) iteration.scheduled += 1;
  else if (FAILURE.test(type)) {
    iteration.error = textIn(details["error"]) ?? type;
    const cause = textIn(details["cause"]);
    if (cause !== undefined) iteration.cause = cause;
  }
}

/** A Fail state's error is told only by the end of the execution. */
function explain(iterations: Iterable<Iteration>, { details = {} }: HistoryEvent): void {
  for (const iteration of iterations) {
    if (iteration.status !== "FAILED" || iteration.error !== undefined) continue;
    iteration.error = textIn(details["error"]);
    iteration.cause = textIn(details["cause"]);
  }
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function rowOf({
  index,
  status,
  startedAt,
  stoppedAt,
  scheduled,
  states,
  input,
  output,
  error,
  cause,
}: Iteration): ReportRow {
  return {
    index,
    item: index,
    items: 1,
    status,
    attempts: 1 + Math.max(0, scheduled - states),
    ...(stoppedAt === undefined ? {} : { durationMs: stoppedAt - startedAt }),
    ...(input === undefined ? {} : { input: JSON.parse(input) as Json }),
    ...(output === undefined || status !== "SUCCEEDED" ? {} : { output: JSON.parse(output) as Json }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}
