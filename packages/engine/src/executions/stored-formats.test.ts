import type { HistoryEvent } from "@stepwell/core";
import { expect, test } from "vitest";
import { decodeHistory, encodeHistory, type HistoryChunk } from "../history/history-chunk.ts";
import type { ExecutionStore } from "../ports/store.ts";
import { StoreUnavailable } from "../rejection.ts";
import { MemoryExecutionStore } from "../testing/memory-execution-store.ts";
import { STORED_FORMAT_1 } from "../testing/stored-format-1.ts";
import { T0, World } from "./world.test-support.ts";

// A node of this release takes over what an older one stored, and leaves alone what a newer one did.

const never = new AbortController().signal;

test("an execution that an older release stored is read, and goes on", async () => {
  const { definition, now, executionArn, activityToken, askToken, commits } = STORED_FORMAT_1;
  const store = new MemoryExecutionStore();
  for (const commit of commits) await store.commit([commit]);
  const world = new World({ store, start: () => ({ kind: "submitted", output: "{}" }) });
  world.clock.advanceTo(now);
  world.machines.define("stored", definition);
  await world.restart();
  const before = await world.history(executionArn);
  expect(before.map(({ id }) => id)).toEqual(before.map((_, i) => i + 1));
  expect(before.map(({ type }) => type).join(" ")).toBe(
    "ExecutionStarted PassStateEntered PassStateExited ParallelStateEntered ParallelStateStarted TaskStateEntered ActivityScheduled WaitStateEntered MapStateEntered MapStateStarted MapIterationStarted MapIterationStarted TaskStateEntered TaskScheduled TaskStarted TaskStateEntered TaskScheduled TaskStarted TaskSubmitted TaskSubmitted ActivityStarted TaskFailed TaskSucceeded TaskStateExited MapIterationSucceeded MapIterationStarted TaskStateEntered TaskScheduled TaskStarted TaskSubmitted",
  );
  const input = JSON.parse(String(before[0]?.details?.["input"])) as { who: string; items: unknown[] };
  expect([input.who, input.items[2]]).toEqual(["Zoë", { __proto__x: [1, null, 2.5] }]);
  expect(before.find(({ type }) => type === "TaskFailed")?.details).toMatchObject({ error: "Again", cause: "please" });
  expect((await world.await(world.engine.waiting(executionArn))).map(({ stateName }) => stateName).sort()).toEqual([
    "All",
    "Ask",
    "Ask",
    "Each",
    "Pause",
    "Work",
  ]);
  await world.await(world.engine.sendTaskSuccess(activityToken, '"worked"'));
  await world.await(world.engine.sendTaskSuccess(askToken, '"third"'));
  // The timer, and the next attempt of the task that failed, at their old times.
  await world.pass(900_000);
  const tasks = (await world.await(world.engine.queries?.waitingTasksOf(executionArn) ?? Promise.resolve([]))) ?? [];
  expect(tasks.map(({ stateName }) => stateName)).toEqual(["Ask"]);
  await world.await(world.engine.sendTaskSuccess(tasks[0]?.taskToken ?? "", '"again"'));
  const { status, output } = await world.await(world.engine.describe(executionArn));
  expect([status, JSON.parse(output ?? "null")]).toEqual([
    "SUCCEEDED",
    {
      all: [
        "worked",
        "Zoë!",
        [
          { said: "again", who: "Zoë" },
          { said: "yes", who: "Zoë" },
          { said: "third", who: "Zoë" },
        ],
      ],
      count: 2,
    },
  ]);
  const after = await world.history(executionArn);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.map(({ id }) => id)).toEqual(after.map((_, i) => i + 1));
});

/** As a newer release would have stored the execution: what it holds besides its format nobody here may guess at. */
function storedByNewer(inner: ExecutionStore, isNewer: (executionArn: string) => boolean): ExecutionStore {
  return new Proxy(inner, {
    get(target, member, receiver): unknown {
      const method: unknown = Reflect.get(target, member, receiver);
      if (member !== "load") return typeof method === "function" ? method.bind(target) : method;
      return async (arns: readonly string[]) =>
        (await target.load(arns)).map((loaded) => {
          if (loaded === undefined || !isNewer(loaded.start.executionArn)) return loaded;
          const parts = loaded.parts.map(({ part, json }) => ({
            part,
            json: part === 0 ? JSON.stringify({ ...JSON.parse(json), format: 2 }) : '{"of":"a newer kind"}',
          }));
          return { ...loaded, parts };
        });
    },
  });
}

