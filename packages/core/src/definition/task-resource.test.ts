import { expect, test } from "vitest";
import { parseTaskResource } from "./task-resource.ts";

test("a service integration is taken apart", () => {
  expect(parseTaskResource("arn:aws:states:::states:startExecution.sync:2")).toEqual({
    kind: "service",
    arn: "arn:aws:states:::states:startExecution.sync:2",
    partition: "aws",
    service: "states",
    action: "startExecution",
    pattern: "sync",
    resource: "startExecution.sync:2",
  });
  expect(parseTaskResource("arn:aws-cn:states:::sqs:sendMessage.waitForTaskToken")).toMatchObject({
    partition: "aws-cn",
    pattern: "waitForTaskToken",
    resource: "sendMessage.waitForTaskToken",
  });
});

test("an SDK integration keeps its prefix in the service", () => {
  expect(parseTaskResource("arn:aws:states:::aws-sdk:dynamodb:putItem")).toMatchObject({
    service: "aws-sdk:dynamodb",
    action: "putItem",
    pattern: "requestResponse",
    resource: "putItem",
  });
});

test("jobs of the user's own systems have names of the user's own", () => {
  expect(parseTaskResource("arn:aws:states:::custom:render_all-2.sync")).toMatchObject({
    service: "custom",
    action: "render_all-2",
    pattern: "sync",
  });
  expect(parseTaskResource("arn:aws:states:::custom:render.waitForTaskToken")).toBeUndefined();
  expect(parseTaskResource("arn:aws:states:::sqs:send_Message")).toBeUndefined();
});

test("functions and activities are called by their ARNs", () => {
  const activity = "arn:aws:states:us-east-1:123456789012:activity:a";
  expect(parseTaskResource(activity)).toEqual({ kind: "activity", arn: activity });
  const lambda = "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST";
  expect(parseTaskResource(lambda)).toEqual({ kind: "lambda", arn: lambda });
});

test.each([
  "",
  "x",
  "arn:aws:states:::dynamodb:query",
  "arn:aws:states:::dynamodb:putItem.sync",
  "arn:aws:states:::sqs:sendMessage.sync",
  "arn:aws:states:::states:startExecution.sync:3",
  "arn:aws:states:::aws-sdk:s3:getObject.sync",
  "arn:aws:states:::aws-sdk:s3:GetObject",
  "arn:aws:states:::aws-sdk:lambda:invokeWithResponseStream",
  "arn:aws:states:::constructor:toString",
  "arn:aws:states:::sqs:constructor",
  "arn:aws:states:us-east-1:123456789012:activity:",
  "arn:aws:lambda:us-east-1:123456789012:layer:x",
  "arn:aws:swf:us-east-1:123456789012:task:X",
])("not recognised: %j", (arn) => {
  expect(parseTaskResource(arn)).toBeUndefined();
});
