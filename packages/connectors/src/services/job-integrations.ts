import type { Json, JsonObject } from "@stepwell/core";
import { isJsonArray } from "@stepwell/core";
import { at, type Integration, type Job, objectAt, pick, statusIs } from "./integration.ts";

const REASON = "Stopped by Step Functions";

const ECS_ERRORS = { prefix: "ECS", v1Service: "AmazonECS", fallback: "AmazonECSException" };
const BATCH_ERRORS = { prefix: "Batch", v1Service: "AWSBatch", fallback: "AWSBatchException" };
const GLUE_ERRORS = { prefix: "Glue", v1Service: "AWSGlue", fallback: "AWSGlueException" };
const DATABREW_ERRORS = { prefix: "DataBrew", v1Service: "AWSGlueDataBrew", fallback: "AWSGlueDataBrewException" };
const SAGEMAKER_ERRORS = { prefix: "SageMaker", v1Service: "AmazonSageMaker", fallback: "AmazonSageMakerException" };
const CODEBUILD_ERRORS = { prefix: "CodeBuild", v1Service: "AWSCodeBuild", fallback: "AWSCodeBuildException" };
const ATHENA_ERRORS = { prefix: "Athena", v1Service: "AmazonAthena", fallback: "AmazonAthenaException" };
const MEDIACONVERT_ERRORS = { prefix: "MediaConvert", fallback: "MediaConvertException" };
const BEDROCK_ERRORS = { prefix: "Bedrock", fallback: "BedrockException" };

/** Jobs and queries: started, asked for, stopped. features.md B.2, B.3; each service's page of the developer guide. */
export const JOB_INTEGRATIONS: Readonly<Record<string, Integration>> = {
  "ecs:runTask": {
    model: "ecs",
    operation: "runTask",
    errors: ECS_ERRORS,
    metadata: true,
    reserved: ["Count", "StartedBy"],
    prepare: (parameters) => ({ StartedBy: "AWS Step Functions", ...parameters }),
    refused: (output, { resource }) =>
      resource.kind === "service" && resource.pattern !== "requestResponse" && size(output["Failures"]) > 0
        ? { error: "AmazonECS.Unknown" }
        : undefined,
    job: {
      handle: (output, { Cluster }) => ({
        ...(Cluster === undefined ? {} : { Cluster }),
        Task: at(output, "Tasks", 0, "TaskArn") ?? null,
      }),
      describe: "describeTasks",
      describeInput: ({ Task, ...cluster }) => ({ ...cluster, Tasks: [Task ?? null] }),
      described: (answer) => objectAt(answer, "Tasks", 0),
      verdict: ecsVerdict,
      cancel: { action: "stopTask", input: (handle) => ({ ...handle, Reason: REASON }) },
    },
  },
  "batch:submitJob": {
    model: "batch",
    operation: "submitJob",
    errors: BATCH_ERRORS,
    metadata: true,
    prepare: (parameters) => ({ ...parameters, ContainerOverrides: markedOverrides(parameters) }),
    job: {
      handle: ({ JobId }) => ({ JobId: JobId ?? null }),
      describe: "describeJobs",
      describeInput: ({ JobId }) => ({ Jobs: [JobId ?? null] }),
      described: (answer) => objectAt(answer, "Jobs", 0),
      verdict: statusIs(["Status"], ["SUCCEEDED"], ["FAILED"]),
      cancel: { action: "terminateJob", input: (handle) => ({ ...handle, Reason: REASON }) },
    },
  },
  "glue:startJobRun": {
    model: "glue",
    operation: "startJobRun",
    errors: GLUE_ERRORS,
    metadata: true,
    result: (output, { JobName }) => ({ JobName: JobName ?? null, ...output }),
    job: {
      handle: ({ JobRunId }, { JobName }) => ({ JobName: JobName ?? null, JobRunId: JobRunId ?? null }),
      describe: "getJobRun",
      describeInput: ({ JobName, JobRunId }) => ({ JobName: JobName ?? null, RunId: JobRunId ?? null }),
      described: (answer) => objectAt(answer, "JobRun"),
      verdict: statusIs(["JobRunState"], ["SUCCEEDED"], ["FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"]),
      cancel: {
        action: "batchStopJobRun",
        input: ({ JobName, JobRunId }) => ({ JobName: JobName ?? null, JobRunIds: [JobRunId ?? null] }),
      },
    },
  },
  "databrew:startJobRun": {
    model: "databrew",
    operation: "startJobRun",
    errors: DATABREW_ERRORS,
    metadata: true,
    job: {
      handle: ({ RunId }, { Name }) => ({ Name: Name ?? null, RunId: RunId ?? null }),
      describe: "describeJobRun",
      describeInput: (handle) => handle,
      verdict: statusIs(["State"], ["SUCCEEDED"], ["FAILED", "STOPPED", "TIMEOUT"]),
      cancel: { action: "stopJobRun", input: (handle) => handle },
    },
  },
  ...sagemakerJobs("TrainingJob", "TransformJob", "HyperParameterTuningJob", "LabelingJob", "ProcessingJob"),
  "sagemaker:createModel": sagemaker("createModel"),
  "sagemaker:createEndpoint": sagemaker("createEndpoint"),
  "sagemaker:createEndpointConfig": sagemaker("createEndpointConfig"),
  "sagemaker:updateEndpoint": sagemaker("updateEndpoint"),
  "codebuild:startBuild": codebuild("startBuild", build("Build", "batchGetBuilds", "stopBuild")),
  "codebuild:startBuildBatch": codebuild(
    "startBuildBatch",
    build("BuildBatch", "batchGetBuildBatches", "stopBuildBatch"),
  ),
  "codebuild:retryBuildBatch": codebuild(
    "retryBuildBatch",
    build("BuildBatch", "batchGetBuildBatches", "stopBuildBatch"),
  ),
  "codebuild:stopBuild": codebuild("stopBuild"),
  "codebuild:stopBuildBatch": codebuild("stopBuildBatch"),
  "codebuild:deleteBuildBatch": codebuild("deleteBuildBatch"),
  "codebuild:batchDeleteBuilds": codebuild("batchDeleteBuilds"),
  "codebuild:batchGetReports": codebuild("batchGetReports"),
  "codebuild:batchGetBuildBatches": codebuild("batchGetBuildBatches"),
  "athena:startQueryExecution": athena("startQueryExecution", {
    handle: (output) => pick(output, "QueryExecutionId"),
    describe: "getQueryExecution",
    describeInput: (handle) => handle,
    verdict: statusIs(["QueryExecution", "Status", "State"], ["SUCCEEDED"], ["FAILED", "CANCELLED"]),
    cancel: { action: "stopQueryExecution", input: (handle) => handle },
  }),
  "athena:stopQueryExecution": athena("stopQueryExecution"),
  "athena:getQueryExecution": athena("getQueryExecution"),
  "athena:getQueryResults": athena("getQueryResults"),
  "mediaconvert:createJob": {
    model: "mediaconvert",
    operation: "createJob",
    errors: MEDIACONVERT_ERRORS,
    metadata: false,
    job: {
      handle: (output) => ({ Id: at(output, "Job", "Id") ?? null }),
      describe: "getJob",
      describeInput: (handle) => handle,
      verdict: statusIs(["Job", "Status"], ["COMPLETE"], ["CANCELED", "ERROR"]),
      cancel: { action: "cancelJob", input: (handle) => handle },
    },
  },
  "bedrock:createModelCustomizationJob": {
    model: "bedrock",
    operation: "createModelCustomizationJob",
    errors: BEDROCK_ERRORS,
    metadata: false,
    job: {
      handle: ({ JobArn }) => ({ JobIdentifier: JobArn ?? null }),
      describe: "getModelCustomizationJob",
      describeInput: (handle) => handle,
      verdict: statusIs(["Status"], ["Completed"], ["Failed", "Stopped"]),
      cancel: { action: "stopModelCustomizationJob", input: (handle) => handle },
    },
  },
};

