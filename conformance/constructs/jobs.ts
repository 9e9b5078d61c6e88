/** The jobs behind `.sync`: who is asked, how far they are, how they are stopped. AWS, "Integrating services", each service's page. */
import type { Json } from "@stepwell/core";

/** By the place in the answer: `tasks.0.lastStatus`. */
export type Changes = Readonly<Record<string, Json>>;

export interface JobStates {
  readonly describe: string;
  readonly running: Changes;
  readonly succeeded: Changes;
  /** Absent: a job that cannot fail by itself. */
  readonly failed?: Changes;
  /** The operation that stops it; absent where AWS has none. */
  readonly cancel?: string;
}

/** By `<service>:<action>` of the resource. */
export const JOBS: Readonly<Record<string, JobStates>> = {
  "athena:startQueryExecution": {
    ...states("GetQueryExecution", "QueryExecution.Status.State", "RUNNING", "SUCCEEDED", "FAILED"),
    cancel: "StopQueryExecution",
  },
  "batch:submitJob": {
    ...states("DescribeJobs", "jobs.0.status", "RUNNING", "SUCCEEDED", "FAILED"),
    cancel: "TerminateJob",
  },
  "bedrock:createModelCustomizationJob": {
    ...states("GetModelCustomizationJob", "status", "InProgress", "Completed", "Failed"),
    cancel: "StopModelCustomizationJob",
  },
  "codebuild:startBuild": {
    ...states("BatchGetBuilds", "builds.0.buildStatus", "IN_PROGRESS", "SUCCEEDED", "FAILED"),
    cancel: "StopBuild",
  },
  "codebuild:startBuildBatch": {
    ...states("BatchGetBuildBatches", "buildBatches.0.buildBatchStatus", "IN_PROGRESS", "SUCCEEDED", "FAILED"),
    cancel: "StopBuildBatch",
  },
  "databrew:startJobRun": {
    ...states("DescribeJobRun", "State", "RUNNING", "SUCCEEDED", "FAILED"),
    cancel: "StopJobRun",
  },
  "ecs:runTask": {
    ...states("DescribeTasks", "tasks.0.lastStatus", "RUNNING", "STOPPED", "STOPPED"),
    succeeded: { "tasks.0.lastStatus": "STOPPED", "tasks.0.containers.0.exitCode": 0 },
    failed: { "tasks.0.lastStatus": "STOPPED", "tasks.0.containers.0.exitCode": 1 },
    cancel: "StopTask",
  },
  "eks:createCluster": states("DescribeCluster", "cluster.status", "CREATING", "ACTIVE", "FAILED"),
  "elasticmapreduce:addStep": {
    ...states("DescribeStep", "Step.Status.State", "RUNNING", "COMPLETED", "FAILED"),
    cancel: "CancelSteps",
  },
  "elasticmapreduce:createCluster": {
    ...states("DescribeCluster", "Cluster.Status.State", "STARTING", "WAITING", "TERMINATED_WITH_ERRORS"),
    cancel: "TerminateJobFlows",
  },
  "elasticmapreduce:terminateCluster": {
    describe: "DescribeCluster",
    running: { "Cluster.Status.State": "TERMINATING" },
    succeeded: { "Cluster.Status.State": "TERMINATED" },
  },
  "emr-containers:deleteVirtualCluster": states(
    "DescribeVirtualCluster",
    "virtualCluster.state",
    "TERMINATING",
    "TERMINATED",
    "ARRESTED",
  ),
  "emr-containers:startJobRun": {
    ...states("DescribeJobRun", "jobRun.state", "RUNNING", "COMPLETED", "FAILED"),
    cancel: "CancelJobRun",
  },
  "emr-serverless:startJobRun": {
    ...states("GetJobRun", "jobRun.state", "RUNNING", "SUCCESS", "FAILED"),
    cancel: "CancelJobRun",
  },
  "glue:startJobRun": {
    ...states("GetJobRun", "JobRun.JobRunState", "RUNNING", "SUCCEEDED", "FAILED"),
    cancel: "BatchStopJobRun",
  },
  "mediaconvert:createJob": {
    ...states("GetJob", "job.status", "PROGRESSING", "COMPLETE", "ERROR"),
    cancel: "CancelJob",
  },
  ...sagemakerJobs("TrainingJob", "TransformJob", "HyperParameterTuningJob", "LabelingJob", "ProcessingJob"),
};

function states(describe: string, place: string, running: string, succeeded: string, failed: string): JobStates {
  return { describe, running: { [place]: running }, succeeded: { [place]: succeeded }, failed: { [place]: failed } };
}

function sagemakerJobs(...kinds: readonly string[]): Record<string, JobStates> {
  return Object.fromEntries(
    kinds.map((kind) => [
      `sagemaker:create${kind}`,
      { ...states(`Describe${kind}`, `${kind}Status`, "InProgress", "Completed", "Failed"), cancel: `Stop${kind}` },
    ]),
  );
}
