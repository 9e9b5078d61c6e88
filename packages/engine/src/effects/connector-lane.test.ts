import { expect, test } from "vitest";
import { ConnectorLane } from "./connector-lane.ts";

test("so many at once, the others in turn, and those that give up are passed over", async () => {
  const lane = new ConnectorLane(2);
  const never = new AbortController().signal;
  const impatient = new AbortController();
  const order: string[] = [];
  const enter = (name: string, signal: AbortSignal): Promise<void> =>
    lane.enter(signal).then((isTurn) => {
      order.push(`${name} ${isTurn}`);
    });
  const all = [enter("a", never), enter("b", never), enter("c", impatient.signal), enter("d", never)];
  await Promise.all(all.slice(0, 2));
  expect(order).toEqual(["a true", "b true"]);
  impatient.abort();
  lane.leave();
  await Promise.all(all);
  expect(order).toEqual(["a true", "b true", "c false", "d true"]);
  lane.leave();
  lane.leave();
  expect(await Promise.all([lane.enter(never), lane.enter(never)])).toEqual([true, true]);
  expect(await lane.enter(AbortSignal.abort())).toBe(false);
});
