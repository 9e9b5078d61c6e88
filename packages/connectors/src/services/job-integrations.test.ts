/** Jobs on a local server that speaks their API: started, asked for, stopped, with the requests that AWS would get. */
import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serviceTask, startTask } from "../testing/service-fixture.ts";
import { AwsServices } from "./aws-services.ts";

let server: Server;
let services: AwsServices;
/** By the request's operation (JSON protocols) or its method and path (REST): what is answered, the last for ever. */
let answers: Record<string, (readonly [status: number, body: unknown])[]>;
let seen: string[];
let bodies: unknown[];

beforeEach(async () => {
  answers = {};
  seen = [];
  bodies = [];
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const target = request.headers["x-amz-target"];
    const line = target === undefined ? `${request.method} ${request.url}` : String(target).split(".").at(-1)!;
    seen.push(line);
    bodies.push(body.startsWith("{") ? JSON.parse(body) : body);
    const queue = answers[line] ?? [];
    const [status, answer] = (queue.length > 1 ? queue.shift() : queue[0]) ?? [
      500,
      { message: `no answer to ${line}` },
    ];
    const error = status < 400 ? {} : { "x-amzn-errortype": String((answer as { __type?: string }).__type) };
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1", ...error });
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  services = new AwsServices({ endpoints: { default: endpoint }, env: { HOME: "/nonexistent" } });
});

afterEach(async () => {
  await services.close();
  server.closeAllConnections();
  server.close();
});

interface JobCase {
  readonly action: string;
  readonly parameters: object;
  readonly start: readonly [request: string, answer: object];
  readonly describe: readonly [request: string, running: object, ended: object];
  readonly stop?: string;
  readonly result: object;
}

const ROLE = "arn:aws:iam::123456789012:role/r";

function sagemaker(kind: string, parameters: object): JobCase {
  const named = { [`${kind}Name`]: "n" };
  const status = (value: string) => ({ ...named, [`${kind}Status`]: value });
  return {
    action: `sagemaker:create${kind}`,
    parameters: { ...named, ...parameters },
    start: [`Create${kind}`, { [`${kind}Arn`]: "arn" }],
    describe: [`Describe${kind}`, status("InProgress"), status("Completed")],
    stop: `Stop${kind}`,
    result: status("Completed"),
  };
}

