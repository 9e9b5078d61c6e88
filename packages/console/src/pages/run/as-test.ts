/**
 * A run as a test file for `stepwell test` (docs/testing.md): its input, its tasks answered as they were, and what came of it.
 * Pure: the events it is given are whole.
 */
import type { ApiHistoryEvent } from "../../api/api-types.ts";
import { type Attempt, eventDetails, type RunFold, type Visit } from "../../run-model/run-fold.ts";
import { parseJson } from "../../ui/json-diff.ts";
import type { Json } from "../../ui/json-value.ts";

export interface RecordedRun {
  readonly name: string;
  readonly machine: string;
  readonly type: "STANDARD" | "EXPRESS";
  readonly status: string;
  /** JSON texts. */
  readonly input: string;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
}

/** Of a run that took more calls than this, a test made of them helps nobody. */
export const CALLS_MAX = 200;
const PATH_MAX = 200;

/** Ids of the events whose payloads a test is made of. */
export function eventsOfCalls(fold: RunFold): readonly number[] {
  return calls(fold).flatMap(({ attempt }) => [attempt.firstEvent, attempt.lastEvent]);
}

interface Call {
  readonly visit: Visit;
  readonly attempt: Attempt;
}

/** Attempts that have come to an end of their own, in the order in which they began. */
function calls(fold: RunFold): readonly Call[] {
  return fold.visits
    .flatMap((visit) => visit.attempts.map((attempt) => ({ visit, attempt })))
    .filter(({ attempt }) => attempt.endedAt !== undefined && attempt.isStopped !== true)
    .sort((a, b) => a.attempt.firstEvent - b.attempt.firstEvent);
}

type Mock = Readonly<Record<string, Json>>;

/** `whole` gives an event with its texts uncut. */
export function testFileOf(
  run: RecordedRun,
  fold: RunFold,
  whole: (id: number) => ApiHistoryEvent | undefined,
): string {
  const mocks = new Map<string, Mock[]>();
  for (const { visit, attempt } of calls(fold)) {
    const list = mocks.get(visit.name) ?? [];
    list.push(mockOf(visit, attempt, whole));
    mocks.set(visit.name, list);
  }
  const path = fold.visits.filter(({ parent }) => parent === undefined).map(({ name }) => name);
  const file = {
    stateMachine: `${run.machine}.asl.json`,
    type: run.type,
    ...(mocks.size > 0 && { mocks: Object.fromEntries(mocks) }),
    cases: [
      {
        name: `as in ${run.name}`,
        input: parseJson(run.input) ?? {},
        expect: { ...endOf(run), ...(path.length <= PATH_MAX && { path }) },
      },
    ],
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function endOf({ status, output, error }: RecordedRun): Readonly<Record<string, Json>> {
  if (status !== "SUCCEEDED") return { status, ...(error !== undefined && { error }) };
  const value = output === undefined ? undefined : parseJson(output);
  return value === undefined ? {} : { output: value };
}

function mockOf({ parent }: Visit, attempt: Attempt, whole: (id: number) => ApiHistoryEvent | undefined): Mock {
  const { error, cause } = attempt;
  // Iterations come in no fixed order: each is told apart by what it was called with.
  const given = isInMap(parent) ? payload(whole(attempt.firstEvent), "parameters", "input") : undefined;
  const when: Mock = given === undefined ? {} : { when: given };
  if (error !== undefined) return { ...when, throw: { error, ...(cause !== undefined && { cause }) } };
  return { ...when, return: payload(whole(attempt.lastEvent), "output") ?? null };
}

function isInMap(parent: Visit | undefined): boolean {
  for (let each = parent; each !== undefined; each = each.parent) if (each.type === "Map") return true;
  return false;
}

function payload(event: ApiHistoryEvent | undefined, ...members: readonly string[]): Json | undefined {
  const details = event === undefined ? undefined : eventDetails(event);
  for (const member of members) {
    const text = details?.[member];
    if (typeof text === "string") return parseJson(text);
  }
  return undefined;
}
