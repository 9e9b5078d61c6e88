/**
 * Cron expressions of EventBridge: minutes, hours, day of month, month, day of week, year, with `,` `-` `*` `/` and, for
 * days, `?` `L` `W` `#`. EventBridge User Guide, "Cron expressions reference"; EventBridge Scheduler User Guide,
 * "Cron-based schedules".
 *
 * A wall clock's time that a change to summer time leaves out is skipped, one that comes twice counts once (the first).
 */
import type { EpochMs } from "@stepwell/core";

export interface AwsCron {
  /** The first time after `after`; `undefined`: never again. */
  next(after: EpochMs): EpochMs | undefined;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** From `min` on. */
  readonly names?: readonly string[];
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** Sunday is 1. */
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const YEAR_MIN = 1970;
const YEAR_MAX = 2199;

const MINUTES: Field = { name: "minutes", min: 0, max: 59 };
const HOURS: Field = { name: "hours", min: 0, max: 23 };
const DAY_OF_MONTH: Field = { name: "day of month", min: 1, max: 31 };
const MONTH: Field = { name: "month", min: 1, max: 12, names: MONTHS };
const DAY_OF_WEEK: Field = { name: "day of week", min: 1, max: 7, names: WEEKDAYS };
const YEAR: Field = { name: "year", min: YEAR_MIN, max: YEAR_MAX };

const EXPRESSION_LENGTH_MAX = 256;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The days of a month that are meant, ascending. */
type Days = (year: number, month: number) => readonly number[];

/** `fields`: what stands between `cron(` and `)`. `zone`: an IANA name. A text that says what is wrong, or the cron. */
export function parseAwsCron(fields: string, zone = "UTC"): AwsCron | string {
  if (fields.length > EXPRESSION_LENGTH_MAX) return `must have at most ${EXPRESSION_LENGTH_MAX} characters`;
  const words = fields.trim().split(/\s+/);
  if (words.length !== 6)
    return `must have 6 fields (minutes hours day-of-month month day-of-week year), got ${words.length}`;
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = words as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) return "must have ? as day of month or as day of week, not both";
  const offsetAt = zoneOffset(zone);
  if (typeof offsetAt === "string") return offsetAt;
  const days = dayOfMonth === "?" ? daysOfWeek(dayOfWeek) : daysOfMonth(dayOfMonth);
  const sets = [values(minutes, MINUTES), values(hours, HOURS), values(month, MONTH), values(year, YEAR)] as const;
  const wrong = [...sets, days].find((part) => typeof part === "string");
  if (typeof wrong === "string") return wrong;
  const [minuteList, hourList, monthList, yearList] = sets as readonly [number[], number[], number[], number[]];
  return new WallClockCron({
    minutes: minuteList,
    hours: hourList,
    months: monthList,
    years: yearList,
    days: days as Days,
    offsetAt,
  });
}

interface CronParts {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: readonly number[];
  readonly years: readonly number[];
  readonly days: Days;
  readonly offsetAt: (at: EpochMs) => number;
}

class WallClockCron implements AwsCron {
  readonly #parts: CronParts;

  constructor(parts: CronParts) {
    this.#parts = parts;
  }

  /** At most 230 years of 12 months are looked at, and of a month the days that are meant. */
  next(after: EpochMs): EpochMs | undefined {
    const { years, months, days } = this.#parts;
    // No wall clock is further than a day from UTC.
    const before = after - DAY_MS;
    const firstYear = new Date(before).getUTCFullYear();
    for (const year of years) {
      if (year < firstYear) continue;
      for (const month of months) {
        if (Date.UTC(year, month, 1) <= before) continue;
        for (const day of days(year, month)) {
          const at = this.#onDay(Date.UTC(year, month - 1, day), after);
          if (at !== undefined) return at;
        }
      }
    }
    return undefined;
  }

  #onDay(midnight: number, after: EpochMs): EpochMs | undefined {
    const { hours, minutes, offsetAt } = this.#parts;
    // No offset is as large as a day.
    if (midnight + 2 * DAY_MS <= after) return undefined;
    const smallest = Math.min(offsetAt(midnight - DAY_MS), offsetAt(midnight + 2 * DAY_MS));
    for (const hour of hours) {
      for (const minute of minutes) {
        const wall = midnight + (hour * 60 + minute) * MINUTE_MS;
        if (wall - smallest <= after) continue;
        const at = instantOf(wall, offsetAt);
        if (at !== undefined && at > after) return at;
      }
    }
    return undefined;
  }
}

/** When a wall clock shows a time for the first time; `undefined`: never, it jumps over it. */
export function instantOf(wall: number, offsetAt: (at: EpochMs) => number): EpochMs | undefined {
  const [before, behind] = [offsetAt(wall - DAY_MS), offsetAt(wall + DAY_MS)];
  const candidates = [wall - Math.max(before, behind), wall - Math.min(before, behind)];
  return candidates.find((at) => at + offsetAt(at) === wall);
}

