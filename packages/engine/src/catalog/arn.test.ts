import { expect, test } from "vitest";
import { parseActivityArn, parseExecutionArn, parseStateMachineArn, taggableKind } from "./arn.ts";

const PREFIX = "arn:aws:states:us-east-1:123456789012";

test("a state machine is named alone, with a version, or with an alias", () => {
  const stateMachineArn = `${PREFIX}:stateMachine:orders.v2`;
  const named = { stateMachineArn, name: "orders.v2" };
  expect(parseStateMachineArn(stateMachineArn)).toEqual(named);
  expect(parseStateMachineArn(`${stateMachineArn}:12`)).toEqual({ ...named, version: 12 });
  expect(parseStateMachineArn(`${stateMachineArn}:PROD`)).toEqual({ ...named, alias: "PROD" });
});

test("other partitions and accounts are taken apart too", () => {
  const arn = "arn:aws-cn:states:cn-north-1:000000000000:stateMachine:a";
  expect(parseStateMachineArn(arn).stateMachineArn).toBe(arn);
});

test("the ARN of a distributed Map's processor is a ValidationException with a reason", () => {
  expect(() => parseStateMachineArn(`${PREFIX}:stateMachine:orders/items`)).toThrow(
    expect.objectContaining({
      name: "ValidationException",
      details: { reason: "API_DOES_NOT_SUPPORT_LABELED_ARNS" },
    }),
  );
});

test.each([
  [parseStateMachineArn, "not_a_valid_arn", "Invalid ARN prefix: not_a_valid_arn"],
  [parseStateMachineArn, `${PREFIX}:activity:a`, "Resource type not valid in this context: activity"],
  [parseStateMachineArn, `${PREFIX}:stateMachine:`, `Invalid ARN: ${PREFIX}:stateMachine:`],
  [parseStateMachineArn, `${PREFIX}:stateMachine:a:1:2`, `Invalid ARN: ${PREFIX}:stateMachine:a:1:2`],
  [parseStateMachineArn, `${PREFIX}:stateMachine:a:`, `Invalid ARN: ${PREFIX}:stateMachine:a:`],
  [parseExecutionArn, "", "Invalid ARN prefix: "],
  [parseExecutionArn, `${PREFIX}:express:a:b:c`, "Resource type not valid in this context: express"],
  [parseExecutionArn, `${PREFIX}:stateMachine:a`, "Resource type not valid in this context: stateMachine"],
  [parseExecutionArn, `${PREFIX}:execution:a`, `Invalid ARN: ${PREFIX}:execution:a`],
  [parseActivityArn, "no_an_activity_arn", "Invalid ARN prefix: no_an_activity_arn"],
  [parseActivityArn, `${PREFIX}:activity:a:b`, `Invalid ARN: ${PREFIX}:activity:a:b`],
  [taggableKind, "arn:aws:lambda:us-east-1:1:function:f", "Invalid ARN: arn:aws:lambda:us-east-1:1:function:f"],
])("%o refuses %s", (parse, arn, reason) => {
  expect(() => parse(arn)).toThrow(
    expect.objectContaining({ name: "InvalidArn", message: `Invalid Arn: '${reason}'` }),
  );
});
