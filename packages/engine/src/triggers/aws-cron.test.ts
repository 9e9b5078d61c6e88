import { describe, expect, test } from "vitest";
import { parseAwsCron } from "./aws-cron.ts";
import { parseScheduleExpression } from "./schedule-expression.ts";

function times(next: (after: number) => number | undefined, from: string, count: number): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  let after: number | undefined = Date.parse(from);
  for (let n = 0; n < count && after !== undefined; n++) {
    after = next(after);
    found.push(after === undefined ? undefined : new Date(after).toISOString().slice(0, 16));
  }
  return found;
}

function cronTimes(fields: string, from: string, count: number, zone?: string): (string | undefined)[] {
  const cron = parseAwsCron(fields, zone);
  if (typeof cron === "string") throw new Error(cron);
  return times((after) => cron.next(after), from, count);
}

describe("EventBridge's cron", () => {
  test.each([
    // The table of examples in the User Guide, "Cron expressions reference".
    ["0 10 * * ? *", "2026-11-22T10:00:00Z", ["2026-11-23T10:00", "2026-11-24T10:00"]],
    ["15 12 * * ? *", "2026-11-22T00:00:00Z", ["2026-11-22T12:15"]],
    ["0 18 ? * MON-FRI *", "2026-11-20T18:00:00Z", ["2026-11-23T18:00", "2026-11-24T18:00"]],
    ["0 8 1 * ? *", "2026-11-22T00:00:00Z", ["2026-12-01T08:00", "2027-01-01T08:00"]],
    ["0/15 * * * ? *", "2026-11-22T10:50:01Z", ["2026-11-22T11:00", "2026-11-22T11:15"]],
    ["0/10 * ? * MON-FRI *", "2026-11-20T23:50:00Z", ["2026-11-23T00:00", "2026-11-23T00:10"]],
    ["0/5 8-17 ? * MON-FRI *", "2026-11-20T17:55:00Z", ["2026-11-23T08:00"]],
    ["0/30 20-2 ? * MON-FRI *", "2026-11-23T02:30:00Z", ["2026-11-23T20:00"]],
    // The wildcards of days.
    ["0 0 L * ? *", "2026-01-31T00:00:00Z", ["2026-02-28T00:00", "2026-03-31T00:00"]],
    ["0 0 3W * ? *", "2026-09-30T00:00:00Z", ["2026-10-02T00:00", "2026-11-03T00:00"]],
    ["0 0 1W * ? *", "2026-07-02T00:00:00Z", ["2026-08-03T00:00", "2026-09-01T00:00"]],
    ["0 0 31W * ? *", "2026-05-01T00:00:00Z", ["2026-05-29T00:00", "2026-07-31T00:00"]],
    ["0 0 LW * ? *", "2026-02-01T00:00:00Z", ["2026-02-27T00:00", "2026-03-31T00:00"]],
    ["0 0 ? * 3#2 *", "2026-11-22T00:00:00Z", ["2026-12-08T00:00", "2027-01-12T00:00"]],
    ["0 0 ? * MON#5 *", "2026-11-22T00:00:00Z", ["2026-11-30T00:00", "2027-03-29T00:00"]],
    ["0 0 ? * 6L *", "2026-11-27T00:00:00Z", ["2026-12-25T00:00"]],
    ["0 0 ? * L *", "2026-11-22T00:00:00Z", ["2026-11-28T00:00"]],
    ["0 0 ? * FRI-MON *", "2026-11-23T00:00:00Z", ["2026-11-27T00:00", "2026-11-28T00:00"]],
    ["0 0 29 FEB ? *", "2026-11-22T00:00:00Z", ["2028-02-29T00:00", "2032-02-29T00:00"]],
    ["0 0 30 2 ? *", "2026-11-22T00:00:00Z", [undefined]],
    ["0 12 1 1,7 ? 2027-2029/2", "2026-11-22T00:00:00Z", ["2027-01-01T12:00", "2027-07-01T12:00", "2029-01-01T12:00"]],
    ["0 0 1 1 ? 2020", "2026-11-22T00:00:00Z", [undefined]],
  ])("%s", (fields, from, wanted) => {
    expect(cronTimes(fields, from, wanted.length)).toEqual(wanted);
  });

  test("a time zone's wall clock: what summer time leaves out is skipped, what comes twice counts once", () => {
    const zone = "America/New_York";
    expect(cronTimes("30 2 * * ? *", "2026-03-07T12:00:00Z", 2, zone)).toEqual([
      "2026-03-09T06:30",
      "2026-03-10T06:30",
    ]);
    expect(cronTimes("30 1 * * ? *", "2026-10-31T12:00:00Z", 2, zone)).toEqual([
      "2026-11-01T05:30",
      "2026-11-02T06:30",
    ]);
    expect(cronTimes("0/30 * * * ? *", "2026-11-01T05:00:00Z", 3, zone)).toEqual([
      "2026-11-01T05:30",
      "2026-11-01T07:00",
      "2026-11-01T07:30",
    ]);
    expect(cronTimes("0 9 * * ? *", "2026-07-01T00:00:00Z", 1, "Asia/Kolkata")).toEqual(["2026-07-01T03:30"]);
    expect(cronTimes("0 0 1 * ? *", "2026-11-30T09:00:00Z", 1, "Pacific/Kiritimati")).toEqual(["2026-11-30T10:00"]);
    expect(cronTimes("0 0 1 * ? *", "2026-12-01T10:00:00Z", 1, "Pacific/Pago_Pago")).toEqual(["2026-12-01T11:00"]);
  });

  test.each([
    ["0 10 * * *", "6 fields"],
    ["0 10 * * * *", "? as day of month"],
    ["0 10 ? * ? *", "? as day of month"],
    ["60 10 * * ? *", "minutes"],
    ["0 24 * * ? *", "hours"],
    ["0 0 32 * ? *", "day of month"],
    ["0 0 0W * ? *", "day of month"],
    ["0 0 * 13 ? *", "month"],
    ["0 0 ? * 8 *", "day of week"],
    ["0 0 ? * 0 *", "day of week"],
    ["0 0 ? * 3#6 *", "day of week"],
    ["0 0 ? * 3#1,6#3 *", "day of week"],
    ["0 0 * * ? 1969", "year"],
    ["0 0 * * ? 2030-2020", "year"],
    ["0/0 0 * * ? *", "minutes"],
    ["1-2-3 0 * * ? *", "minutes"],
    ["0 0 * * ? ", "6 fields"],
    [`0 ${"1,".repeat(200)}1 * * ? *`, "256 characters"],
  ])("refuses %s", (fields, why) => {
    expect(parseAwsCron(fields)).toContain(why);
  });

  test("a zone that there is not is refused", () => {
    expect(parseAwsCron("0 0 * * ? *", "Mars/Olympus")).toContain('no time zone "Mars/Olympus"');
  });
});

