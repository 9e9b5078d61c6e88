/**
 * Cron expressions of six fields, seconds first, in UTC (cloudflow.md 3.4). A leading `CRON_TZ=…` or `TZ=…` names another zone; `@every`
 * with hours, minutes and seconds is an interval.
 */
import type { EpochMs } from "@stepwell/core";

export interface CronSchedule {
  /** The first time after `after`; `undefined`: never again. */
  next(after: EpochMs): EpochMs | undefined;
}

interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const FIELDS: readonly CronField[] = [
  { name: "seconds", min: 0, max: 59 },
  { name: "minutes", min: 0, max: 59 },
  { name: "hours", min: 0, max: 23 },
  { name: "day of month", min: 1, max: 31 },
  {
    name: "month",
    min: 1,
    max: 12,
    names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  },
  { name: "day of week", min: 0, max: 7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] },
];

/** How far ahead is looked: leap days on a weekday come round within 40 years. */
const YEARS_MAX = 40;
const DAY_MS = 86_400_000;

/** A text that says what is wrong, or the schedule. */
export function parseCron(text: string): CronSchedule | string {
  const every = /^@every\s+(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text.trim());
  if (every !== null) return interval(every);
  const zoned = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(text.trim());
  const offset = zoned === null ? () => 0 : zoneOffset(zoned[1] ?? "");
  if (typeof offset === "string") return offset;
  const words = (zoned?.[2] ?? text).trim().split(/\s+/);
  if (words.length !== FIELDS.length) return `must have 6 fields, seconds first, got ${words.length}`;
  const sets: (ReadonlySet<number> | undefined)[] = [];
  for (const [at, field] of FIELDS.entries()) {
    const set = parseField(words[at] ?? "", field);
    if (typeof set === "string") return set;
    sets.push(set);
  }
  return new FieldSchedule(sets, offset);
}

function interval([, hours = "0", minutes = "0", seconds = "0"]: RegExpExecArray): CronSchedule | string {
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return ms >= 1000 && ms <= 366 * DAY_MS
    ? { next: (after) => after + ms }
    : "@every needs an interval from 1s to 366 days";
}

/** Milliseconds to add to UTC for the wall clock of a zone, at a time. */
function zoneOffset(zone: string): ((at: EpochMs) => number) | string {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  } catch {
    return `names the time zone '${zone}', which does not exist`;
  }
  return (at) => {
    const name = format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign = "+", hours = "0", minutes = "0"] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
    return (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
  };
}

/** `undefined`: every value. */
function parseField(text: string, field: CronField): ReadonlySet<number> | undefined | string {
  if (text === "*" || text === "?") return undefined;
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [, range = "", step] = /^([^/]+)(?:\/(\d{1,4}))?$/.exec(part) ?? [];
    const bounds = boundsOf(range, field, step !== undefined);
    if (bounds === undefined || step === "0")
      return `${field.name}: '${part}' is not a value from ${field.min} to ${field.max}`;
    for (let value = bounds[0]; value <= bounds[1]; value += Number(step ?? 1)) values.add(value);
  }
  // Sunday is 0 and 7.
  if (field.max === 7 && values.has(7)) values.add(0);
  return values;
}

function boundsOf(range: string, field: CronField, stepped: boolean): readonly [number, number] | undefined {
  if (range === "*") return [field.min, field.max];
  const [first = "", last] = range.split("-");
  const from = fieldValue(first, field);
  const to = last === undefined ? (stepped ? field.max : from) : fieldValue(last, field);
  return from === undefined || to === undefined || from > to ? undefined : [from, to];
}

function fieldValue(text: string, field: CronField): number | undefined {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return named + (field.min === 1 ? 1 : 0);
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= field.min && value <= field.max ? value : undefined;
}

class FieldSchedule implements CronSchedule {
  readonly #sets: readonly (ReadonlySet<number> | undefined)[];
  readonly #offset: (at: EpochMs) => number;

  constructor(sets: readonly (ReadonlySet<number> | undefined)[], offset: (at: EpochMs) => number) {
    this.#sets = sets;
    this.#offset = offset;
  }

  /** Day by day, then by hour, minute and second within a day. */
  next(after: EpochMs): EpochMs | undefined {
    const local = Math.floor((after + this.#offset(after)) / 1000) * 1000 + 1000;
    const lastDay = local + YEARS_MAX * 366 * DAY_MS;
    for (let day = Math.floor(local / DAY_MS) * DAY_MS; day < lastDay; day += DAY_MS) {
      if (!this.#isDay(new Date(day))) continue;
      const time = this.#timeOfDay(Math.max(0, local - day) / 1000);
      if (time === undefined) continue;
      const at = this.#utc(day + time * 1000);
      if (at > after) return at;
    }
    return undefined;
  }

  #utc(local: EpochMs): EpochMs {
    const guess = local - this.#offset(local);
    return local - this.#offset(guess);
  }

  /** With both days given, either will do. */
  #isDay(day: Date): boolean {
    const [, , , date, month, weekday] = this.#sets;
    if (month?.has(day.getUTCMonth() + 1) === false) return false;
    const isDate = date?.has(day.getUTCDate());
    const isWeekday = weekday?.has(day.getUTCDay());
    if (isDate === undefined || isWeekday === undefined) return isDate ?? isWeekday ?? true;
    return isDate || isWeekday;
  }

  /** The first second of the day from `from` on. */
  #timeOfDay(from: number): number | undefined {
    const [seconds, minutes, hours] = this.#sets;
    for (let hour = Math.floor(from / 3600); hour < 24; hour += 1) {
      if (hours?.has(hour) === false) continue;
      for (let minute = 0; minute < 60; minute += 1) {
        if (minutes?.has(minute) === false || hour * 3600 + minute * 60 + 59 < from) continue;
        for (let second = 0; second < 60; second += 1) {
          const time = hour * 3600 + minute * 60 + second;
          if (time >= from && seconds?.has(second) !== false) return time;
        }
      }
    }
    return undefined;
  }
}