const CASES: readonly JobCase[] = [
  {
    action: "databrew:startJobRun",
    parameters: { Name: "j" },
    start: ["POST /jobs/j/startJobRun", { RunId: "db_1" }],
    describe: ["GET /jobs/j/jobRun/db_1", { State: "RUNNING" }, { JobName: "j", RunId: "db_1", State: "SUCCEEDED" }],
    stop: "POST /jobs/j/jobRun/db_1/stopJobRun",
    result: { JobName: "j", RunId: "db_1", State: "SUCCEEDED" },
  },
  {
    action: "emr-containers:startJobRun",
    parameters: { VirtualClusterId: "vc", ExecutionRoleArn: ROLE, ReleaseLabel: "emr-7", JobDriver: {} },
    start: ["POST /virtualclusters/vc/jobruns", { id: "jr", virtualClusterId: "vc" }],
    describe: [
      "GET /virtualclusters/vc/jobruns/jr",
      { jobRun: { id: "jr", state: "RUNNING" } },
      { jobRun: { id: "jr", state: "COMPLETED" } },
    ],
    stop: "DELETE /virtualclusters/vc/jobruns/jr",
    result: { Id: "jr", State: "COMPLETED" },
  },
  {
    action: "emr-containers:deleteVirtualCluster",
    parameters: { Id: "vc" },
    start: ["DELETE /virtualclusters/vc", { id: "vc" }],
    describe: [
      "GET /virtualclusters/vc",
      { virtualCluster: { id: "vc", state: "TERMINATING" } },
      { virtualCluster: { id: "vc", state: "TERMINATED" } },
    ],
    result: { VirtualCluster: { Id: "vc", State: "TERMINATED" } },
  },
  {
    action: "emr-serverless:startJobRun",
    parameters: { ApplicationId: "app1", ExecutionRoleArn: ROLE },
    start: ["POST /applications/app1/jobruns", { applicationId: "app1", jobRunId: "jr1", arn: "arn" }],
    describe: [
      "GET /applications/app1/jobruns/jr1",
      { jobRun: { jobRunId: "jr1", state: "RUNNING" } },
      { jobRun: { jobRunId: "jr1", state: "SUCCESS" } },
    ],
    stop: "DELETE /applications/app1/jobruns/jr1",
    result: { JobRun: { JobRunId: "jr1", State: "SUCCESS" } },
  },
  {
    action: "emr-serverless:startApplication",
    parameters: { ApplicationId: "app1" },
    start: ["POST /applications/app1/start", {}],
    describe: [
      "GET /applications/app1",
      { application: { applicationId: "app1", state: "STARTING" } },
      { application: { applicationId: "app1", state: "STARTED" } },
    ],
    result: { ApplicationId: "app1" },
  },
  {
    action: "mediaconvert:createJob",
    parameters: { Role: ROLE, Settings: {} },
    start: ["POST /2017-08-29/jobs", { job: { id: "1-a", role: ROLE, settings: {} } }],
    describe: [
      "GET /2017-08-29/jobs/1-a",
      { job: { id: "1-a", status: "PROGRESSING" } },
      { job: { id: "1-a", status: "COMPLETE" } },
    ],
    stop: "DELETE /2017-08-29/jobs/1-a",
    result: { Job: { Id: "1-a", Status: "COMPLETE" } },
  },
  {
    action: "bedrock:createModelCustomizationJob",
    parameters: {
      JobName: "j",
      CustomModelName: "m",
      RoleArn: ROLE,
      BaseModelIdentifier: "b",
      TrainingDataConfig: { S3Uri: "s3://a/b" },
      OutputDataConfig: { S3Uri: "s3://a/c" },
    },
    start: ["POST /model-customization-jobs", { jobArn: "job1" }],
    describe: [
      "GET /model-customization-jobs/job1",
      { jobArn: "job1", status: "InProgress" },
      { jobArn: "job1", status: "Completed" },
    ],
    stop: "POST /model-customization-jobs/job1/stop",
    result: { JobArn: "job1", Status: "Completed" },
  },
  {
    action: "codebuild:startBuildBatch",
    parameters: { ProjectName: "p" },
    start: ["StartBuildBatch", { buildBatch: { id: "p:1" } }],
    describe: [
      "BatchGetBuildBatches",
      { buildBatches: [{ id: "p:1", buildBatchStatus: "IN_PROGRESS" }] },
      { buildBatches: [{ id: "p:1", buildBatchStatus: "SUCCEEDED" }] },
    ],
    stop: "StopBuildBatch",
    result: { BuildBatch: { BuildBatchStatus: "SUCCEEDED", Id: "p:1" } },
  },
  sagemaker("LabelingJob", {
    LabelAttributeName: "l",
    InputConfig: {},
    OutputConfig: {},
    RoleArn: ROLE,
    HumanTaskConfig: {},
  }),
  sagemaker("ProcessingJob", { ProcessingResources: {}, AppSpecification: {}, RoleArn: ROLE }),
  sagemaker("HyperParameterTuningJob", { HyperParameterTuningJobConfig: {} }),
  {
    action: "eks:createNodegroup",
    parameters: { ClusterName: "c", NodegroupName: "n", Subnets: ["s"], NodeRole: ROLE },
    start: ["POST /clusters/c/node-groups", { nodegroup: { nodegroupName: "n", status: "CREATING" } }],
    describe: [
      "GET /clusters/c/node-groups/n",
      { nodegroup: { nodegroupName: "n", status: "CREATING" } },
      { nodegroup: { nodegroupName: "n", status: "ACTIVE" } },
    ],
    result: { Nodegroup: { NodegroupName: "n", Status: "ACTIVE" } },
  },
];

