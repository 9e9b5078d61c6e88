import { expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

test("time stands still until it is told to go on, and then jumps to the next wake", () => {
  const clock = new VirtualClock(1_000);
  const woken: string[] = [];
  clock.wakeAt(3_000, () => woken.push(`c at ${clock.now()}`));
  clock.wakeAt(2_000, () => woken.push(`a at ${clock.now()}`));
  clock.wakeAt(2_000, () => woken.push(`b at ${clock.now()}`));
  expect(clock.now()).toBe(1_000);
  expect([clock.advance(), clock.advance(), clock.advance()]).toEqual([true, true, false]);
  expect(woken).toEqual(["a at 2000", "b at 2000", "c at 3000"]);
});

test("a wake that is taken back does not come; one of the past comes without moving the time", () => {
  const clock = new VirtualClock(1_000);
  const woken: number[] = [];
  clock.wakeAt(5_000, () => woken.push(5_000))();
  clock.wakeAt(10, () => woken.push(clock.now()));
  expect(clock.next).toBe(10);
  clock.advance();
  expect([woken, clock.next]).toEqual([[1_000], undefined]);
});

test("a wake set by a wake waits for its own time", () => {
  const clock = new VirtualClock(0);
  const woken: number[] = [];
  const again = (): void => {
    woken.push(clock.now());
    if (woken.length < 3) clock.wakeAt(clock.now() + 10, again);
  };
  clock.wakeAt(10, again);
  while (clock.advance()) expect(woken.length).toBeLessThan(4);
  expect(woken).toEqual([10, 20, 30]);
});

test("time goes in whole milliseconds, and backwards when it is told to", () => {
  const clock = new VirtualClock(0);
  clock.wakeAt(10.2, () => undefined);
  clock.advance();
  expect(clock.now()).toBe(11);
  clock.advanceTo(5);
  expect(clock.now()).toBe(5);
});
