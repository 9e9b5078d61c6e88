import { expect, test } from "vitest";
import { actionName, memberName, sdkMemberName } from "./names.ts";
import { readParameters } from "./parameters.ts";
import { serviceModel, servicePrefixes } from "./service-model.ts";

test.each([
  ["dynamodb", "DynamoDb"],
  ["sfn", "Sfn"],
  ["cloudwatchlogs", "CloudWatchLogs"],
  ["databasemigration", "DatabaseMigration"],
  ["elasticloadbalancingv2", "ElasticLoadBalancingV2"],
  ["sesv2", "SesV2"],
  ["wafv2", "Wafv2"],
  ["mturk", "MTurk"],
  ["fsx", "FSx"],
  ["xray", "XRay"],
])("the errors of %s begin with %s", (service, prefix) => {
  expect(serviceModel(service)?.exceptionPrefix).toBe(prefix);
});

test.each(["", "nosuchservice", "../index", "constructor", "DynamoDB"])("there is no service %j", (service) => {
  expect(serviceModel(service)).toBe(undefined);
});

test("every service has operations", () => {
  expect(servicePrefixes().size).toBeGreaterThan(400);
  for (const service of servicePrefixes().keys()) {
    const model = serviceModel(service);
    const [action] = model?.actions() ?? [];
    expect(model?.operation(action ?? "")?.http.method, service).toMatch(/^[A-Z]+$/);
  }
}, 180_000);

test("actions are spelled as in the SDK for Java", () => {
  expect(["GetItem", "DBThing", "DescribeDBInstances", "AAA", "ABC1", "IPs"].map(actionName)).toEqual([
    "getItem",
    "dbThing",
    "describeDBInstances",
    "aaa",
    "abc1",
    "iPs",
  ]);
  expect(serviceModel("rds")?.operation("describeDBInstances")?.name).toBe("DescribeDBInstances");
  expect(serviceModel("s3")?.operation("GetObject")).toBe(undefined);
});

test("a model knows its errors", () => {
  const s3 = serviceModel("s3");
  const names = ["NoSuchKey", "GetObjectOutput", "MadeUp", "constructor"];
  expect(names.filter((name) => s3?.hasException(name))).toEqual(["NoSuchKey"]);
});

test("members are spelled with a capital", () => {
  expect(["taskArn", "ETag", "equals"].map(memberName)).toEqual(["TaskArn", "ETag", "EqualsValue"]);
});

test("members of the SDK for Java 2 have acronyms as words", () => {
  const names = {
    DBInstanceIdentifier: "DbInstanceIdentifier",
    SNSTopicArn: "SnsTopicArn",
    SSEKMSKeyId: "SsekmsKeyId",
    MD5OfBody: "Md5OfBody",
    VPCZoneIdentifier: "VpcZoneIdentifier",
    ETag: "ETag",
    S3Uri: "S3Uri",
    stateMachineArn: "StateMachineArn",
    equals: "EqualsValue",
  };
  expect(Object.keys(names).map(sdkMemberName)).toEqual(Object.values(names));
});

function read(service: string, action: string, parameters: object) {
  const model = serviceModel(service)!;
  return readParameters(model, model.operation(action)!, parameters as never);
}

test("parameters become the API's input", () => {
  const parameters = {
    StateMachineArn: "a",
    LoggingConfiguration: { IncludeExecutionData: " TRUE ", Destinations: [{ CloudWatchLogsLogGroup: {} }] },
    TracingConfiguration: { Enabled: 0 },
  };
  expect(read("sfn", "updateStateMachine", parameters)).toEqual({
    ok: true,
    input: {
      stateMachineArn: "a",
      loggingConfiguration: { includeExecutionData: true, destinations: [{ cloudWatchLogsLogGroup: {} }] },
      tracingConfiguration: { enabled: false },
    },
  });
});

test("all problems of parameters are told, with their places", () => {
  const result = read("sfn", "updateStateMachine", {
    stateMachineArn: "a",
    LoggingConfiguration: { Level: 5, Destinations: [{ Other: 1 }] },
    Publish: "perhaps",
  });
  expect(result).toMatchObject({
    ok: false,
    problems: [
      { kind: "missing", path: ["StateMachineArn"] },
      { kind: "unknown", path: ["stateMachineArn"] },
      { kind: "mistyped", path: ["LoggingConfiguration", "Level"] },
      { kind: "unknown", path: ["LoggingConfiguration", "Destinations", 0, "Other"] },
      { kind: "mistyped", path: ["Publish"] },
    ],
  });
});

test("members of maps keep their names, and attribute values of DynamoDB nest", () => {
  const Item = { id: { S: "1" }, tags: { L: [{ M: { deep: { BOOL: "false" } } }] } };
  expect(read("dynamodb", "putItem", { TableName: "t", Item })).toEqual({
    ok: true,
    input: { TableName: "t", Item: { id: { S: "1" }, tags: { L: [{ M: { deep: { BOOL: false } } }] } } },
  });
});
