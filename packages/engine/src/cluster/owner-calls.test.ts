import { expect, test } from "vitest";
import { type Cluster, NotOwned, type PeerCall } from "../ports/cluster.ts";
import { VirtualClock } from "../ports/virtual-clock.ts";
import { Rejection, StoreUnavailable } from "../rejection.ts";
import { OwnerCalls } from "./owner-calls.ts";

/** Owns what `mine` says; others answer with `answer`. Time passes as soon as somebody waits for it. */
function world(mine: (arn: string) => boolean, answer: (call: PeerCall, asked: number) => unknown) {
  const clock = new VirtualClock(0);
  let asked = 0;
  const cluster: Cluster = {
    owns: mine,
    ask: async (_arn, call) => answer(call, ++asked),
    others: new Set(),
    askOther: async (_process, call) => answer(call, ++asked),
    tell: () => undefined,
    hear: () => ({ ready: Promise.resolve(), stop: () => undefined }),
    leave: async () => undefined,
    attach: () => undefined,
  };
  const patient = {
    now: () => clock.now(),
    wakeAt(at: number, wake: () => void): () => void {
      const takeBack = clock.wakeAt(at, wake);
      setImmediate(() => clock.advance());
      return takeBack;
    },
  };
  return { calls: new OwnerCalls(cluster, patient), clock, asked: () => asked };
}

const call = { method: "stop", args: ["arn"] };
const refuse = (error: Error) => (): never => {
  throw error;
};

test("own executions are decided on here, others by their owners", async () => {
  const { calls, asked } = world(
    (arn) => arn === "mine",
    () => "there",
  );
  expect(await calls.at("mine", call, async () => "here")).toBe("here");
  expect(await calls.at("other", call, async () => "here")).toBe("there");
  expect(asked()).toBe(1);
});

test("a takeover is waited for, but not for ever", async () => {
  const patient = world(
    () => false,
    (_, asked) => {
      if (asked < 5) throw new NotOwned("arn");
      return "taken over";
    },
  );
  expect(await patient.calls.at("arn", call, async () => "here")).toBe("taken over");
  const nobody = world(() => false, refuse(new NotOwned("arn")));
  await expect(nobody.calls.at("arn", call, async () => "here")).rejects.toThrow(StoreUnavailable);
  expect(nobody.clock.now()).toBeLessThanOrEqual(12_000);
});

test("what the owner refuses is refused; what it may have done is asked for again only where that does no harm", async () => {
  const refused = world(() => false, refuse(new Rejection("TaskTimedOut", "too late")));
  await expect(refused.calls.at("arn", call, async () => "")).rejects.toMatchObject({ name: "TaskTimedOut" });
  const away = (_: PeerCall, asked: number): string => {
    if (asked < 3) throw new StoreUnavailable("away");
    return "done";
  };
  await expect(world(() => false, away).calls.at("arn", call, async () => "")).rejects.toThrow(StoreUnavailable);
  expect(await world(() => false, away).calls.repeatable("arn", call, async () => "", 60_000)).toBe("done");
});

test("without a name another one is made; with one its owner begins it", async () => {
  const { calls, asked } = world(
    () => true,
    () => "there",
  );
  let names = 0;
  const begun = await calls.begin(call, false, async () => {
    names += 1;
    if (names < 4) throw new NotOwned(`arn-${names}`);
    return "here";
  });
  expect([begun, asked()]).toEqual(["here", 0]);
  expect(await calls.begin(call, true, refuse(new NotOwned("arn")))).toBe("there");
  expect(asked()).toBe(1);
});
