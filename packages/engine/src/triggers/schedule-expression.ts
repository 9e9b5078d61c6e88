/** When a schedule is due: `rate(…)`, `cron(…)` and `at(…)`. EventBridge Scheduler User Guide, "Schedule types". */
import type { EpochMs } from "@stepwell/core";
import { instantOf, parseAwsCron, zoneOffset } from "./aws-cron.ts";

export interface ScheduleExpression {
  readonly kind: "rate" | "cron" | "at";
  /** The first time after `after`; `undefined`: never again. */
  next(after: EpochMs): EpochMs | undefined;
}

export interface ScheduleTimes {
  /** Of a `rate`: when the first interval begins. */
  readonly anchor: EpochMs;
  /** IANA name of the zone of `cron` and `at`. Default UTC. */
  readonly timeZone?: string;
  /** A rule of EventBridge: no `at`, and `1 minute`, `2 minutes` as AWS spells them. */
  readonly isRule: boolean;
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** No interval is longer: what comes later than any calendar is a mistake. */
const RATE_MS_MAX = 100 * 366 * 86_400_000;

/** A text that says what is wrong, or the schedule. */
export function parseScheduleExpression(text: string, times: ScheduleTimes): ScheduleExpression | string {
  const [, kind, inside = ""] = /^(rate|cron|at)\(([^()]*)\)$/.exec(text.trim()) ?? [];
  switch (kind) {
    case "rate":
      return parseRate(inside, times);
    case "cron": {
      const cron = parseAwsCron(inside, times.timeZone);
      return typeof cron === "string" ? cron : { kind, next: (after) => cron.next(after) };
    }
    case "at":
      return times.isRule
        ? "must be rate(…) or cron(…): at(…) is for AWS::Scheduler::Schedule"
        : parseAt(inside, times);
    default:
      return `must be rate(…), cron(…)${times.isRule ? "" : " or at(…)"}`;
  }
}

function parseRate(inside: string, { anchor, isRule }: ScheduleTimes): ScheduleExpression | string {
  const [, number, unit = "", plural] = /^\s*(\d{1,9})\s+(minute|hour|day)(s?)\s*$/.exec(inside) ?? [];
  const value = Number(number);
  const interval = value * (UNITS[unit] ?? Number.NaN);
  if (!(value >= 1) || !(interval <= RATE_MS_MAX)) return "rate must be a number from 1 on and minutes, hours or days";
  if (isRule && (value === 1) !== (plural === ""))
    return `rate must be ${value} ${unit}${value === 1 ? "" : "s"}: one is singular, more are plural`;
  return {
    kind: "rate",
    next: (after) => (after < anchor ? anchor : anchor + (Math.floor((after - anchor) / interval) + 1) * interval),
  };
}

function parseAt(inside: string, { timeZone }: ScheduleTimes): ScheduleExpression | string {
  const wall = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(inside) ? Date.parse(`${inside}Z`) : Number.NaN;
  if (Number.isNaN(wall)) return "at must be yyyy-mm-ddThh:mm:ss";
  const offsetAt = zoneOffset(timeZone ?? "UTC");
  if (typeof offsetAt === "string") return offsetAt;
  const at = instantOf(wall, offsetAt);
  return { kind: "at", next: (after) => (at !== undefined && at > after ? at : undefined) };
}
