import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "./fifo.ts";

test("it is a queue, whatever is done to it", () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant("push" as const), count: fc.nat(3_000) }),
    fc.record({ kind: fc.constant("shift" as const), count: fc.nat(3_000) }),
    fc.record({ kind: fc.constant("take" as const), count: fc.nat(2_000) }),
    fc.record({ kind: fc.constant("putBack" as const), count: fc.nat(3) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 20 }), (actions) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      let next = 0;
      for (const { kind, count } of actions) {
        if (kind === "take") expect(fifo.take(count)).toEqual(model.splice(0, count));
        else {
          for (let i = 0; i < count; i++) {
            if (kind === "shift") expect(fifo.shift()).toBe(model.shift());
            else {
              const item = next++;
              if (kind === "push") fifo.push(item);
              else fifo.putBack(item);
              if (kind === "push") model.push(item);
              else model.unshift(item);
            }
          }
        }
        expect(fifo.length).toBe(model.length);
      }
    }),
    { numRuns: 50 },
  );
});
