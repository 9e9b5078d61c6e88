/**
 * RFC 3339 timestamps. The only file of core that uses Date, and only to convert between calendar and milliseconds: the
 * time now always comes from outside.
 */
import type { EpochMs } from "../json.ts";

/** A point in time, exact to any fraction of a second that was written. */
export interface Timestamp {
  /** Whole seconds since 1970-01-01T00:00:00Z, rounded down. */
  readonly epochSeconds: number;
  /** The digits after the decimal point without trailing zeros. */
  readonly fraction: string;
}

const FORM = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;
const OFFSET_HOURS_MAX = 18;

/**
 * Reads a timestamp as AWS does: the date must exist, `T` and a zone (`Z` or an offset of at most 18 hours) are required
 * and in upper case, fractions may have any length, second 60 does not exist. `undefined`: not a timestamp.
 * ASL spec, "Timestamps"; recorded-behaviour.md, fact 17.
 */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = offsetSeconds(match[8], match[9], match[10]);
  if (offset === undefined) return undefined;
  const local = Date.parse(`${text.slice(0, 19)}Z`) / 1000;
  return { epochSeconds: local - offset, fraction: (match[7] ?? "").replace(/0+$/, "") };
}

/** Negative, zero or positive: `a` is before, at or after `b`. */
export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  if (a.epochSeconds !== b.epochSeconds) return a.epochSeconds - b.epochSeconds;
  // Digits after the point compare like text once trailing zeros are gone.
  return a.fraction < b.fraction ? -1 : Number(a.fraction > b.fraction);
}

/** Milliseconds since 1970; what is finer is cut off. */
export function timestampMs(timestamp: Timestamp): EpochMs {
  return timestamp.epochSeconds * 1000 + Number(timestamp.fraction.slice(0, 3).padEnd(3, "0"));
}

/** `2026-01-31T12:00:00.123Z`: the form of timestamps in the context object. `at` lies within the years 0 to 9999. */
export function formatTimestamp(at: EpochMs): string {
  return new Date(at).toISOString();
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function offsetSeconds(
  sign: string | undefined,
  hours: string | undefined,
  minutes: string | undefined,
): number | undefined {
  if (sign === undefined) return 0;
  const seconds = Number(hours) * 3600 + Number(minutes) * 60;
  if (Number(minutes) > 59 || seconds > OFFSET_HOURS_MAX * 3600) return undefined;
  return sign === "-" ? -seconds : seconds;
}