function size(value: Json | undefined): number {
  return Array.isArray(value) ? value.length : 0;
}

/** A task is as good as its containers: each must end with 0. */
function ecsVerdict(task: JsonObject): "running" | "succeeded" | "failed" {
  if (task["LastStatus"] !== "STOPPED") return "running";
  const containers = isJsonArray(task["Containers"] as Json) ? (task["Containers"] as readonly JsonObject[]) : [];
  return containers.length > 0 && containers.every(({ ExitCode }) => ExitCode === 0) ? "succeeded" : "failed";
}

/** Batch jobs can see who started them. */
function markedOverrides({ ContainerOverrides }: JsonObject): JsonObject {
  const overrides = (ContainerOverrides ?? {}) as JsonObject;
  const given = isJsonArray(overrides["Environment"] as Json) ? (overrides["Environment"] as readonly Json[]) : [];
  return { ...overrides, Environment: [...given, { Name: "MANAGED_BY_AWS", Value: "STARTED_BY_STEP_FUNCTIONS" }] };
}

function sagemaker(operation: string): Integration {
  return { model: "sagemaker", operation, errors: SAGEMAKER_ERRORS, metadata: true };
}

function sagemakerJobs(...kinds: readonly string[]): Record<string, Integration> {
  return Object.fromEntries(
    kinds.map((kind) => {
      const name = `${kind}Name`;
      const job: Job = {
        handle: (_output, parameters) => pick(parameters, name),
        describe: `describe${kind}`,
        describeInput: (handle) => handle,
        verdict: statusIs([`${kind}Status`], ["Completed"], ["Failed", "Stopped"]),
        cancel: { action: `stop${kind}`, input: (handle) => handle },
      };
      const prepare = (parameters: JsonObject): JsonObject => ({ ...parameters, Tags: markedTags(parameters) });
      return [`sagemaker:create${kind}`, { ...sagemaker(`create${kind}`), prepare, job }];
    }),
  );
}

/** By this tag AWS's own rule finds the jobs of Step Functions. */
function markedTags({ Tags }: JsonObject): Json {
  const given = isJsonArray(Tags as Json) ? (Tags as readonly Json[]) : [];
  return [...given, { Key: "MANAGED_BY_AWS", Value: "STARTED_BY_STEP_FUNCTIONS" }];
}

function codebuild(operation: string, job?: Job): Integration {
  const base = { model: "codebuild", operation, errors: CODEBUILD_ERRORS, metadata: true };
  return job === undefined ? base : { ...base, job };
}

function build(member: string, describe: string, stop: string): Job {
  return {
    handle: (output) => ({ Id: at(output, member, "Id") ?? null }),
    describe,
    describeInput: ({ Id }) => ({ Ids: [Id ?? null] }),
    described: (answer) => objectAt(answer, `${member}${member === "BuildBatch" ? "es" : "s"}`, 0),
    verdict: statusIs([`${member}Status`], ["SUCCEEDED"], ["FAILED", "FAULT", "TIMED_OUT", "STOPPED"]),
    result: (described) => ({ [member]: described }),
    cancel: { action: stop, input: (handle) => handle },
  };
}

function athena(operation: string, job?: Job): Integration {
  const base = { model: "athena", operation, errors: ATHENA_ERRORS, metadata: true };
  return job === undefined ? base : { ...base, job };
}
