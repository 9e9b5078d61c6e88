import type { JsonObject } from "@stepwell/core";
import { expect, test } from "vitest";
import { matchesPattern, patternProblem } from "./event-pattern.ts";

const EVENT: JsonObject = {
  source: "aws.states",
  "detail-type": "Step Functions Execution Status Change",
  resources: ["arn:a", "arn:b"],
  detail: {
    status: "FAILED",
    stateMachineArn: "arn:aws:states:x:stateMachine:Orders-1",
    redriveCount: 2,
    stopDate: null,
  },
};

test.each<[JsonObject, boolean]>([
  [{ source: ["aws.states"] }, true],
  [{ source: ["aws.ec2", "aws.states"] }, true],
  [{ source: ["aws.ec2"] }, false],
  [{ resources: ["arn:b"] }, true],
  [{ detail: { status: ["FAILED", "TIMED_OUT"], redriveCount: [2] } }, true],
  [{ detail: { status: ["FAILED"], redriveCount: [3] } }, false],
  [{ detail: { stopDate: [null] } }, true],
  [{ detail: { other: [null] } }, false],
  [{ detail: { stateMachineArn: [{ prefix: "arn:aws:states:" }] } }, true],
  [{ detail: { stateMachineArn: [{ suffix: "Orders-2" }] } }, false],
  [{ detail: { stateMachineArn: [{ suffix: { "equals-ignore-case": "ORDERS-1" } }] } }, true],
  [{ detail: { stateMachineArn: [{ wildcard: "arn:*:stateMachine:Orders-*" }] } }, true],
  [{ detail: { stateMachineArn: [{ wildcard: "*:Orders" }] } }, false],
  [{ detail: { status: [{ wildcard: "FAI*AILED" }] } }, false],
  [{ detail: { status: [{ "equals-ignore-case": "failed" }] } }, true],
  [{ detail: { status: [{ "anything-but": ["SUCCEEDED", "RUNNING"] }] } }, true],
  [{ detail: { status: [{ "anything-but": "FAILED" }] } }, false],
  [{ detail: { status: [{ "anything-but": { prefix: ["SUC", "FAI"] } }] } }, false],
  [{ detail: { nothing: [{ "anything-but": "x" }] } }, false],
  [{ detail: { redriveCount: [{ numeric: [">", 1, "<=", 2] }] } }, true],
  [{ detail: { redriveCount: [{ numeric: ["=", 1] }] } }, false],
  [{ detail: { status: [{ numeric: [">", 1] }] } }, false],
  [{ detail: { name: [{ exists: false }] } }, true],
  [{ detail: { status: [{ exists: true }], name: [{ exists: true }] } }, false],
  [{ resources: [{ exists: false }] }, false],
  [{ $or: [{ source: ["aws.ec2"] }, { detail: { status: ["FAILED"] } }] }, true],
  [{ source: ["aws.states"], $or: [{ source: ["aws.ec2"] }, { detail: { status: ["RUNNING"] } }] }, false],
  [{ toString: [{ exists: true }] }, false],
])("%j: %s", (pattern, wanted) => {
  expect(patternProblem(pattern)).toBeUndefined();
  expect(matchesPattern(pattern, EVENT)).toBe(wanted);
});

test.each<[JsonObject, string]>([
  [{}, "must not be empty"],
  [{ source: "aws.states" }, "source: must be an object, or an array"],
  [{ detail: { status: [["FAILED"]] } }, "detail.status: must be values or comparisons"],
  [{ detail: { status: [{ like: "x" }] } }, 'detail.status: the operator "like" is not supported'],
  [{ detail: { status: [{ prefix: "x", suffix: "y" }] } }, "must have one operator"],
  [{ detail: { status: [{ prefix: 1 }] } }, "prefix cannot take 1"],
  [{ detail: { status: [{ numeric: ["~", 1] }] } }, "numeric cannot take"],
  [{ detail: { status: [{ wildcard: "a**b" }] } }, "wildcard cannot take"],
  [{ detail: { status: [{ toString: 1 }] } }, "is not supported"],
  [{ $or: ["x"] }, "$or: must be objects"],
])("%j is wrong: %s", (pattern, wanted) => {
  expect(patternProblem(pattern)).toContain(wanted);
});
