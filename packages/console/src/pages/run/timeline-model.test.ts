import { expect, test } from "vitest";
import type { Visit } from "../../run-model/run-fold.ts";
import { gapBefore, panRange, stretches, timeTicks, zoomRange } from "./timeline-model.ts";

const visit: Visit = {
  id: 1,
  name: "T",
  type: "Task",
  enteredAt: 0,
  status: "RUNNING",
  lastEvent: 1,
  attempts: [
    { scheduledAt: 0, startedAt: 5, endedAt: 20, error: "Oops", firstEvent: 2, lastEvent: 3 },
    { scheduledAt: 50, startedAt: 50, firstEvent: 4, lastEvent: 4 },
  ],
};

test("queue, failed work, back-off and work are apart", () => {
  expect(stretches(visit, 90)).toEqual([
    { kind: "queue", from: 0, to: 5 },
    { kind: "failed", from: 5, to: 20 },
    { kind: "backoff", from: 20, to: 50 },
    { kind: "work", from: 50, to: 90 },
  ]);
});

test("an answer is waited for from when the token was given away; a worker in a queue", () => {
  const asked = {
    scheduledAt: 0,
    startedAt: 1,
    submittedAt: 4,
    waitsForAnswer: true,
    firstEvent: 2,
    lastEvent: 4,
  } as const;
  expect(stretches({ ...visit, status: "WAITING", attempts: [asked] }, 90)).toEqual([
    { kind: "queue", from: 0, to: 1 },
    { kind: "work", from: 1, to: 4 },
    { kind: "wait", from: 4, to: 90 },
  ]);
  const queued = { scheduledAt: 0, firstEvent: 2, lastEvent: 2 };
  expect(stretches({ ...visit, status: "WAITING", attempts: [queued] }, 90)).toEqual([
    { kind: "queue", from: 0, to: 90 },
  ]);
});

test("gaps are between states, and before an iteration's turn", () => {
  const before: Visit = { ...visit, endedAt: 10 };
  expect(gapBefore({ ...visit, id: 2, enteredAt: 25, from: before })).toEqual({ kind: "queue", from: 10, to: 25 });
  expect(gapBefore({ ...visit, id: 2, enteredAt: 10, from: before })).toBeUndefined();
  const map: Visit = { ...visit, type: "Map" };
  expect(gapBefore({ ...visit, id: 3, enteredAt: 7, parent: map, iteration: 4 })).toEqual({
    kind: "queue",
    from: 0,
    to: 7,
  });
  expect(gapBefore({ ...visit, id: 3, enteredAt: 7, parent: { ...map, type: "Parallel" } })).toBeUndefined();
});

test("zooming keeps the place under the pointer", () => {
  const near = zoomRange({ from: 0, to: 100 }, 0.5, 0.25);
  expect(near).toEqual({ from: 12.5, to: 62.5 });
  expect(zoomRange(near, 2, 0.25)).toEqual({ from: 0, to: 100 });
  expect(panRange({ from: 0, to: 10 }, 0.5)).toEqual({ from: 5, to: 15 });
});

test("an axis has round marks, and not many", () => {
  expect(timeTicks({ from: 0, to: 10_000 }, 0, 5)).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000]);
  expect(timeTicks({ from: 0, to: 760_000 }, 0, 4)).toEqual([0, 300_000, 600_000]);
  expect(timeTicks({ from: 0, to: 1e12 }, 0, 1_000_000).length).toBeLessThanOrEqual(100);
});
