/** Calls that really happen, on moto's server; what they did is read back with the AWS SDK. */

import { AthenaClient, GetQueryExecutionCommand } from "@aws-sdk/client-athena";
import {
  BatchClient,
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  DescribeJobsCommand,
  RegisterJobDefinitionCommand,
} from "@aws-sdk/client-batch";
import { BatchGetBuildsCommand, CodeBuildClient, CreateProjectCommand } from "@aws-sdk/client-codebuild";
import { CreateTableCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import { EKSClient, ListClustersCommand } from "@aws-sdk/client-eks";
import { DescribeClusterCommand, EMRClient, ListInstanceGroupsCommand, ListStepsCommand } from "@aws-sdk/client-emr";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateJobCommand, GetJobRunsCommand, GlueClient } from "@aws-sdk/client-glue";
import { CreateBucketCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeTrainingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { TaskOutcome, TaskRequest } from "@stepwell/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasMoto, type Moto, pollTask, serviceTask, startMoto, startTask } from "../testing/service-fixture.ts";
import { AwsServices } from "./aws-services.ts";

if (!hasMoto) console.log("SKIPPED: the integrations with AWS's services: moto_server is not on PATH");

const ROLE = "arn:aws:iam::123456789012:role/a-role";

describe.skipIf(!hasMoto)("on moto's server", { timeout: 60_000 }, () => {
  let moto: Moto;
  let services: AwsServices;
  let aws: { region: string; endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };

  beforeAll(async () => {
    moto = await startMoto();
    services = new AwsServices({ endpoints: { default: moto.endpoint }, env: { HOME: "/nonexistent" } });
    aws = {
      region: "us-east-1",
      endpoint: moto.endpoint,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    await fetch(`${moto.endpoint}/moto-api/config`, { method: "POST", body: '{"batch": {"use_docker": false}}' });
  }, 180_000);

  afterAll(async () => {
    await services?.close();
    await moto?.close();
  });

  async function succeeded(integration: string, parameters: unknown): Promise<Record<string, never>> {
    return outputOf(await startTask(services, serviceTask(integration, parameters)));
  }

  /** Runs a job to its end. */
  async function ran(integration: string, parameters: unknown): Promise<Record<string, never>> {
    const request = serviceTask(integration, parameters);
    return outputOf(await pollTask(services, request, await submitted(request)));
  }

  async function submitted(request: TaskRequest): Promise<string> {
    const outcome = await startTask(services, request);
    if (outcome.kind !== "submitted" || outcome.handle === undefined) throw new Error(JSON.stringify(outcome));
    return outcome.handle;
  }

  function outputOf(outcome: TaskOutcome): Record<string, never> {
    if (outcome.kind === "failed") throw new Error(JSON.stringify(outcome));
    return JSON.parse(outcome.output) as Record<string, never>;
  }

  async function queue(name: string): Promise<{ url: string; receive: () => Promise<string> }> {
    const sqs = new SQSClient(aws);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const receive = async () => {
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: QueueUrl! }));
      return Messages?.[0]?.Body ?? "";
    };
    return { url: QueueUrl!, receive };
  }

  it("a message is sent to a queue, an object as JSON", async () => {
    const { url, receive } = await queue("messages");
    const sent = await succeeded("sqs:sendMessage", { QueueUrl: url, MessageBody: { a: 1 } });
    expect(Object.keys(sent)).toEqual(["MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"]);
    expect(await receive()).toBe('{"a":1}');
  });

  it("a task token goes out, and the task waits", async () => {
    const { url, receive } = await queue("tokens");
    const request = serviceTask("sqs:sendMessage.waitForTaskToken", { QueueUrl: url, MessageBody: "token" });
    expect(await startTask(services, request)).toMatchObject({ kind: "submitted" });
    expect(await receive()).toBe("token");
  });

  it("a notification reaches its subscribers", async () => {
    const { url, receive } = await queue("notified");
    const sns = new SNSClient(aws);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "topic" }));
    const subscription = {
      TopicArn: TopicArn!,
      Protocol: "sqs",
      Endpoint: "arn:aws:sqs:us-east-1:123456789012:notified",
    };
    await sns.send(new SubscribeCommand({ ...subscription, Attributes: { RawMessageDelivery: "true" } }));
    expect(url).toContain("notified");
    await succeeded("sns:publish", { TopicArn, Message: { hello: true } });
    expect(await receive()).toBe('{"hello":true}');
  });

  it("items are put, updated, read and deleted", async () => {
    const dynamodb = new DynamoDBClient(aws);
    const Key = { id: { S: "1" } };
    await dynamodb.send(
      new CreateTableCommand({
        TableName: "t",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
    await succeeded("dynamodb:putItem", { TableName: "t", Item: { ...Key, n: { N: "1" } } });
    await succeeded("dynamodb:updateItem", {
      TableName: "t",
      Key,
      UpdateExpression: "SET n = :n",
      ExpressionAttributeValues: { ":n": { N: "2" } },
    });
    expect((await dynamodb.send(new GetItemCommand({ TableName: "t", Key }))).Item).toEqual({ ...Key, n: { N: "2" } });
    expect(await succeeded("dynamodb:getItem", { TableName: "t", Key })).toMatchObject({
      Item: { ...Key, n: { N: "2" } },
    });
    await succeeded("dynamodb:deleteItem", { TableName: "t", Key });
    expect((await dynamodb.send(new GetItemCommand({ TableName: "t", Key }))).Item).toBeUndefined();
  });

  it("events say which execution sent them", async () => {
    const { receive } = await queue("events");
    const events = new EventBridgeClient(aws);
    await events.send(new PutRuleCommand({ Name: "all", EventPattern: '{"source": ["test"]}' }));
    const target = { Id: "1", Arn: "arn:aws:sqs:us-east-1:123456789012:events" };
    await events.send(new PutTargetsCommand({ Rule: "all", Targets: [target] }));
    const entry = { Source: "test", DetailType: "d", Detail: { a: 1 }, Resources: ["mine"] };
    expect(await succeeded("events:putEvents", { Entries: [entry] })).toMatchObject({ FailedEntryCount: 0 });
    const { stateMachineArn, executionArn } = serviceTask("events:putEvents", {});
    expect(JSON.parse(await receive())).toMatchObject({
      detail: { a: 1 },
      resources: ["mine", stateMachineArn, executionArn],
    });
  });

  it("an ECS task is run, and stopped when nobody waits for it", async () => {
    const ecs = new ECSClient(aws);
    await ecs.send(new CreateClusterCommand({ clusterName: "c" }));
    await ecs.send(
      new RegisterTaskDefinitionCommand({ family: "f", containerDefinitions: [{ name: "a", image: "b", memory: 4 }] }),
    );
    const Subnets = [await defaultSubnet(moto.endpoint)];
    const request = serviceTask("ecs:runTask.sync", {
      Cluster: "c",
      TaskDefinition: "f",
      LaunchType: "FARGATE",
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets } },
    });
    const handle = await submitted(request);
    const { Task } = (JSON.parse(handle) as { job: { Task: string } }).job;
    const task = async () => (await ecs.send(new DescribeTasksCommand({ cluster: "c", tasks: [Task] }))).tasks?.[0];
    expect((await task())?.startedBy).toBe("AWS Step Functions");
    await services.connectorFor(request)?.cancel?.(request, handle);
    expect(await task()).toMatchObject({ desiredStatus: "STOPPED", stoppedReason: "Stopped by Step Functions" });
  });

  it("a Batch job is run to its end", async () => {
    const batch = new BatchClient(aws);
    await batch.send(
      new CreateComputeEnvironmentCommand({
        computeEnvironmentName: "env",
        type: "UNMANAGED",
        serviceRole: await newRole(),
      }),
    );
    const order = [{ order: 1, computeEnvironment: "env" }];
    await batch.send(
      new CreateJobQueueCommand({ jobQueueName: "q", priority: 1, state: "ENABLED", computeEnvironmentOrder: order }),
    );
    const containerProperties = { image: "busybox", vcpus: 1, memory: 128, command: ["true"] };
    await batch.send(
      new RegisterJobDefinitionCommand({ jobDefinitionName: "d", type: "container", containerProperties }),
    );
    const job = await ran("batch:submitJob.sync", { JobName: "job", JobQueue: "q", JobDefinition: "d" });
    expect(job).toMatchObject({ JobName: "job", Status: "SUCCEEDED" });
    const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: [String(job["JobId"])] }));
    expect(jobs?.[0]?.status).toBe("SUCCEEDED");
  });

  it("a Glue job is run to its end", async () => {
    const glue = new GlueClient(aws);
    await glue.send(new CreateJobCommand({ Name: "j", Role: ROLE, Command: { Name: "glueetl" } }));
    const run = await ran("glue:startJobRun.sync", { JobName: "j", Arguments: { "--a": "b" } });
    expect(run).toMatchObject({ JobName: "j", JobRunState: "SUCCEEDED" });
    const { JobRuns } = await glue.send(new GetJobRunsCommand({ JobName: "j" }));
    expect(JobRuns?.map(({ Id }) => Id)).toEqual([run["Id"]]);
  });

  it("a query is run on Athena", async () => {
    const parameters = { QueryString: "SELECT 1", ResultConfiguration: { OutputLocation: "s3://bucket/" } };
    const result = await ran("athena:startQueryExecution.sync", parameters);
    const id = (result["QueryExecution"] as { QueryExecutionId: string }).QueryExecutionId;
    const { QueryExecution } = await new AthenaClient(aws).send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
    expect(QueryExecution?.Query).toBe("SELECT 1");
  });

  it("a training job is run on SageMaker, with Step Functions' tag", async () => {
    const job = await ran("sagemaker:createTrainingJob.sync", {
      TrainingJobName: "training",
      RoleArn: ROLE,
      AlgorithmSpecification: { TrainingImage: "image", TrainingInputMode: "File" },
      OutputDataConfig: { S3OutputPath: "s3://bucket" },
      ResourceConfig: { InstanceType: "ml.m4.xlarge", InstanceCount: 1, VolumeSizeInGB: 1 },
      StoppingCondition: { MaxRuntimeInSeconds: 60 },
    });
    expect(job).toMatchObject({ TrainingJobStatus: "Completed" });
    const command = new DescribeTrainingJobCommand({ TrainingJobName: "training" });
    expect((await new SageMakerClient(aws).send(command)).RoleArn).toBe(ROLE);
  });

  it("a project is built on CodeBuild", async () => {
    const codebuild = new CodeBuildClient(aws);
    const environment = { type: "LINUX_CONTAINER", image: "i", computeType: "BUILD_GENERAL1_SMALL" } as const;
    const project = {
      name: "proj",
      source: { type: "S3", location: "b/k" },
      artifacts: { type: "NO_ARTIFACTS" },
    } as const;
    await codebuild.send(
      new CreateProjectCommand({
        ...project,
        environment,
        serviceRole: "arn:aws:iam::123456789012:role/service-role/r",
      }),
    );
    const result = await ran("codebuild:startBuild.sync", { ProjectName: "proj" });
    expect(result).toMatchObject({ Build: { BuildStatus: "SUCCEEDED", ProjectName: "proj" } });
    const ids = [(result["Build"] as { Id: string }).Id];
    // The SDK itself cannot read the times that moto writes there.
    await codebuild
      .send(new BatchGetBuildsCommand({ ids }))
      .catch((error: Error) => expect(error).toBeInstanceOf(TypeError));
  });

  it("a cluster is made on EMR, gets a step, and is terminated", async () => {
    const emr = new EMRClient(aws);
    const { ClusterId } = await succeeded("elasticmapreduce:createCluster", {
      Name: "cluster",
      Instances: { InstanceCount: 1, MasterInstanceType: "m4.large", KeepJobFlowAliveWhenNoSteps: true },
      JobFlowRole: "r",
      ServiceRole: "s",
    });
    const Step = { Name: "step", HadoopJarStep: { Jar: "a.jar" } };
    const { StepId } = await succeeded("elasticmapreduce:addStep", { ClusterId, Step });
    const steps = (await emr.send(new ListStepsCommand({ ClusterId: String(ClusterId) }))).Steps;
    expect(steps?.map(({ Id, Name }) => [Id, Name])).toEqual([[StepId, "step"]]);
    const group = { ClusterId, InstanceGroupName: "master", InstanceGroup: { InstanceCount: 2 } };
    expect(await succeeded("elasticmapreduce:modifyInstanceGroupByName", group)).toEqual({});
    const { InstanceGroups } = await emr.send(new ListInstanceGroupsCommand({ ClusterId: String(ClusterId) }));
    expect(InstanceGroups?.[0]?.RequestedInstanceCount).toBe(2);
    const protect = (TerminationProtected: boolean) =>
      succeeded("elasticmapreduce:setClusterTerminationProtection", { ClusterId, TerminationProtected });
    await protect(true);
    const protectedCluster = await emr.send(new DescribeClusterCommand({ ClusterId: String(ClusterId) }));
    expect(protectedCluster.Cluster?.TerminationProtected).toBe(true);
    await protect(false);
    await ran("elasticmapreduce:terminateCluster.sync", { ClusterId });
    const { Cluster } = await emr.send(new DescribeClusterCommand({ ClusterId: String(ClusterId) }));
    expect(Cluster?.Status?.State).toBe("TERMINATED");
  });

  it("a cluster is made on EKS, and taken away", async () => {
    const eks = new EKSClient(aws);
    const made = await ran("eks:createCluster.sync", { Name: "k", RoleArn: ROLE, ResourcesVpcConfig: {} });
    expect(made).toMatchObject({ Cluster: { Name: "k", Status: "ACTIVE" } });
    expect((await eks.send(new ListClustersCommand({}))).clusters).toEqual(["k"]);
    await ran("eks:deleteCluster.sync", { Name: "k" });
    expect((await eks.send(new ListClustersCommand({}))).clusters).toEqual([]);
  });

  it("aws-sdk calls S3 and Secrets Manager", async () => {
    const s3 = new S3Client({ ...aws, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "bucket" }));
    const put = await succeeded("aws-sdk:s3:putObject", { Bucket: "bucket", Key: "k", Body: { a: 1 } });
    expect(put).not.toHaveProperty("SdkHttpMetadata");
    const stored = await s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "k" }));
    expect(await stored.Body?.transformToString()).toBe('{"a":1}');
    expect(stored.ContentType).toBe("text/plain; charset=UTF-8");
    expect(await succeeded("aws-sdk:s3:getObject", { Bucket: "bucket", Key: "k" })).toMatchObject({ Body: '{"a":1}' });
    await succeeded("aws-sdk:secretsmanager:createSecret", { Name: "s", SecretString: { a: 1 } });
    const secret = await new SecretsManagerClient(aws).send(new GetSecretValueCommand({ SecretId: "s" }));
    expect(secret.SecretString).toBe('{"a":1}');
  });

  it("a role is taken on for a call", async () => {
    const { url, receive } = await queue("as-role");
    const request = serviceTask("sqs:sendMessage", { QueueUrl: url, MessageBody: "x" }, { credentialsRoleArn: ROLE });
    expect(await startTask(services, request)).toMatchObject({ kind: "succeeded" });
    expect(await receive()).toBe("x");
  });

  it.each<[string, unknown, string, RegExp]>([
    [
      "sqs:sendMessage",
      { QueueUrl: "http://127.0.0.1/123456789012/none", MessageBody: "x" },
      "SQS.QueueDoesNotExistException",
      /^The specified queue does not exist\. \(Service: AmazonSQS; Status Code: 400; Error Code: AWS\.SimpleQueueService\.NonExistentQueue; Request ID: [^;]+; Proxy: null\)$/,
    ],
    [
      "dynamodb:getItem",
      { TableName: "none", Key: { id: { S: "1" } } },
      "DynamoDB.ResourceNotFoundException",
      /\(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; /,
    ],
    [
      "aws-sdk:dynamodb:getItem",
      { TableName: "none", Key: { id: { S: "1" } } },
      "DynamoDb.ResourceNotFoundException",
      /\(Service: DynamoDb, Status Code: 400, Request ID: [^)]+\) \(SDK Attempt Count: 1\)$/,
    ],
    [
      "aws-sdk:s3:getObject",
      { Bucket: "no-such-bucket", Key: "k" },
      "S3.NoSuchBucketException",
      /^The specified bucket does not exist \(Service: S3, Status Code: 404, Request ID: [^,]+, Extended Request ID: [^)]+\) \(SDK Attempt Count: 1\)$/,
    ],
    ["events:putEvents", { Entries: [{ Detail: "{}" }] }, "EventBridge.FailedEntry", /"FailedEntryCount":1/],
  ])("%s fails in AWS's words: %j", async (integration, parameters, error, cause) => {
    const outcome = await startTask(services, serviceTask(integration, parameters));
    expect(outcome).toEqual({ kind: "failed", error, cause: expect.stringMatching(cause) });
  });

  async function newRole(): Promise<string> {
    const action = "Action=CreateRole&RoleName=batch&AssumeRolePolicyDocument=%7B%7D&Version=2010-05-08";
    const answer = await query(moto.endpoint, "iam", action);
    return /<Arn>([^<]+)</.exec(answer)?.[1] ?? ROLE;
  }
});

async function query(endpoint: string, service: string, action: string): Promise<string> {
  const Authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  const headers = { Authorization, "Content-Type": "application/x-www-form-urlencoded" };
  return (await fetch(endpoint, { method: "POST", headers, body: action })).text();
}

async function defaultSubnet(endpoint: string): Promise<string> {
  const answer = await query(endpoint, "ec2", "Action=DescribeSubnets&Version=2016-11-15");
  return /<subnetId>([^<]+)</.exec(answer)?.[1] ?? "";
}