const { signal } = new AbortController();

test.each(CASES)("$action runs to its end, and is stopped when aborted", async (job) => {
  answers[job.start[0]] = [[200, job.start[1]]];
  answers[job.describe[0]] = [
    [200, job.describe[1]],
    [200, job.describe[2]],
  ];
  if (job.stop !== undefined) answers[job.stop] = [[200, {}]];
  const request = serviceTask(`${job.action}.sync`, job.parameters);
  const started = await startTask(services, request);
  if (started.kind !== "submitted" || started.handle === undefined) throw new Error(JSON.stringify(started));
  const connector = services.connectorFor(request);
  expect(await connector?.poll?.(request, started.handle, signal)).toBeUndefined();
  const ended = await connector?.poll?.(request, started.handle, signal);
  expect(ended?.kind).toBe("succeeded");
  expect(JSON.parse((ended as { output: string }).output)).toEqual(job.result);
  await connector?.cancel?.(request, started.handle);
  const requests = [job.start[0], job.describe[0], job.describe[0], ...(job.stop === undefined ? [] : [job.stop])];
  expect(seen).toEqual(requests);
});

test("a task that is sent again has the same client token", async () => {
  answers["POST /applications/app1/jobruns"] = [[200, { applicationId: "app1", jobRunId: "jr1", arn: "arn" }]];
  const request = serviceTask("emr-serverless:startJobRun.sync", { ApplicationId: "app1", ExecutionRoleArn: ROLE });
  await startTask(services, request);
  await startTask(services, request);
  const [first, second] = bodies as { clientToken: string }[];
  expect(first?.clientToken).toMatch(/^[0-9a-f-]{36}$/);
  expect(second).toEqual(first);
});

test("a start that was not answered is found by its client token, where the service has one", async () => {
  const start = "POST /applications/app1/jobruns";
  answers[start] = [[200, { applicationId: "app1", jobRunId: "jr1", arn: "arn" }]];
  const request = serviceTask("emr-serverless:startJobRun.sync", { ApplicationId: "app1", ExecutionRoleArn: ROLE });
  const recovered = await services.connectorFor(request)?.recover?.(request, signal);
  expect(recovered).toEqual({ kind: "found", handle: '{"job":{"ApplicationId":"app1","JobRunId":"jr1"}}' });
  const glue = serviceTask("glue:startJobRun.sync", { JobName: "j" });
  expect(await services.connectorFor(glue)?.recover?.(glue, signal)).toEqual({ kind: "unknown" });
  answers[start] = [[400, { __type: "ValidationException", message: "no" }]];
  expect(await services.connectorFor(request)?.recover?.(request, signal)).toEqual({ kind: "none" });
  expect(seen).toEqual([start, start]);
});

test("members below the top may be spelled as in the API, unknown ones are refused", async () => {
  answers["POST /v1/submitjob"] = [[200, { jobId: "1", jobName: "n" }]];
  const job = { JobName: "n", JobQueue: "q", JobDefinition: "d" };
  await startTask(services, serviceTask("batch:submitJob", { ...job, RetryStrategy: { attempts: 2 } }));
  const Environment = [{ name: "MANAGED_BY_AWS", value: "STARTED_BY_STEP_FUNCTIONS" }];
  expect(bodies).toEqual([
    expect.objectContaining({ retryStrategy: { attempts: 2 }, containerOverrides: { environment: Environment } }),
  ]);
  expect(await startTask(services, serviceTask("batch:submitJob", { ...job, jobName: "n" }))).toMatchObject({
    error: "States.Runtime",
    cause: expect.stringContaining("The field 'jobName' is not supported by Step Functions"),
  });
});

