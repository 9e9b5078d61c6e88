import type { BegunChild } from "@stepwell/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChunkWriter, isPackable, type PackedChild, unpackChunk } from "./map-run-chunk.ts";

function child(index: number, more: Partial<PackedChild> = {}): PackedChild {
  const end = { status: "SUCCEEDED", stoppedAt: 1_000, output: "1" } as const;
  return { index, firstItem: index, items: 1, input: "1", startedAt: 1_000, generation: 0, end, ...more };
}

describe("a chunk of children", () => {
  test("gives back what was put into it", () => {
    const texts = fc.string({ unit: "grapheme", maxLength: 20 });
    const times = fc.oneof(fc.nat(200), fc.nat({ max: 2 ** 40 }));
    const part = fc.record({
      items: fc.integer({ min: 1, max: 300 }),
      key: fc.option(texts, { nil: undefined }),
      input: texts,
      output: fc.option(texts, { nil: undefined }),
      later: times,
      durationMs: times,
    });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 40 }),
        fc.nat(1e6),
        fc.nat(1e7),
        (parts, first, firstItem) => {
          const writer = new ChunkWriter();
          let next = firstItem;
          const added = parts.map(({ items, key, input, output = input, later, durationMs }, i): PackedChild => {
            const startedAt = 1_769_860_800_000 + (i === 0 ? 0 : later);
            const end = { status: "SUCCEEDED", stoppedAt: startedAt + durationMs, output } as const;
            const one = { index: first + i, firstItem: next, items, input, startedAt, generation: 3, end };
            next += items;
            return key === undefined ? one : { ...one, key };
          });
          for (const one of added) {
            expect(writer.hasRoomFor(one)).toBe(true);
            writer.add(one);
          }
          const chunk = writer.take();
          expect(chunk).toMatchObject({ first, children: parts.length, items: next - firstItem });
          expect(chunk?.slowest_ms).toBe(Math.max(...parts.map(({ durationMs }) => durationMs)));
          expect(writer.take()).toBeUndefined();
          const expected = added.map(({ end, ...one }) => ({ ...one, redriveCount: 0, ...end }));
          expect(chunk && unpackChunk(chunk, true)).toEqual(expected);
          expect(chunk && unpackChunk(chunk, false)).toEqual(
            expected.map(({ output: _, ...one }) => ({ ...one, input: "" })),
          );
        },
      ),
    );
  });

  test("holds consecutive children of one generation, and no more than it may", () => {
    const writer = new ChunkWriter();
    writer.add(child(5));
    expect(writer.hasRoomFor(child(6))).toBe(true);
    expect(writer.hasRoomFor(child(7))).toBe(false);
    expect(writer.hasRoomFor(child(5))).toBe(false);
    expect(writer.hasRoomFor(child(6, { firstItem: 9 }))).toBe(false);
    expect(writer.hasRoomFor(child(6, { generation: 1 }))).toBe(false);
    // The clock was set back.
    expect(writer.hasRoomFor(child(6, { startedAt: 999 }))).toBe(false);
    writer.add(child(6, { input: "x".repeat(300_000) }));
    expect(writer.hasRoomFor(child(7))).toBe(false);
    writer.take();
    for (let index = 0; index < 512; index++) writer.add(child(index));
    expect(writer.hasRoomFor(child(512))).toBe(false);
  });

  test("is for children that have succeeded", () => {
    const open: BegunChild = { index: 0, firstItem: 0, items: 1, input: "1", startedAt: 1, generation: 0 };
    expect(isPackable(open)).toBe(false);
    expect(isPackable({ ...open, end: { status: "SUCCEEDED", stoppedAt: 1, output: "1" } })).toBe(true);
    expect(isPackable({ ...open, end: { status: "FAILED", stoppedAt: 1, error: "E" } })).toBe(false);
    expect(isPackable({ ...open, end: { status: "SUCCEEDED", stoppedAt: 0, output: "1" } })).toBe(false);
  });
});
