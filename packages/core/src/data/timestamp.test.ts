import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareTimestamps, formatTimestamp, parseTimestamp, type Timestamp, timestampMs } from "./timestamp.ts";

const READ = (text: string) => parseTimestamp(text) as Timestamp;

describe("parseTimestamp", () => {
  it.each([
    "2016-03-14T01:59:00Z",
    "2016-03-05T21:29:29.243167252Z",
    "2016-03-05T21:29:29.00Z",
    "2024-02-29T23:59:59+05:30",
    "0001-01-01T00:00:00-18:00",
  ])("reads %s", (text) => {
    expect(parseTimestamp(text)).toBeDefined();
  });

  it.each([
    ["no zone", "2016-12-05T21:29:29"],
    ["no T", "2023-02-24 12:15:56.832957"],
    ["day first", "05-12-2016T21:29:29Z"],
    ["month 13", "2016-13-05T21:29:29Z"],
    ["hour 25", "2016-12-05T25:29:29Z"],
    ["hour 24", "2016-12-05T24:00:00Z"],
    ["a leap second", "2016-12-31T23:59:60Z"],
    ["29 February of a common year", "1900-02-29T00:00:00Z"],
    ["31 June", "2026-06-31T00:00:00Z"],
    ["lower case", "2016-03-14t01:59:00z"],
    ["an offset beyond 18 hours", "2016-03-14T01:59:00+18:01"],
    ["an empty fraction", "2016-03-14T01:59:00.Z"],
    ["more than a timestamp", " 2016-03-14T01:59:00Z"],
    ["a date", "2023-02-24"],
  ])("refuses %s", (_what, text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  it("agrees with Date on every millisecond it can format", () => {
    const time = fc.date({
      min: new Date("0000-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(time, (date) => {
        expect(timestampMs(READ(formatTimestamp(date.getTime())))).toBe(date.getTime());
      }),
    );
  });

  it("cuts off what is finer than a millisecond, before 1970 too", () => {
    expect(timestampMs(READ("1969-12-31T23:59:59.9999Z"))).toBe(-1);
    expect(timestampMs(READ("2026-01-31T13:00:00.1239+01:00"))).toBe(Date.UTC(2026, 0, 31, 12, 0, 0, 123));
  });
});

describe("compareTimestamps", () => {
  it("compares instants, whatever the zone and the number of digits", () => {
    expect(compareTimestamps(READ("2026-01-31T13:00:00.10+01:00"), READ("2026-01-31T12:00:00.1Z"))).toBe(0);
  });

  it("tells nanoseconds apart", () => {
    expect(compareTimestamps(READ("2026-01-31T12:00:00.000000001Z"), READ("2026-01-31T12:00:00Z"))).toBe(1);
    expect(compareTimestamps(READ("2026-01-31T12:00:00.12Z"), READ("2026-01-31T12:00:00.2Z"))).toBe(-1);
  });
});

describe("formatTimestamp", () => {
  it("has three digits of a second", () => {
    expect(formatTimestamp(Date.UTC(2026, 0, 31, 12, 0, 0, 123))).toBe("2026-01-31T12:00:00.123Z");
    expect(formatTimestamp(0)).toBe("1970-01-01T00:00:00.000Z");
  });
});
