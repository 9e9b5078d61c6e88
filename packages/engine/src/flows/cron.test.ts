import { describe, expect, test } from "vitest";
import { parseCron } from "./cron.ts";

const at = (text: string): number => Date.parse(text);

function times(cron: string, from: string, count: number): string[] {
  const schedule = parseCron(cron);
  if (typeof schedule === "string") throw new Error(schedule);
  const found: string[] = [];
  let after = at(from);
  for (let n = 0; n < count; n++) {
    after = schedule.next(after) ?? Number.NaN;
    found.push(new Date(after).toISOString());
  }
  return found;
}

describe("cron of six fields", () => {
  test.each([
    ["0 * * * * *", "2026-11-22T03:24:18Z", ["2026-11-22T03:25:00.000Z", "2026-11-22T03:26:00.000Z"]],
    ["*/20 * * * * *", "2026-11-22T03:24:40.500Z", ["2026-11-22T03:25:00.000Z", "2026-11-22T03:25:20.000Z"]],
    ["0 30 4 * * *", "2026-11-22T04:30:00Z", ["2026-11-23T04:30:00.000Z"]],
    ["5,10 0 0 1 JAN,7 ?", "2026-01-01T00:00:05Z", ["2026-01-01T00:00:10.000Z", "2026-07-01T00:00:05.000Z"]],
    ["0 0 9-17/4 ? * MON-FRI", "2026-11-20T17:00:00Z", ["2026-11-23T09:00:00.000Z", "2026-11-23T13:00:00.000Z"]],
    ["0 0 0 29 2 *", "2026-11-22T00:00:00Z", ["2028-02-29T00:00:00.000Z"]],
    ["0 0 0 13 * 5", "2026-11-22T00:00:00Z", ["2026-11-27T00:00:00.000Z"]],
    ["0 0 0 * * 7", "2026-11-21T00:00:00Z", ["2026-11-22T00:00:00.000Z"]],
    ["CRON_TZ=Asia/Shanghai 0 0 4 * * *", "2026-11-22T00:00:00Z", ["2026-11-22T20:00:00.000Z"]],
    ["@every 1m30s", "2026-11-22T00:00:00Z", ["2026-11-22T00:01:30.000Z", "2026-11-22T00:03:00.000Z"]],
  ])("%s", (cron, from, wanted) => {
    expect(times(cron, from, wanted.length)).toEqual(wanted);
  });

  test("a day that never comes is told as never", () => {
    const schedule = parseCron("0 0 0 30 2 *");
    expect(typeof schedule === "string" ? schedule : schedule.next(0)).toBeUndefined();
  });

  test.each([
    ["* * * * *", "must have 6 fields"],
    ["60 * * * * *", "seconds: '60'"],
    ["* * * * 13 *", "month: '13'"],
    ["* * * 0 * *", "day of month: '0'"],
    ["* 5-1 * * * *", "minutes: '5-1'"],
    ["*/0 * * * * *", "seconds: '*/0'"],
    ["x * * * * *", "seconds: 'x'"],
    ["CRON_TZ=Mars/Base 0 * * * * *", "does not exist"],
    ["@every 0s", "@every needs"],
  ])("%s is refused", (cron, words) => {
    expect(parseCron(cron)).toContain(words);
  });
});
