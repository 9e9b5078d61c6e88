import { expect, test } from "vitest";
import { firstRequests } from "./early.ts";

test("a page's first requests are known from its address", () => {
  expect(firstRequests("/", "")).toEqual(["/overview?hours=24"]);
  expect(firstRequests("/runs", "?status=FAILED,ABORTED")).toEqual([
    "/executions?status=FAILED&status=ABORTED&limit=100",
  ]);
  const arn = "arn%3Aaws%3Astates%3Aus-east-1%3A123456789012%3Aexecution%3Am%3Ax";
  expect(firstRequests("/runs/execution:m:x", "?state=A")).toEqual([
    `/executions/${arn}`,
    `/executions/${arn}/events?after=0&limit=60`,
  ]);
  expect(firstRequests("/runs/execution:m:x/maps/y", "")).toEqual([]);
  expect(firstRequests("/lab", "")).toEqual([]);
});
