import { describe, expect, test } from "vitest";
import type { ApiHistoryEvent } from "../api/api-types.ts";
import { RunFold } from "./run-fold.ts";
import { nextMove, TimeTravel } from "./time-travel.ts";

/** A loop of two states, its Task failing once on every seventh way; and a Map of iterations among them. */
function longHistory(rounds: number): readonly ApiHistoryEvent[] {
  const events: ApiHistoryEvent[] = [];
  const add = (type: string, details?: readonly [string, Readonly<Record<string, unknown>>], previous?: number) => {
    const id = events.length + 1;
    const before = previous ?? id - 1;
    events.push({
      id,
      previousEventId: before,
      timestamp: id * 10,
      type,
      ...(details && { [details[0]]: details[1] }),
    });
    return id;
  };
  const entered = (type: string, name: string, previous?: number) =>
    add(`${type}StateEntered`, ["stateEnteredEventDetails", { name, input: "{}" }], previous);
  const exited = (type: string, name: string) =>
    add(`${type}StateExited`, ["stateExitedEventDetails", { name, output: "{}" }]);
  add("ExecutionStarted");
  for (let round = 0; round < rounds; round++) {
    entered("Task", "Work");
    add("TaskScheduled");
    add("TaskStarted");
    if (round % 7 === 0) {
      add("TaskFailed", ["taskFailedEventDetails", { error: "Oops" }]);
      add("TaskScheduled");
      add("TaskStarted");
    }
    add("TaskSucceeded");
    exited("Task", "Work");
    if (round % 50 !== 0) continue;
    entered("Map", "Each");
    const started = add("MapStateStarted", ["mapStateStartedEventDetails", { length: 2 }]);
    for (const index of [0, 1]) {
      const began = add("MapIterationStarted", ["mapIterationStartedEventDetails", { name: "Each", index }], started);
      entered("Pass", "One", began);
      exited("Pass", "One");
      add("MapIterationSucceeded", ["mapIterationSucceededEventDetails", { name: "Each", index }]);
    }
    add("MapStateSucceeded");
    exited("Map", "Each");
  }
  add("ExecutionSucceeded");
  return events;
}

const NAMES = ["Work", "Each", "One"];

/** What can be seen of a fold. */
function seen(fold: RunFold): unknown {
  return {
    events: fold.events.length,
    status: fold.status,
    summaries: NAMES.map((name) => {
      const { last, ...rest } = fold.summary(name) ?? {};
      return [name, rest, last?.id, last?.status, last?.iterations];
    }),
    transitions: [...fold.transitions],
    visits: fold.visits.map(({ id, status, endedAt, parent, from, attempts }) => [
      id,
      status,
      endedAt,
      parent?.id,
      from?.id,
      attempts.length,
    ]),
    owner: fold.visitOf(fold.lastEventId)?.id,
  };
}

function foldedTo(events: readonly ApiHistoryEvent[], id: number): RunFold {
  const fold = new RunFold();
  fold.add(events.slice(0, id));
  return fold;
}

describe("a run at a moment of its history", () => {
  const events = longHistory(1_200);

  test("is what a fold of the events up to then is, whatever the way there", () => {
    const travel = new TimeTravel(events);
    const stops = [1, 5, 4_100, 4_099, 12, events.length, 2_000, 2_001, 1_999, 6_001, 6_000, 0, 5_999, 3];
    for (const stop of stops) expect(seen(travel.at(stop)), `after ${stop}`).toEqual(seen(foldedTo(events, stop)));
  });

  test("beyond the last event is the last, and what came in the meantime is there", () => {
    const growing = [...events.slice(0, 10)];
    const travel = new TimeTravel(growing);
    expect(travel.at(99).lastEventId).toBe(10);
    growing.push(...events.slice(10, 2_500));
    expect(seen(travel.at(2_400))).toEqual(seen(foldedTo(events, 2_400)));
  });

  test("a copy lives apart from what it was copied from", () => {
    const whole = foldedTo(events, 40);
    const before = seen(whole);
    whole.copy().add(events.slice(40));
    expect(seen(whole)).toEqual(before);
  });

  test("steps go from one entered or left state to the next, and to the ends", () => {
    expect(nextMove(events, 1, 1)).toBe(2);
    expect(nextMove(events, 2, 1)).toBe(9);
    expect(nextMove(events, 9, -1)).toBe(2);
    expect(nextMove(events, 2, -1)).toBe(1);
    expect(nextMove(events, events.length - 1, 1)).toBe(events.length);
  });
});
