import { expect, test } from "vitest";
import type { Hearing } from "../ports/cluster.ts";
import { ChangeFeed, GatheredChanges } from "./change-feed.ts";
import type { ExecutionChange } from "./execution-change.ts";

const MACHINE = "arn:machine";
const change = (name: string, lastEventId: number, more: Partial<ExecutionChange> = {}): ExecutionChange => ({
  executionArn: `arn:${name}`,
  stateMachineArn: MACHINE,
  name,
  status: "RUNNING",
  startDate: 1,
  redriveCount: 0,
  lastEventId,
  turned: true,
  ...more,
});

/** What one execution commits, as the engine hands it over. */
function commit(
  feed: ChangeFeed,
  name: string,
  lastEventId: number,
  end?: { error?: string; mapRunArn?: string },
): void {
  const { error, mapRunArn } = end ?? {};
  feed.committed(
    {
      start: {
        executionArn: `arn:${name}`,
        stateMachineArn: MACHINE,
        executionName: name,
        startedAt: 1,
        ...(mapRunArn === undefined ? {} : { mapRunArn }),
      } as never,
      redriveCount: 0,
      lastEventId,
    },
    {
      started: lastEventId === 2,
      redriven: false,
      end: error === undefined ? undefined : { status: "FAILED", stopDate: 2, error },
    },
  );
}

function listener(): { told: string[]; changed(given: ExecutionChange): void; missed(): void } {
  const told: string[] = [];
  return {
    told,
    changed: ({ name, status, lastEventId }) => void told.push(`${name} ${status} ${lastEventId}`),
    missed: () => void told.push("missed"),
  };
}

test("each is told what it asked for, after it was told that all is heard", async () => {
  const feed = new ChangeFeed(undefined);
  const [all, ofMachine, ofOther, ofOne] = [listener(), listener(), listener(), listener()];
  feed.listen({}, all);
  feed.listen({ stateMachineArn: MACHINE }, ofMachine);
  feed.listen({ stateMachineArn: "arn:other" }, ofOther);
  const stop = feed.listen({ executionArn: "arn:a" }, ofOne);
  await Promise.resolve();
  commit(feed, "a", 2);
  commit(feed, "a", 5);
  commit(feed, "child", 2, { mapRunArn: "arn:run" });
  stop();
  commit(feed, "a", 7, { error: "E" });
  expect(all.told).toEqual(["missed", "a RUNNING 2", "a FAILED 7"]);
  expect(ofMachine.told).toEqual(["missed", "a RUNNING 2", "child RUNNING 2", "a FAILED 7"]);
  expect(ofOther.told).toEqual(["missed"]);
  expect(ofOne.told).toEqual(["missed", "a RUNNING 2", "a RUNNING 5"]);
});

test("other processes are heard while somebody listens, and told only what they asked for", async () => {
  const heard: string[] = [];
  let isReady = (): void => undefined;
  const hear = (topic: string): Hearing => {
    heard.push(`+ ${topic}`);
    return { ready: new Promise((resolve) => (isReady = resolve)), stop: () => void heard.push(`- ${topic}`) };
  };
  const feed = new ChangeFeed({ hear });
  const [one, two] = [listener(), listener()];
  const stops = [feed.listen({}, one), feed.listen({}, two)];
  expect(heard).toEqual(["+ all"]);
  expect(one.told).toEqual([]);
  isReady();
  await new Promise((resolve) => setImmediate(resolve));
  // What comes late from the process that had the execution before does not make it run again.
  for (const each of [change("a", 9, { status: "SUCCEEDED" }), change("a", 2), change("b", 2)]) feed.heard(each);
  feed.missed();
  for (const { told } of [one, two]) expect(told).toEqual(["missed", "a SUCCEEDED 9", "b RUNNING 2", "missed"]);
  for (const stop of stops) stop();
  expect(heard).toEqual(["+ all", "- all"]);

  const told: string[] = [];
  const stop = feed.tellOf(`machine ${MACHINE}`, ({ name }) => void told.push(name));
  commit(feed, "c", 2);
  commit(feed, "c", 4);
  // What was heard from elsewhere is not told on.
  feed.heard(change("d", 2));
  stop();
  commit(feed, "e", 2);
  expect(told).toEqual(["c"]);
});

test("gathered changes keep the newest of each, and no more than so many", () => {
  const gathered = new GatheredChanges(2);
  expect(gathered.add(change("a", 2))).toBe(true);
  expect(gathered.add(change("a", 5, { turned: false, status: "RUNNING" }))).toBe(true);
  gathered.add(change("b", 9, { status: "FAILED" }));
  gathered.add(change("b", 2));
  expect(gathered.add(change("c", 2))).toBe(false);
  expect(gathered.take().map(({ name, status, lastEventId, turned }) => [name, status, lastEventId, turned])).toEqual([
    ["b", "FAILED", 9, true],
    ["c", "RUNNING", 2, true],
  ]);
  gathered.add(change("a", 2));
  gathered.add(change("a", 5, { turned: false }));
  expect(gathered.take()).toMatchObject([{ lastEventId: 5, turned: true }]);
  expect(gathered.size).toBe(0);
});