describe("schedule expressions", () => {
  const anchor = Date.parse("2026-11-22T10:07:00Z");
  const next = (text: string, from: string, timeZone?: string): (string | undefined)[] => {
    const schedule = parseScheduleExpression(text, { anchor, isRule: false, ...(timeZone && { timeZone }) });
    if (typeof schedule === "string") throw new Error(schedule);
    return times((after) => schedule.next(after), from, 2);
  };

  test("a rate counts from its anchor", () => {
    expect(next("rate(5 minutes)", "2026-11-22T10:00:00Z")).toEqual(["2026-11-22T10:07", "2026-11-22T10:12"]);
    expect(next("rate(1 day)", "2026-11-25T12:00:00Z")).toEqual(["2026-11-26T10:07", "2026-11-27T10:07"]);
  });

  test("at is once, in its zone", () => {
    expect(next("at(2026-12-24T18:00:00)", "2026-11-25T12:00:00Z", "Europe/Berlin")).toEqual([
      "2026-12-24T17:00",
      undefined,
    ]);
  });

  test.each([
    ["rate(0 minutes)", false, "rate must be"],
    ["rate(5 seconds)", false, "rate must be"],
    ["rate(1 minutes)", true, "1 minute:"],
    ["rate(5 minute)", true, "5 minutes:"],
    ["rate(999999999 days)", false, "rate must be"],
    ["at(2026-12-24T18:00:00)", true, "AWS::Scheduler::Schedule"],
    ["at(2026-12-24)", false, "yyyy-mm-ddThh:mm:ss"],
    ["every day", true, "must be rate(…), cron(…)"],
    ["cron(0 0 * * *)", true, "6 fields"],
  ])("refuses %s", (text, isRule, why) => {
    expect(parseScheduleExpression(text, { anchor, isRule })).toContain(why);
  });
});
