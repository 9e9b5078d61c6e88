import { parseTaskResource } from "@stepwell/core";
import { describe, expect, it } from "vitest";
import { staticParameterProblems } from "./static-parameters.ts";

function problems(integration: string, template: unknown, language: "JSONPath" | "JSONata" = "JSONPath"): string[] {
  const resource = parseTaskResource(`arn:aws:states:::${integration}`);
  if (resource === undefined || resource.kind === "activity") throw new Error(`${integration} must be a resource`);
  const found = staticParameterProblems(resource, template as never, language);
  return found.map(({ path, message }) => [...path, message].join("/"));
}

const missing = (name: string) => `The field '${name}' is required but was missing`;
const unknown = (name: string) => `The field '${name}' is not supported by Step Functions`;

describe("names in parameters as they are written", () => {
  it("that the API requires must be there, as values or as paths", () => {
    expect(problems("sqs:sendMessage", { "MessageBody.$": "$" })).toEqual([missing("QueueUrl")]);
    expect(problems("aws-sdk:rekognition:detectLabels", {})).toEqual([missing("Image")]);
    expect(problems("lambda:invoke", {})).toEqual([missing("FunctionName")]);
    expect(problems("elasticmapreduce:addStep.sync", { "ClusterId.$": "$.id" })).toEqual([missing("Step")]);
  });

  it("that a token fills by itself may be left out", () => {
    expect(problems("emr-containers:createVirtualCluster", { Name: "n", ContainerProvider: {} })).toEqual([]);
  });

  it("that nobody knows are refused at any depth, with their place", () => {
    expect(problems("sns:publish", { Message: "m", topicArn: "t" })).toEqual([unknown("topicArn")]);
    const overrides = { ContainerOverrides: [{ Name: "c", Image: "i" }] };
    expect(problems("ecs:runTask", { TaskDefinition: "t", Overrides: overrides })).toEqual([
      `Overrides/ContainerOverrides/0/${unknown("Image")}`,
    ]);
  });

  it("that the engine fills itself are refused where it waits for the job", () => {
    const task = { TaskDefinition: "t", StartedBy: "me" };
    expect(problems("ecs:runTask", task)).toEqual([]);
    expect(problems("ecs:runTask.sync", task)).toEqual([unknown("StartedBy")]);
  });

  it("are the SDK's own in aws-sdk integrations", () => {
    expect(problems("aws-sdk:rds:describeDBInstances", { DbInstanceIdentifier: "i" })).toEqual([]);
    expect(problems("aws-sdk:rds:describeDBInstances", { DBInstanceIdentifier: "i" })).toEqual([
      unknown("DBInstanceIdentifier"),
    ]);
  });

  it("may be the API's own below the top of optimised ones", () => {
    const job = { JobName: "j", JobQueue: "q", JobDefinition: "d", RetryStrategy: { attempts: 2 } };
    expect(problems("batch:submitJob", job)).toEqual([]);
  });

  it("of maps and of free values are anything", () => {
    const call = { FunctionName: "f", Payload: { any: { thing: 1 } } };
    expect(problems("lambda:invoke", call)).toEqual([]);
    expect(problems("dynamodb:getItem", { TableName: "t", Key: { anything: { S: "1" } } })).toEqual([]);
  });

  it("end with .$ in JSONata only when they are called so", () => {
    const send = { QueueUrl: "{% $q %}", "MessageBody.$": "$" };
    expect(problems("sqs:sendMessage", send, "JSONata")).toEqual([missing("MessageBody"), unknown("MessageBody.$")]);
  });

  it("are not asked for where the whole is an expression, or the input is given as it is", () => {
    expect(problems("sqs:sendMessage", "{% $states.input %}", "JSONata")).toEqual([]);
    expect(problems("sqs:sendMessage", undefined)).toEqual([]);
  });
});
