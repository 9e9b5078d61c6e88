import { describe, expect, test } from "vitest";
import { type DeliveryOptions, DeliveryQueue } from "./delivery-queue.ts";

interface Away {
  down: boolean;
}

function queueOf(change: Partial<DeliveryOptions<string>> = {}) {
  const sent: string[] = [];
  const lost: [number, string][] = [];
  const away: Away = { down: false };
  const queue = new DeliveryQueue<string>({
    async send(batch) {
      if (away.down) throw new Error("away");
      sent.push(...batch);
      return [];
    },
    sizeOf: (item) => item.length,
    dropped: (count, reason) => lost.push([count, String(reason)]),
    pauseMs: 1,
    ...change,
  });
  return { queue, sent, lost, away };
}

describe("a delivery queue", () => {
  test("delivers in order", async () => {
    const { queue, sent, lost } = queueOf({ batchItemsMax: 2 });
    for (const item of ["a", "b", "c", "d", "e"]) queue.push(item);
    await queue.close(1_000);
    expect(sent).toEqual(["a", "b", "c", "d", "e"]);
    expect(lost).toEqual([]);
  });

  test("repeats what was not accepted before it goes on", async () => {
    const seen: string[] = [];
    let calls = 0;
    const { queue } = queueOf({
      batchItemsMax: 3,
      async send(batch) {
        calls += 1;
        if (calls === 1) return batch.slice(1);
        if (calls === 2) throw new Error("away");
        seen.push(...batch);
        return [];
      },
    });
    for (const item of ["a", "b", "c", "d"]) queue.push(item);
    await queue.close(1_000);
    expect(seen).toEqual(["b", "c", "d"]);
  });

  test("gives up a batch after its attempts, says so, and goes on with the next", async () => {
    const { queue, sent, lost, away } = queueOf({ attemptsMax: 3, batchItemsMax: 2 });
    away.down = true;
    queue.push("a");
    queue.push("b");
    await expect.poll(() => lost).toEqual([[2, "Error: away"]]);
    away.down = false;
    queue.push("c");
    await queue.close(1_000);
    expect(sent).toEqual(["c"]);
  });

  test("drops what finds no room, in items and in characters, without waiting", () => {
    const { queue, lost } = queueOf({ itemsMax: 2 });
    for (const item of ["a", "b", "c"]) queue.push(item);
    expect(lost).toEqual([[1, "QueueFull: 2 items are waiting: there is no room for more"]]);
    const small = queueOf({ charactersMax: 10 });
    small.queue.push("x".repeat(8));
    small.queue.push("y".repeat(3));
    expect(small.lost).toHaveLength(1);
  });

  test("forgets the size of what was delivered", async () => {
    const { queue, sent, lost } = queueOf({ charactersMax: 10 });
    for (let round = 0; round < 20; round++) {
      queue.push("x".repeat(8));
      await expect.poll(() => sent.length).toBe(round + 1);
    }
    expect(lost).toEqual([]);
  });

  test("closes in bounded time when the destination hangs, and counts what is left", async () => {
    const { queue, lost } = queueOf({ send: () => new Promise(() => undefined) });
    queue.push("a");
    queue.push("b");
    await queue.close(10);
    expect(lost.map(([count]) => count)).toEqual([2]);
  });
});
