import { Rejection } from "@stepwell/engine";
import { expect, test } from "vitest";
import { PageTokens } from "./page-tokens.ts";

const HOUR_MS = 3_600_000;
let now = 1_000_000;
const tokens = new PageTokens("key", { now: () => now });
const asked = { stateMachineArn: "a", statusFilter: "FAILED", maxResults: 10 };

function refused(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    return (
      error instanceof Rejection && error.name === "InvalidToken" && error.message === "Invalid Token: 'Invalid token'"
    );
  }
}

test("a page has 100 items unless asked otherwise", () => {
  expect(tokens.read("ListActivities", {})).toEqual({ limit: 100 });
  expect(tokens.read("ListActivities", { maxResults: 0 })).toEqual({ limit: 100 });
  expect(tokens.read("ListActivities", { maxResults: 7 })).toEqual({ limit: 7 });
});

test("a token gives its cursor back, also with another page size and another order of members", () => {
  const nextToken = tokens.write("ListExecutions", asked, "cursor.1");
  expect(tokens.read("ListExecutions", { ...asked, nextToken })).toEqual({ limit: 10, cursor: "cursor.1" });
  const reordered = { nextToken, maxResults: 3, statusFilter: "FAILED", stateMachineArn: "a" };
  expect(tokens.read("ListExecutions", reordered)).toEqual({ limit: 3, cursor: "cursor.1" });
});

test("a token is refused with other arguments, for another operation, changed, and from elsewhere", () => {
  const nextToken = tokens.write("ListExecutions", asked, "cursor");
  const otherFilter = { ...asked, statusFilter: "RUNNING", nextToken };
  expect(refused(() => tokens.read("ListExecutions", otherFilter))).toBe(true);
  expect(refused(() => tokens.read("ListActivities", { ...asked, nextToken }))).toBe(true);
  expect(refused(() => tokens.read("ListExecutions", { ...asked, nextToken: `A${nextToken.slice(1)}` }))).toBe(true);
  expect(refused(() => tokens.read("ListExecutions", { ...asked, nextToken: nextToken.slice(0, -1) }))).toBe(true);
  expect(refused(() => tokens.read("ListExecutions", { ...asked, nextToken: "InvalidToken" }))).toBe(true);
  expect(refused(() => tokens.read("ListExecutions", { ...asked, nextToken: "" }))).toBe(true);
  const other = new PageTokens("other key", { now: () => now }).write("ListExecutions", asked, "cursor");
  expect(refused(() => tokens.read("ListExecutions", { ...asked, nextToken: other }))).toBe(true);
});

test("a token is good for 24 hours", () => {
  const nextToken = tokens.write("ListExecutions", asked, "cursor");
  now += 24 * HOUR_MS - 1;
  expect(tokens.read("ListExecutions", { ...asked, nextToken }).cursor).toBe("cursor");
  now += 1;
  expect(refused(() => tokens.read("ListExecutions", { ...asked, nextToken }))).toBe(true);
});