test("a job that fails has what is known of it as cause", async () => {
  const described = { jobRun: { jobRunId: "jr1", state: "FAILED", stateDetails: "no room" } };
  answers["GET /applications/app1/jobruns/jr1"] = [[200, described]];
  const request = serviceTask("emr-serverless:startJobRun.sync", { ApplicationId: "app1", ExecutionRoleArn: ROLE });
  const handle = JSON.stringify({ job: { ApplicationId: "app1", JobRunId: "jr1" } });
  const outcome = await services.connectorFor(request)?.poll?.(request, handle, signal);
  expect(outcome).toEqual({
    kind: "failed",
    error: "States.TaskFailed",
    cause: '{"JobRun":{"JobRunId":"jr1","State":"FAILED","StateDetails":"no room"}}',
  });
});

test("an application that is gone has been deleted", async () => {
  answers["DELETE /applications/app1"] = [[200, {}]];
  answers["GET /applications/app1"] = [[404, { __type: "ResourceNotFoundException", message: "gone" }]];
  const request = serviceTask("emr-serverless:deleteApplication.sync", { ApplicationId: "app1" });
  const started = await startTask(services, request);
  const handle = (started as { handle: string }).handle;
  expect(await services.connectorFor(request)?.poll?.(request, handle, signal)).toEqual({
    kind: "succeeded",
    output: '{"ApplicationId":"app1"}',
  });
});

test("a throttled call is made again, after a wait", async () => {
  answers["StartJobRun"] = [
    [400, { __type: "ThrottlingException", message: "slow down" }],
    [200, { JobRunId: "jr" }],
  ];
  const outcome = await startTask(services, serviceTask("glue:startJobRun", { JobName: "j" }));
  expect(outcome.kind).toBe("succeeded");
  expect(seen).toEqual(["StartJobRun", "StartJobRun"]);
});

test("a role that cannot be taken on is told in AWS's words", async () => {
  answers["POST /"] = [[403, { __type: "AccessDenied" }]];
  const credentialsRoleArn = "arn:aws:iam::999999999999:role/other";
  const request = serviceTask("glue:startJobRun", { JobName: "j" }, { credentialsRoleArn });
  expect(await startTask(services, request)).toEqual({
    kind: "failed",
    error: "States.TaskFailed",
    cause: `The role ${request.roleArn} is not authorized to assume the task state's role, ${credentialsRoleArn}.`,
  });
});

test("a model is invoked with a body, and answers one", async () => {
  answers["POST /model/m/invoke"] = [[200, { completion: "hello" }]];
  const outcome = await startTask(
    services,
    serviceTask("bedrock:invokeModel", { ModelId: "m", Body: { prompt: "hi" } }),
  );
  expect(bodies).toEqual([{ prompt: "hi" }]);
  expect(JSON.parse((outcome as { output: string }).output)).toMatchObject({
    ContentType: "application/x-amz-json-1.1",
  });
});

test("nobody there is a failure of the SDK, with the service's prefix", async () => {
  const nobody = new AwsServices({ endpoints: { default: "http://127.0.0.1:1" }, env: { HOME: "/nonexistent" } });
  const parameters = { QueueUrl: "http://127.0.0.1:1/123456789012/q", MessageBody: "x" };
  expect(await startTask(nobody, serviceTask("sqs:sendMessage", parameters))).toMatchObject({
    kind: "failed",
    error: "SQS.SdkClientException",
    cause: expect.stringMatching(/^Unable to execute HTTP request: .*ECONNREFUSED/),
  });
  await nobody.close();
});

test("an answer that is none of the service's is told by its status", async () => {
  answers["StartJobRun"] = [[502, "<html>Bad gateway</html>"]];
  expect(await startTask(services, serviceTask("glue:startJobRun", { JobName: "j" }))).toMatchObject({
    error: "Glue.AWSGlueException",
    cause: expect.stringMatching(
      /^Bad Gateway \(Service: AWSGlue; Status Code: 502; Error Code: 502 Bad Gateway; Request ID: [^;]+; Proxy: null\)$/,
    ),
  });
});
