import { Rejection } from "@stepwell/engine";
import { expect, test } from "vitest";
import { API_MODEL, type OperationName } from "./generated/api-model.ts";
import { readInput } from "./read-input.ts";

function read(operation: OperationName, body: unknown): object {
  return readInput(API_MODEL, operation, body);
}

function refusal(operation: OperationName, body: unknown): string {
  try {
    read(operation, body);
  } catch (error) {
    if (error instanceof Rejection) return `${error.name}: ${error.message}`;
    throw error;
  }
  return "accepted";
}

const STATE_MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:a";
const PREFIX = "ValidationException: 1 validation error detected: ";

test("members that the model does not know are dropped, null is absent", () => {
  expect(read("ListActivities", { maxResults: 5, nextToken: null, other: { deep: [1] } })).toEqual({ maxResults: 5 });
});

test("a member called __proto__ changes no prototype", () => {
  const input = read("ListActivities", JSON.parse('{"__proto__": {"maxResults": 7}, "maxResults": 1}'));
  expect(input).toEqual({ maxResults: 1 });
  expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
  expect(refusal("DescribeActivity", JSON.parse('{"__proto__": {"activityArn": "x"}}'))).toContain("activityArn");
});

test("a value above its bound is quoted with its member", () => {
  expect(refusal("ListExecutions", { stateMachineArn: STATE_MACHINE, maxResults: 1001 })).toBe(
    `${PREFIX}Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000`,
  );
});

test("an unknown enumeration value is answered with the set in AWS's order", () => {
  expect(refusal("ListExecutions", { stateMachineArn: STATE_MACHINE, statusFilter: "succeeded" })).toBe(
    `${PREFIX}Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]`,
  );
});

test("a page token of ListExecutions may be longer than others", () => {
  const rule = "failed to satisfy constraint: Member must have length less than or equal to";
  const [long, longer] = ["x".repeat(1_025), "x".repeat(3_097)];
  expect(refusal("ListActivities", { nextToken: long })).toBe(`${PREFIX}Value '${long}' at 'nextToken' ${rule} 1024`);
  expect(refusal("ListExecutions", { nextToken: long })).toBe("accepted");
  expect(refusal("ListExecutions", { nextToken: longer })).toBe(
    `${PREFIX}Value '${longer}' at 'nextToken' ${rule} 3096`,
  );
});

test("a name that breaks a pattern shows the pattern", () => {
  const routingConfiguration = [{ stateMachineVersionArn: `${STATE_MACHINE}:1`, weight: 100 }];
  expect(refusal("CreateStateMachineAlias", { name: "123", routingConfiguration })).toBe(
    `${PREFIX}Value '123' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$`,
  );
});

test("a list that is too long is shown as Java shows it, and elements are counted from 1", () => {
  const routes = [50, 30, 20].map((weight, index) => ({
    stateMachineVersionArn: `${STATE_MACHINE}:${index + 1}`,
    weight,
  }));
  expect(refusal("CreateStateMachineAlias", { name: "a", routingConfiguration: routes })).toBe(
    `${PREFIX}Value '[RoutingConfigurationListItem(stateMachineVersionArn=${STATE_MACHINE}:1, weight=50), RoutingConfigurationListItem(stateMachineVersionArn=${STATE_MACHINE}:2, weight=30), RoutingConfigurationListItem(stateMachineVersionArn=${STATE_MACHINE}:3, weight=20)]' at 'routingConfiguration' failed to satisfy constraint: Member must have length less than or equal to 2`,
  );
  const heavy = [{ stateMachineVersionArn: `${STATE_MACHINE}:1`, weight: 101 }];
  expect(refusal("CreateStateMachineAlias", { name: "a", routingConfiguration: heavy })).toBe(
    `${PREFIX}Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value less than or equal to 100`,
  );
});

test("all violations come in one message", () => {
  expect(refusal("CreateStateMachine", { name: "" })).toBe(
    "ValidationException: 3 validation errors detected: Value null at 'definition' failed to satisfy constraint: Member must not be null; Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
  );
});

test("a sensitive value is not quoted, and payloads are measured in bytes", () => {
  const input = JSON.stringify("é".repeat(131_072));
  expect(refusal("StartExecution", { stateMachineArn: STATE_MACHINE, input })).toBe(
    `${PREFIX}Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144`,
  );
});

test("an empty definition is left to the definition's own validation", () => {
  expect(refusal("ValidateStateMachineDefinition", { definition: "" })).toBe("accepted");
});

test.each([
  ["a number for a string", { activityArn: 7 }, "NUMBER_VALUE can not be converted to a String"],
  ["a boolean for a string", { activityArn: true }, "TRUE_VALUE can not be converted to a String"],
  ["a list for a string", { activityArn: ["a"] }, "Start of list found where not expected"],
  ["an object for a string", { activityArn: {} }, "Start of structure or map found where not expected."],
])("%s is a SerializationException", (_what, body, message) => {
  expect(refusal("DescribeActivity", body)).toBe(`SerializationException: ${message}`);
});

test.each([
  [{ maxResults: "5" }, "STRING_VALUE can not be converted to an Integer"],
  [{ maxResults: 1.5 }, "NUMBER_VALUE can not be converted to an Integer"],
  [{ maxResults: 2 ** 40 }, "NUMBER_VALUE can not be converted to an Integer"],
])("%j is no page size", (body, message) => {
  expect(refusal("ListActivities", body)).toBe(`SerializationException: ${message}`);
});

test.each([[[]], ["text"], [5], [true]])("%j is no request", (body) => {
  expect(refusal("ListActivities", body)).toMatch(/^SerializationException/);
});