/** Milliseconds to add to UTC for the wall clock of a zone, at a time; a text when there is no such zone. */
export function zoneOffset(zone: string): ((at: EpochMs) => number) | string {
  if (zone === "UTC") return () => 0;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  } catch {
    return `there is no time zone ${JSON.stringify(zone.slice(0, 60))}`;
  }
  return (at) => {
    const name = format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign = "+", hours = "0", minutes = "0"] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
    return (Number(hours) * 60 + Number(minutes)) * MINUTE_MS * (sign === "-" ? -1 : 1);
  };
}

/** The values of a field, ascending; a text when it is wrong. */
function values(text: string, field: Field): number[] | string {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const [, range = "", step] = /^([^/]+)(?:\/([1-9]\d{0,3}))?$/.exec(part) ?? [];
    const bounds = boundsOf(range, field, step !== undefined);
    if (bounds === undefined) return wrongField(field, part);
    const [from, to] = bounds;
    // A range may go over the end: FRI-MON.
    const length = to >= from ? to - from : to - from + (field.max - field.min + 1);
    for (let offset = 0; offset <= length; offset += Number(step ?? 1)) {
      const value = from + offset;
      found.add(value > field.max ? value - (field.max - field.min + 1) : value);
    }
  }
  return [...found].sort((a, b) => a - b);
}

function boundsOf(range: string, field: Field, isStepped: boolean): readonly [number, number] | undefined {
  if (range === "*") return [field.min, field.max];
  const [first = "", last, ...rest] = range.split("-");
  if (rest.length > 0) return undefined;
  const from = fieldValue(first, field);
  const to = last === undefined ? (isStepped ? field.max : from) : fieldValue(last, field);
  if (from === undefined || to === undefined) return undefined;
  return to < from && field === YEAR ? undefined : [from, to];
}

function fieldValue(text: string, { min, max, names }: Field): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return named + min;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

function wrongField({ name, min, max }: Field, part: string): string {
  return `${name}: ${JSON.stringify(part.slice(0, 40))} must be values from ${min} to ${max}`;
}

/** `L`: the last day; `15W`: the working day nearest to the 15th; `LW`: the last working day. */
function daysOfMonth(text: string): Days | string {
  if (text === "L") return (year, month) => [lastDay(year, month)];
  if (text === "LW") return (year, month) => [nearestWorkingDay(year, month, lastDay(year, month))];
  const [, weekday] = /^(\d{1,2})W$/.exec(text) ?? [];
  if (weekday !== undefined) {
    const day = Number(weekday);
    if (day < 1 || day > 31) return wrongField(DAY_OF_MONTH, text);
    return (year, month) => (day > lastDay(year, month) ? [] : [nearestWorkingDay(year, month, day)]);
  }
  const days = values(text, DAY_OF_MONTH);
  if (typeof days === "string") return days;
  return (year, month) => days.filter((day) => day <= lastDay(year, month));
}

/** `L`: Saturday, the last of the week; `6L`: the month's last Friday; `3#2`: its second Tuesday. */
function daysOfWeek(text: string): Days | string {
  const [, lastOf, nthOf, nth] = /^(?:(\w+)L|(\w+)#([1-5]))$/.exec(text) ?? [];
  if (lastOf !== undefined) {
    const weekday = fieldValue(lastOf, DAY_OF_WEEK);
    if (weekday === undefined) return wrongField(DAY_OF_WEEK, text);
    return (year, month) => weekdaysOf(year, month, weekday).slice(-1);
  }
  if (nthOf !== undefined) {
    const weekday = fieldValue(nthOf, DAY_OF_WEEK);
    if (weekday === undefined) return wrongField(DAY_OF_WEEK, text);
    return (year, month) => weekdaysOf(year, month, weekday).slice(Number(nth) - 1, Number(nth));
  }
  const weekdays = text === "L" ? [7] : values(text, DAY_OF_WEEK);
  if (typeof weekdays === "string") return weekdays;
  const wanted = new Set(weekdays);
  return (year, month) => daysWhere(year, month, (weekday) => wanted.has(weekday));
}

function weekdaysOf(year: number, month: number, weekday: number): number[] {
  return daysWhere(year, month, (other) => other === weekday);
}

function daysWhere(year: number, month: number, isMeant: (weekday: number) => boolean): number[] {
  const first = weekdayOf(year, month, 1);
  const days = Array.from({ length: lastDay(year, month) }, (_, index) => index + 1);
  return days.filter((day) => isMeant(((first + day - 2) % 7) + 1));
}

/** Sunday is 1. */
function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

function lastDay(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Monday to Friday, in the same month. */
function nearestWorkingDay(year: number, month: number, day: number): number {
  const weekday = weekdayOf(year, month, day);
  if (weekday === 7) return day === 1 ? 3 : day - 1;
  if (weekday === 1) return day === lastDay(year, month) ? day - 2 : day + 1;
  return day;
}
