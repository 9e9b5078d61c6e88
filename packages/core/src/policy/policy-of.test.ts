import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { type Policy, policyOf } from "./policy-of.ts";

const PLACE = { partition: "aws", region: "eu-west-1", accountId: "123456789012", name: "orders" };

function policy(state: JsonObject): Policy {
  return policyOf({ StartAt: "S", States: { S: state } }, PLACE);
}

const map = (more: JsonObject): JsonObject => ({
  Type: "Map",
  Label: "rows",
  ItemProcessor: {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
    StartAt: "P",
    States: { P: { Type: "Pass", End: true } },
  },
  End: true,
  ...more,
});

const grantsOn = (found: Policy, action: string): readonly string[] =>
  found.document.Statement.flatMap(({ Action, Resource }) => (Action.includes(action) ? Resource : []));

describe("a Distributed Map", () => {
  test("may start, watch, stop and redrive its own children", () => {
    const found = policy(map({}));
    expect(grantsOn(found, "states:StartExecution")).toEqual([
      "arn:aws:states:eu-west-1:123456789012:stateMachine:orders",
    ]);
    expect(grantsOn(found, "states:RedriveExecution")).toEqual([
      "arn:aws:states:eu-west-1:123456789012:execution:orders/rows:*",
    ]);
    expect(grantsOn(found, "states:StopExecution")).toEqual([
      "arn:aws:states:eu-west-1:123456789012:execution:orders:*",
    ]);
  });

  test("may read the one file of its data set, and list no more than its prefix", () => {
    const file = map({
      ItemReader: {
        Resource: "arn:aws:states:::s3:getObject",
        ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
        Parameters: { Bucket: "in", Key: "a/rows.csv" },
      },
    });
    expect(grantsOn(policy(file), "s3:GetObject")).toEqual(["arn:aws:s3:::in/a/rows.csv"]);
    const listing = map({
      ItemReader: { Resource: "arn:aws:states:::s3:listObjectsV2", Parameters: { Bucket: "in", Prefix: "a/" } },
    });
    expect(policy(listing).document.Statement).toContainEqual({
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: ["arn:aws:s3:::in"],
      Condition: { StringLike: { "s3:prefix": ["a/*"] } },
    });
    expect(grantsOn(policy(listing), "s3:GetObject")).toEqual([]);
  });

  test("may read an inventory's manifest and its data, and write below its results' prefix", () => {
    const found = policy(
      map({
        ItemReader: {
          Resource: "arn:aws:states:::s3:getObject",
          ReaderConfig: { InputType: "MANIFEST" },
          Parameters: { Bucket: "inv", Key: "src/all/2024-01-01T00-00Z/manifest.json" },
        },
        ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "out", Prefix: "runs" } },
      }),
    );
    expect(grantsOn(found, "s3:GetObject")).toEqual(
      expect.arrayContaining([
        "arn:aws:s3:::inv/src/all/2024-01-01T00-00Z/manifest.json",
        "arn:aws:s3:::inv/src/all/*",
        "arn:aws:s3:::out/runs/*",
      ]),
    );
    expect(grantsOn(found, "s3:PutObject")).toEqual(["arn:aws:s3:::out/runs/*"]);
    expect(found.notes.map(({ message }) => message)).toContainEqual(
      expect.stringContaining("the manifest names the data files"),
    );
  });

  test("takes the narrowest pattern for what comes at run time, and says so", () => {
    const found = policy(
      map({
        ItemReader: {
          Resource: "arn:aws:states:::s3:getObject",
          ReaderConfig: { InputType: "JSON" },
          Parameters: { Bucket: "in", "Key.$": "$.key" },
        },
      }),
    );
    expect(grantsOn(found, "s3:GetObject")).toEqual(["arn:aws:s3:::in/*"]);
    expect(found.notes).toEqual([{ pointer: "/States/S", message: "S: ItemReader: Key comes from $.key at run time" }]);
  });
});

