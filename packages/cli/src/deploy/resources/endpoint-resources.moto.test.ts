import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AwsEndpoints } from "../aws-endpoints.ts";
import { applyPlans, type Deployment, planStacks } from "../deploy-stacks.ts";
import { applyDestroy, planDestroy } from "../destroy-stacks.ts";
import { dataDirectory } from "../target/data-directory.ts";
import type { StepFunctionsTarget } from "../target/step-functions-target.ts";

// Queues, topics, tables, buckets, buses and secrets behind an endpoint: made, changed, found gone, removed.

const HAS_MOTO = isThere();
if (!HAS_MOTO) process.stderr.write("SKIPPED: deployed resources of other services: moto_server is not on PATH\n");

const directory = mkdtempSync(join(tmpdir(), "stepwell-endpoints-"));
let moto: ChildProcess;
let endpoints: AwsEndpoints;
let target: StepFunctionsTarget;

describe.skipIf(!HAS_MOTO)("resources behind an endpoint", () => {
  beforeAll(async () => {
    const port = await freePort();
    moto = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
    const url = `http://127.0.0.1:${port}`;
    await answering(url);
    endpoints = new AwsEndpoints({ env: {}, endpoints: { default: url } });
    target = await dataDirectory({ dataDir: join(directory, "data") });
  }, 180_000);
  afterAll(async () => {
    moto?.kill();
    await target?.close();
    await endpoints?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("are made, stay, change, come back, and go", { timeout: 60_000 }, async () => {
    const first = await deploy(template("30"));
    expect(new Set(first)).toEqual(new Set(["create"]));
    expect(new Set(await deploy(template("30")))).toEqual(new Set(["unchanged"]));
    const QueueUrl = await queueUrl();
    expect(await visibility(QueueUrl)).toBe("30");

    expect((await deploy(template("60"))).filter((action) => action !== "unchanged")).toEqual(["update"]);
    expect(await visibility(QueueUrl)).toBe("60");

    await endpoints.call("sqs", "deleteQueue", { QueueUrl });
    await endpoints.call("dynamodb", "deleteTable", { TableName: "shop-Table" });
    expect((await deploy(template("60"))).filter((action) => action !== "unchanged")).toEqual(["create", "create"]);
    expect(await visibility(await queueUrl())).toBe("60");

    await endpoints.call("s3", "putObject", { Bucket: "shop-bucket", Key: "a/b", Body: "x" });
    await applyDestroy(await planDestroy(["shop"], deployment()), deployment());
    await expect(queueUrl()).rejects.toThrow(/NonExistentQueue|QueueDoesNotExist/);
    await expect(endpoints.call("s3", "headBucket", { Bucket: "shop-bucket" })).rejects.toThrow(
      /NotFound|NoSuchBucket|404/,
    );
    expect(await endpoints.call("sns", "listTopics", {})).toMatchObject({ Topics: [] });
  });
});

const template = (seconds: string): string => `
Resources:
  Queue: { Type: AWS::SQS::Queue, Properties: { VisibilityTimeout: ${seconds}, RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 } } }
  Dead: { Type: AWS::SQS::Queue }
  Topic: { Type: AWS::SNS::Topic }
  Subscription: { Type: AWS::SNS::Subscription, Properties: { TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Queue.Arn, RawMessageDelivery: true } }
  Table: { Type: AWS::DynamoDB::Table, Properties: { KeySchema: [{ AttributeName: id, KeyType: HASH }], AttributeDefinitions: [{ AttributeName: id, AttributeType: S }] } }
  Bucket: { Type: AWS::S3::Bucket, Properties: { Tags: [{ Key: aws-cdk:auto-delete-objects, Value: "true" }] } }
  Bus: { Type: AWS::Events::EventBus }
  Secret: { Type: AWS::SecretsManager::Secret, Properties: { GenerateSecretString: { GenerateStringKey: password, SecretStringTemplate: '{"user":"x"}' } } }
`;

function deployment(): Deployment {
  return {
    identity: { partition: "aws", region: "us-east-1", accountId: "123456789012" },
    dataDirectory: join(directory, "data"),
    endpoints,
    nameOnly: new Set(),
    adopt: false,
    target,
    tell: () => undefined,
  };
}

async function deploy(text: string): Promise<string[]> {
  writeFileSync(join(directory, "shop.yaml"), text);
  const options = { only: [], parameters: new Map(), machine: {} };
  const plans = await planStacks([join(directory, "shop.yaml")], options, deployment());
  await applyPlans(plans, deployment());
  return plans.flatMap(({ steps }) => steps.map(({ action }) => action));
}

async function queueUrl(): Promise<string> {
  return String((await endpoints.call("sqs", "getQueueUrl", { QueueName: "shop-Queue" }))["QueueUrl"]);
}

async function visibility(QueueUrl: string): Promise<unknown> {
  const AttributeNames = ["VisibilityTimeout"];
  const { Attributes } = await endpoints.call("sqs", "getQueueAttributes", { QueueUrl, AttributeNames });
  return (Attributes as { readonly VisibilityTimeout: unknown }).VisibilityTimeout;
}

function isThere(): boolean {
  try {
    execFileSync("moto_server", ["--help"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function answering(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const answered = await fetch(`${url}/moto-api/`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(100);
  }
  throw new Error("moto_server did not answer");
}
