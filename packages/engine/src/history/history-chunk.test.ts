import type { HistoryEvent } from "@stepwell/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeHistory, encodeHistory } from "./history-chunk.ts";
import { DETAIL_MEMBERS, HISTORY_TYPES } from "./history-tables.ts";

const at = 1_750_000_000_000;

function roundTrip(events: readonly HistoryEvent[], texts = {}): HistoryEvent[] {
  return encodeHistory(events, texts).flatMap((chunk) => decodeHistory(chunk, texts));
}

describe("history chunks", () => {
  test("what is written is read, whatever the texts, names and links", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "", "\u0000", "\n", "{}"));
    const event = fc.record({
      type: fc.oneof(fc.constantFrom(...HISTORY_TYPES), text),
      back: fc.nat(3),
      timestamp: fc.integer({ min: at - 5_000, max: at + 5_000 }),
      details: fc.option(
        fc.dictionary(
          fc.oneof(fc.constantFrom(...DETAIL_MEMBERS), fc.string()),
          fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.dictionary(text, text)),
        ),
      ),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1 }), fc.nat(), (drawn, before) => {
        const events = drawn.map(({ type, back, timestamp, details }, i): HistoryEvent => {
          const id = before + i + 1;
          const base = { id, previousEventId: back === 0 ? 0 : Math.max(0, id - back), timestamp, type };
          return details === null ? base : { ...base, details: JSON.parse(JSON.stringify(details)) };
        });
        expect(roundTrip(events)).toEqual(events);
      }),
    );
  });

  test("a text that comes again, or is the execution's own, is not stored again", () => {
    const input = JSON.stringify({ big: "i".repeat(1_000) });
    const output = JSON.stringify({ big: "o".repeat(1_000) });
    const passed = JSON.stringify({ big: "p".repeat(1_000) });
    const events = [input, input, passed, passed, passed, output, output].map(
      (payload, i): HistoryEvent => ({
        id: i + 1,
        previousEventId: i,
        timestamp: at,
        type: i % 2 === 0 ? "PassStateExited" : "PassStateEntered",
        details: i % 2 === 0 ? { name: "A", output: payload } : { name: "A", input: payload },
      }),
    );
    const chunks = encodeHistory(events, { input, output });
    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.text.length).toBeLessThan(1_300);
    expect(chunks.flatMap((chunk) => decodeHistory(chunk, { input, output }))).toEqual(events);
  });

  test("a long history is cut into chunks that follow each other", () => {
    const events = Array.from({ length: 2_000 }, (_, i): HistoryEvent => {
      const details = { output: JSON.stringify("x".repeat(i % 7 === 0 ? 100_000 : 10) + i) };
      return { id: i + 5, previousEventId: i + 4, timestamp: at + i, type: "PassStateExited", details };
    });
    const chunks = encodeHistory(events, {});
    let next = 5;
    for (const chunk of chunks) {
      expect(chunk.firstId).toBe(next);
      expect(chunk.text.length).toBeLessThan(400_000);
      next = chunk.lastId + 1;
    }
    expect(next).toBe(2_005);
    expect(chunks.flatMap((chunk) => decodeHistory(chunk, {}))).toEqual(events);
  });
});
