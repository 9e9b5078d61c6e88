import { expect, test } from "vitest";
import { inSetOrder } from "./java-enum-order.ts";

test("an execution status is listed as AWS lists it", () => {
  const declared = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];
  expect(inSetOrder(declared)).toEqual(["SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"]);
});

test("so is an enumeration of another AWS service", () => {
  const declared = ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"];
  expect(inSetOrder(declared)).toEqual(["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"]);
});