test("one that a newer release stored is refused clearly, hides no other, and goes on where it can be read", async () => {
  const newer = new Set<string>();
  const store = storedByNewer(new MemoryExecutionStore(), (arn) => newer.has(arn));
  const world = new World({ store, start: () => ({ kind: "submitted", output: "{}" }) });
  const work = { Type: "Task", Resource: world.machines.activityArn("work"), TimeoutSeconds: 600, Next: "W" };
  const states = { T: work, W: { Type: "Wait", Seconds: 60, Next: "C" } };
  const asks = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", End: true };
  const arn = world.machines.define("m", {
    StartAt: "T",
    States: { ...states, C: { ...asks, Parameters: { QueueUrl: "q", MessageBody: { "T.$": "$$.Task.Token" } } } },
  });
  const theirs = await world.start(arn, {}, "theirs");
  const ours = await world.start(arn, {}, "ours");
  const polled = async (): Promise<string> => {
    const poll = world.engine.getActivityTask(world.machines.activityArn("work"), undefined, 1_000, never);
    return (await world.await(poll))?.taskToken ?? "";
  };
  const tokens = [await polled(), await polled()];
  newer.add(theirs);
  await world.restart();
  expect(world.clock.now()).toBe(T0);

  // Calls that decide on it: unavailable here, and nothing about it changes.
  const before = await store.describe(theirs);
  for (const ask of [
    () => world.engine.stop(theirs),
    () => world.engine.waiting(theirs),
    () => world.engine.sendTaskSuccess(tokens[0] ?? "", '"x"'),
  ]) {
    await expect(world.await<unknown>(ask())).rejects.toThrow(StoreUnavailable);
  }
  await expect(world.await(world.engine.stop(theirs))).rejects.toThrow(
    "a snapshot has format 2, this release reads up to 1: a newer release wrote it",
  );
  // What others wait for is seen and done: also their timers, and the tasks that come after them.
  const page = await world.await(world.engine.queries?.waitingTasks({ limit: 10 }) ?? Promise.reject(new Error()));
  expect(page.items.map(({ executionArn }) => executionArn)).toEqual([ours]);
  expect(page.executions.map(({ executionArn }) => executionArn).sort()).toEqual([ours, theirs].sort());
  await world.await(world.engine.sendTaskSuccess(tokens[1] ?? "", '"x"'));
  await world.pass(61_000);
  expect((await world.await(world.engine.waiting(ours))).map(({ stateName }) => stateName)).toEqual(["C"]);
  // Past its own timeout: it is not this process's to end.
  await world.pass(700_000);
  expect(await store.describe(theirs)).toEqual(before);

  // Where it can be read it goes on, as if it had never been here.
  newer.clear();
  await world.restart();
  await world.pass(1_000);
  expect(await world.types(theirs)).toContain("ActivityTimedOut");
  expect(await world.status(theirs)).toBe("FAILED");
});

test("history of a newer format is refused clearly; one that is none is an error", () => {
  const events = [{ id: 1, previousEventId: 0, timestamp: 1, type: "PassStateEntered" }] as unknown as HistoryEvent[];
  const [chunk] = encodeHistory(events, {}) as [HistoryChunk];
  expect(decodeHistory(chunk, {})).toEqual(events);
  const ofFormat = (format: number): HistoryChunk => ({ ...chunk, text: chunk.text.replace("[1,", `[${format},`) });
  expect(() => decodeHistory(ofFormat(2), {})).toThrow(StoreUnavailable);
  expect(() => decodeHistory(ofFormat(2), {})).toThrow(/a history chunk has format 2, this release reads up to 1/);
  expect(() => decodeHistory(ofFormat(0), {})).toThrow(/format 0/);
});