describe("a task", () => {
  const task = (Resource: string, Parameters: JsonObject = {}, more: JsonObject = {}) =>
    policy({ Type: "Task", Resource, Parameters, End: true, ...more });

  test("may call its function, or the version that it names", () => {
    const f = "arn:aws:lambda:eu-west-1:123456789012:function:f";
    expect(grantsOn(task(f), "lambda:InvokeFunction")).toEqual([f, `${f}:*`]);
    expect(
      grantsOn(task("arn:aws:states:::lambda:invoke", { FunctionName: `${f}:live` }), "lambda:InvokeFunction"),
    ).toEqual([`${f}:live`]);
    expect(
      grantsOn(task("arn:aws:states:::lambda:invoke", { "FunctionName.$": "$.f" }), "lambda:InvokeFunction"),
    ).toEqual([
      "arn:aws:lambda:eu-west-1:123456789012:function:*",
      "arn:aws:lambda:eu-west-1:123456789012:function:*:*",
    ]);
  });

  test("with Credentials needs nothing but to become the other role", () => {
    const role = "arn:aws:iam::210987654321:role/other";
    const found = task(
      "arn:aws:states:::sqs:sendMessage",
      { QueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/q" },
      { Credentials: { RoleArn: role } },
    );
    expect(found.document.Statement).toEqual([{ Effect: "Allow", Action: ["sts:AssumeRole"], Resource: [role] }]);
  });

  test("of an activity, or of a job type of one's own, needs nothing; an unknown one is told", () => {
    expect(task("arn:aws:states:eu-west-1:123456789012:activity:a").document.Statement).toEqual([]);
    expect(task("arn:aws:states:::custom:mine.sync").document.Statement).toEqual([]);
    expect(task("arn:aws:states:::batch:unheardOf").notes).toHaveLength(1);
  });

  test("of the AWS SDK needs the action by IAM's name", () => {
    expect(grantsOn(task("arn:aws:states:::aws-sdk:s3:headObject", { Bucket: "b", Key: "k" }), "s3:GetObject")).toEqual(
      ["arn:aws:s3:::b/k"],
    );
    expect(
      grantsOn(
        task("arn:aws:states:::aws-sdk:sfn:startExecution", {
          StateMachineArn: "arn:aws:states:eu-west-1:123456789012:stateMachine:x",
        }),
        "states:StartExecution",
      ),
    ).toHaveLength(1);
    expect(
      grantsOn(task("arn:aws:states:::aws-sdk:cognitoidentityprovider:listUsers"), "cognito-idp:ListUsers"),
    ).toEqual(["*"]);
  });
});

test("equal statements are one", () => {
  const call = (name: string, next: JsonObject) => ({
    Type: "Task",
    Resource: "arn:aws:states:::dynamodb:getItem",
    Parameters: { TableName: name },
    ...next,
  });
  const { document } = policyOf(
    { StartAt: "A", States: { A: call("t", { Next: "B" }), B: call("t", { Next: "C" }), C: call("u", { End: true }) } },
    PLACE,
  );
  expect(document.Statement).toEqual([
    {
      Effect: "Allow",
      Action: ["dynamodb:GetItem"],
      Resource: ["arn:aws:dynamodb:eu-west-1:123456789012:table/t", "arn:aws:dynamodb:eu-west-1:123456789012:table/u"],
    },
  ]);
});

// The table of docs/supported.md is made from what the connectors perform.
const SUPPORTED = readFileSync(join(import.meta.dirname, "..", "..", "..", "..", "docs", "supported.md"), "utf8")
  .split("\n")
  .flatMap((line) => {
    const [, service = "", action = "", patterns = ""] = /^\| ([a-z-]+) +\| `(\w+)` +\| ([^|]+)\|/.exec(line) ?? [];
    return patterns
      .split(",")
      .map((pattern) => pattern.trim().replaceAll("`", "").replace("request-response", ""))
      .flatMap((pattern) => (service === "" ? [] : [`${service}:${action}${pattern}`]));
  });

describe("every integration", () => {
  test.each(SUPPORTED)("%s is known, in every partition", (call) => {
    for (const partition of ["aws", "aws-cn", "aws-us-gov"]) {
      const state = { Type: "Task", Resource: `arn:${partition}:states:::${call}`, Parameters: {}, End: true };
      const { document, notes } = policyOf({ StartAt: "S", States: { S: state } }, { ...PLACE, partition });
      expect(notes.filter(({ message }) => /is not known/.test(message))).toEqual([]);
      // Kubernetes decides for itself.
      if (!/^eks:(call|runJob)/.test(call)) expect(document.Statement.length).toBeGreaterThan(0);
      if (partition !== "aws") expect(JSON.stringify(document)).not.toContain("arn:aws:");
    }
  });

  test.each<[string, JsonObject, string, string]>([
    [
      "lambda:invoke",
      { FunctionName: "f" },
      "lambda:InvokeFunction",
      "arn:aws:lambda:eu-west-1:123456789012:function:f",
    ],
    ["s3:copyObject", { Bucket: "o", Key: "k", CopySource: "in/x.json" }, "s3:GetObject", "arn:aws:s3:::in/x.json"],
    [
      "dynamodb:batchWriteItem",
      { RequestItems: { t: [] } },
      "dynamodb:BatchWriteItem",
      "arn:aws:dynamodb:eu-west-1:123456789012:table/t",
    ],
    [
      "dynamodb:transactWriteItems",
      { TransactItems: [{ Put: { TableName: "t" } }] },
      "dynamodb:PutItem",
      "arn:aws:dynamodb:eu-west-1:123456789012:table/t",
    ],
    [
      "dynamodb:executeStatement",
      { Statement: "SELECT * FROM t" },
      "dynamodb:PartiQLSelect",
      "arn:aws:dynamodb:eu-west-1:123456789012:table/*",
    ],
    [
      "bedrockruntime:converse",
      { ModelId: "m" },
      "bedrock:InvokeModel",
      "arn:aws:bedrock:eu-west-1::foundation-model/m",
    ],
    [
      "sns:publish",
      { TopicArn: "{% 'arn:aws:sns:eu-west-1:123456789012:t' %}" },
      "sns:Publish",
      "arn:aws:sns:eu-west-1:123456789012:t",
    ],
  ])("aws-sdk:%s %j needs %s", (call, Parameters, action, resource) => {
    const found = policy({ Type: "Task", Resource: `arn:aws:states:::aws-sdk:${call}`, Parameters, End: true });
    expect(grantsOn(found, action)).toContain(resource);
  });

  test("a job that is waited for has the rule that tells of its end, and may be stopped", () => {
    const of = (call: string): string =>
      JSON.stringify(policy({ Type: "Task", Resource: `arn:aws:states:::${call}`, Parameters: {}, End: true }));
    expect(of("emr-serverless:startJobRun.sync")).toContain("rule/StepFunctionsGetEventsForEMRServerlessJobRule");
    expect(of("emr-serverless:startJobRun")).not.toContain("events:");
    expect(of("emr-serverless:createApplication.sync")).toContain("emr-serverless:DeleteApplication");
    expect(of("codebuild:retryBuildBatch.sync")).toContain("codebuild:StopBuildBatch");
    expect(of("eks:createCluster")).not.toContain("eks:DeleteCluster");
    expect(of("eks:createCluster.sync")).toContain("eks:DeleteCluster");
  });
});

const sdk = (call: string, parameters: JsonObject): Policy =>
  policy({ Type: "Task", Resource: `arn:aws:states:::aws-sdk:${call}`, Parameters: parameters, End: true });
const actionsOf = (found: Policy): readonly string[] => found.document.Statement.flatMap(({ Action }) => Action);

describe("calls of the SDK", () => {
  test.each([
    ["s3control:putPublicAccessBlock", "s3:PutAccountPublicAccessBlock"],
    ["s3:putBucketEncryption", "s3:PutEncryptionConfiguration"],
    ["s3:getObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"],
    ["opensearchserverless:listCollections", "aoss:ListCollections"],
    ["neptune:describeDBClusters", "rds:DescribeDBClusters"],
    ["ssmincidents:startIncident", "ssm-incidents:StartIncident"],
    ["apigateway:getRestApis", "apigateway:GET"],
    ["apigatewayv2:createApi", "apigateway:POST"],
  ])("%s is %s", (call, action) => {
    expect(actionsOf(sdk(call, {}))).toEqual([action]);
  });

  test("pass roles on, wherever these stand", () => {
    const role = "arn:aws:iam::123456789012:role/job";
    const started = sdk("emrserverless:startJobRun", { ApplicationId: "a", ExecutionRoleArn: role });
    expect(grantsOn(started, "iam:PassRole")).toEqual([role]);
    const targets = sdk("eventbridge:putTargets", { Rule: "r", Targets: [{ Id: "1", "RoleArn.$": "$.role" }] });
    expect(grantsOn(targets, "iam:PassRole")).toEqual(["arn:aws:iam::123456789012:role/*"]);
    const crawler = sdk("glue:createCrawler", { Name: "c", Role: "crawls" });
    expect(grantsOn(crawler, "iam:PassRole")).toEqual(["arn:aws:iam::123456789012:role/crawls"]);
    const server = sdk("transfer:createUser", { Role: role, UserName: "u" });
    expect(grantsOn(server, "iam:PassRole")).toEqual([role]);
    const schedule = sdk("scheduler:createSchedule", { Name: "s", "Target.$": "$.target" });
    expect(grantsOn(schedule, "iam:PassRole")).toEqual(["arn:aws:iam::123456789012:role/*"]);
    expect(actionsOf(sdk("fis:getExperimentTemplate", { Id: "x", roleArn: role }))).toEqual([
      "fis:GetExperimentTemplate",
    ]);
  });

  test("reach indexes, versions and executions", () => {
    const table = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders";
    const query = sdk("dynamodb:query", { TableName: "orders", IndexName: "by-day" });
    expect(grantsOn(query, "dynamodb:Query")).toEqual([table, `${table}/index/by-day`]);
    const old = sdk("s3:getObject", { Bucket: "b", Key: "k", VersionId: "1" });
    expect(grantsOn(old, "s3:GetObjectVersion")).toEqual(["arn:aws:s3:::b/k"]);
    const put = sdk("s3:putObject", { Bucket: "b", Key: "k", Tagging: "a=b", ACL: "private" });
    expect(actionsOf(put)).toEqual(["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging"]);
    const point = "arn:aws:s3:eu-west-1:123456789012:accesspoint/ap";
    expect(grantsOn(sdk("s3:getObject", { Bucket: point, Key: "k" }), "s3:GetObject")).toEqual([`${point}/object/k`]);
    const execution = "arn:aws:states:eu-west-1:123456789012:execution:orders:1";
    expect(grantsOn(sdk("sfn:stopExecution", { ExecutionArn: execution }), "states:StopExecution")).toEqual([
      execution,
    ]);
  });
});

test("an inference profile of Bedrock reaches its model in every region", () => {
  const invoke = (id: string): readonly string[] =>
    grantsOn(
      policy({
        Type: "Task",
        Resource: "arn:aws:states:::bedrock:invokeModel",
        Parameters: { ModelId: id },
        End: true,
      }),
      "bedrock:InvokeModel",
    );
  const profile = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/global.amazon.nova-2-lite-v1:0";
  const model = "arn:aws:bedrock:*::foundation-model/amazon.nova-2-lite-v1:0";
  expect(invoke("global.amazon.nova-2-lite-v1:0")).toEqual([model, profile]);
  expect(invoke(profile)).toEqual([model, profile]);
  expect(invoke("amazon.nova-2-lite-v1:0")).toEqual([
    "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-2-lite-v1:0",
  ]);
  expect(grantsOn(sdk("bedrockruntime:converse", { ModelId: "eu.some.model" }), "bedrock:InvokeModel")).toEqual([
    "arn:aws:bedrock:*::foundation-model/some.model",
    "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.some.model",
  ]);
});

test("queues and functions are found however they are named", () => {
  const queue = "arn:aws:sqs:us-east-1:210987654321:q";
  for (const host of [
    "sqs.us-east-1.amazonaws.com",
    "us-east-1.queue.amazonaws.com",
    "vpce-1.sqs.us-east-1.vpce.amazonaws.com",
  ]) {
    const QueueUrl = `https://${host}/210987654321/q`;
    expect(grantsOn(sdk("sqs:receiveMessage", { QueueUrl }), "sqs:ReceiveMessage")).toEqual([queue]);
  }
  const partial = sdk("lambda:invoke", { FunctionName: "210987654321:function:f:live" });
  expect(grantsOn(partial, "lambda:InvokeFunction")).toEqual(["arn:aws:lambda:eu-west-1:210987654321:function:f:live"]);
});
