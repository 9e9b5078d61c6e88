import { expect, test } from "vitest";
import type { ApiHistoryEvent } from "../../api/api-types.ts";
import { RunFold } from "../../run-model/run-fold.ts";
import { byVisit, firstOfVisits } from "./grouped-events.ts";

const event = (id: number, previousEventId: number, type: string, name?: string): ApiHistoryEvent => ({
  id,
  previousEventId,
  timestamp: id,
  type,
  ...(name !== undefined && {
    [type.endsWith("Entered") ? "stateEnteredEventDetails" : "stateExitedEventDetails"]: { name },
  }),
});

test("events of branches that ran at the same time stand by their visits, the run's own around them", () => {
  const events = [
    event(1, 0, "ExecutionStarted"),
    event(2, 0, "ParallelStateEntered", "Both"),
    event(3, 2, "ParallelStateStarted"),
    event(4, 3, "PassStateEntered", "A"),
    event(5, 3, "PassStateEntered", "B"),
    event(6, 4, "PassStateExited", "A"),
    event(7, 5, "PassStateExited", "B"),
    event(8, 7, "ParallelStateSucceeded"),
    event(9, 8, "ParallelStateExited", "Both"),
    event(10, 9, "ExecutionSucceeded"),
  ];
  const fold = new RunFold();
  fold.add(events);
  const grouped = byVisit(fold, events);
  expect(grouped.map(({ id }) => id)).toEqual([1, 2, 3, 8, 9, 4, 6, 5, 7, 10]);
  expect([...firstOfVisits(fold, grouped)]).toEqual([1, 2, 4, 5, 10]);
});
