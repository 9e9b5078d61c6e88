import { expect, test } from "vitest";
import type { Visit } from "../../run-model/run-fold.ts";
import { panRange, stretches, timeTicks, zoomRange } from "./timeline-model.ts";

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

test("waiting, failed work, back-off and work are apart", () => {
  expect(stretches(visit, 90)).toEqual([
    { kind: "wait", from: 0, to: 5 },
    { kind: "failed", from: 5, to: 20 },
    { kind: "backoff", from: 20, to: 50 },
    { kind: "work", from: 50, to: 90 },
  ]);
});

test("zooming keeps the place under the pointer", () => {
  const near = zoomRange({ from: 0, to: 100 }, 0.5, 0.25);
  expect(near).toEqual({ from: 12.5, to: 62.5 });
  expect(zoomRange(near, 2, 0.25)).toEqual({ from: 0, to: 100 });
  expect(panRange({ from: 0, to: 10 }, 0.5)).toEqual({ from: 5, to: 15 });
});

test("an axis has round marks, and not many", () => {
  expect(timeTicks({ from: 0, to: 10_000 }, 0, 5)).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000]);
  expect(timeTicks({ from: 0, to: 1e12 }, 0, 1_000_000).length).toBeLessThanOrEqual(100);
});
