import { type Json, parseTaskResource } from "@stepwell/core";
import { expect, test } from "vitest";
import { type FieldValidationMode, mockResultProblem } from "./mock-result.ts";

function problem(action: string, result: Json, mode: FieldValidationMode = "STRICT"): string | undefined {
  const resource = parseTaskResource(action.startsWith("arn:") ? action : `arn:aws:states:::${action}`);
  if (resource === undefined) throw new Error(`${action} must be a resource`);
  return mockResultProblem(resource, result, mode);
}

const ERROR = "Mock result schema validation error:";

test.each<[string, string, Json, string]>([
  ["a number", "aws-sdk:s3:getObject", { ContentLength: "9000" }, "Field 'ContentLength' must be a number"],
  ["a text", "states:startExecution", { ExecutionArn: "a", StartDate: 5 }, "Field 'StartDate' must be a string"],
  ["a boolean", "aws-sdk:s3:getObject", { DeleteMarker: "true" }, "Field 'DeleteMarker' must be a boolean"],
  ["an array", "events:putEvents", { Entries: "x" }, "Field 'Entries' must be an array"],
  ["an object", "aws-sdk:lambda:getFunction", { Code: [] }, "Field 'Code' must be an object"],
  ["a map", "aws-sdk:lambda:getFunction", { Tags: "x" }, "Field 'Tags' must be an object"],
  ["an element", "events:putEvents", { Entries: [{}, { EventId: [] }] }, "Field 'EventId' must be a string"],
  ["a map's value", "aws-sdk:lambda:getFunction", { Tags: { a: 1 } }, "Field 'Tags' must be a string"],
])("%s of the wrong type", (_what, action, result, message) => {
  expect(problem(action, result)).toBe(`${ERROR} ${message}`);
  expect(problem(action, result, "PRESENT")).toBe(`${ERROR} ${message}`);
  expect(problem(action, result, "NONE")).toBe(undefined);
});

test.each<[string, Json, string]>([
  ["aws-sdk:s3:getObject", { StorageClass: "Papyrus" }, "Field 'StorageClass' is not an expected value"],
  [
    "aws-sdk:lambda:getFunction",
    { Configuration: { MemorySize: 127 } },
    "Field 'MemorySize' is less than the minimum value",
  ],
  [
    "aws-sdk:lambda:getFunction",
    { Configuration: { MemorySize: 10241 } },
    "Field 'MemorySize' exceeds the maximum value",
  ],
  ["aws-sdk:kms:encrypt", { CiphertextBlob: "" }, "Field 'CiphertextBlob' is smaller than the minimum length"],
])("a value out of bounds: %s", (action, result, message) => {
  expect(problem(action, result)).toBe(`${ERROR} ${message}`);
});

test("required members count only in STRICT, nested ones too", () => {
  const missing = `${ERROR} Required field 'ExecutionArn' is missing`;
  expect(problem("states:startExecution", {})).toBe(missing);
  expect(problem("states:startExecution", {}, "PRESENT")).toBe(undefined);
  expect(problem("emr-serverless:createApplication.sync", { Application: {} })).toBe(
    `${ERROR} Required field 'ApplicationId' is missing`,
  );
});

test("members unknown to the API are accepted, also in the API's own spelling", () => {
  expect(problem("events:putEvents", { random: "json" })).toBe(undefined);
  expect(problem("states:startExecution", { startDate: 5 }, "PRESENT")).toBe(undefined);
  expect(problem("lambda:invoke", JSON.parse('{"__proto__": {"Payload": 1}}'))).toBe(undefined);
});

test("a .sync task is held against what is polled", () => {
  expect(problem("states:startExecution.sync", { ExecutionArn: "a" })).toBe(
    `${ERROR} Required field 'StateMachineArn' is missing`,
  );
  const described = { ExecutionArn: "a", StateMachineArn: "b", Status: "SUCCEEDED", StartDate: "now" };
  expect(problem("states:startExecution.sync", { ...described, Output: {} })).toBe(
    `${ERROR} Field 'Output' must be a string`,
  );
  expect(problem("states:startExecution.sync:2", { ...described, Output: {} })).toBe(undefined);
  expect(problem("sagemaker:createTrainingJob.sync", {})).toContain("Required field 'TrainingJobName' is missing");
});

test.each([
  "arn:aws:lambda:us-east-1:123456789012:function:f",
  "arn:aws:states:us-east-1:123456789012:activity:a",
  "http:invoke",
  "apigateway:invoke",
  "eks:call",
  "eks:runJob",
  "eks:runJob.sync",
  "sqs:sendMessage.waitForTaskToken",
  "aws-sdk:nosuchservice:act",
  "aws-sdk:s3:noSuchAction",
])("the result of %s may be anything", (action) => {
  expect(problem(action, [1, "x"])).toBe(undefined);
});

test("the result of an API is an object", () => {
  expect(problem("lambda:invoke", "text")).toBe("Mocked result must be a JSON object.");
  expect(problem("lambda:invoke", "text", "NONE")).toBe(undefined);
});

test("a function's payload is a text, as in the API", () => {
  expect(problem("lambda:invoke", { Payload: { a: 1 } })).toBe(`${ERROR} Field 'Payload' must be a string`);
  expect(problem("lambda:invoke", { Payload: "text", SdkHttpMetadata: { HttpStatusCode: 200 } })).toBe(undefined);
});
