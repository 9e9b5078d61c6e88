import { expect, test } from "vitest";
import { RunWatch } from "./run-watch.ts";

test("the rate is that of late, and the rest is said in time", () => {
  let now = 0;
  const lines: string[] = [];
  const view = new RunWatch({ write: (text) => lines.push(text), live: false, now: () => now });
  view.show({ status: "RUNNING", done: 0, running: 10, failed: 0, total: 1_000 });
  now = 2_000;
  view.show({ status: "RUNNING", done: 18, running: 10, failed: 2, total: 1_000 });
  now = 3_000;
  view.show({ status: "SUCCEEDED", done: 998, running: 0, failed: 2, total: 1_000 });
  expect(lines).toEqual([
    "0 done, 10 running, 0 failed, 1000 in all, 0.0/s\n",
    "18 done, 10 running, 2 failed, 1000 in all, 10/s, 1 min 38 s left\n",
    "SUCCEEDED: 998 done, 0 running, 2 failed, 1000 in all, 333/s\n",
  ]);
});
