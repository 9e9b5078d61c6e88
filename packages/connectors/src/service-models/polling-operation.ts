import type { TaskResource } from "@stepwell/core";
import { type OperationModel, type ServiceModel, serviceModel } from "./service-model.ts";

/** The operation whose answer is a task's result. */
export interface AnsweringOperation {
  readonly model: ServiceModel;
  readonly operation: OperationModel;
  /** Members that Step Functions shapes in its own way. */
  readonly anything?: ReadonlySet<string>;
}

/** The services of the optimised integrations whose models have another name there. */
const MODEL_NAMES: { readonly [service: string]: string } = {
  states: "sfn",
  events: "eventbridge",
  elasticmapreduce: "emr",
  "emr-containers": "emrcontainers",
  "emr-serverless": "emrserverless",
};

/** Optimised actions that are no operation of their service, or answer in their own form. features.md B.3. */
const UNMODELLED: ReadonlySet<string> = new Set([
  "eks:call",
  "eks:runJob",
  "elasticmapreduce:createCluster",
  "elasticmapreduce:terminateCluster",
  "elasticmapreduce:addStep",
  "elasticmapreduce:modifyInstanceFleetByName",
  "elasticmapreduce:modifyInstanceGroupByName",
]);

/** What `.sync` asks again and again, and whose answer is the result. AWS, "Integrating services", each service's page. */
const POLLED: { readonly [action: string]: string } = {
  "athena:startQueryExecution": "getQueryExecution",
  "batch:submitJob": "describeJobs",
  "bedrock:createModelCustomizationJob": "getModelCustomizationJob",
  "codebuild:retryBuildBatch": "batchGetBuildBatches",
  "codebuild:startBuild": "batchGetBuilds",
  "codebuild:startBuildBatch": "batchGetBuildBatches",
  "databrew:startJobRun": "describeJobRun",
  "ecs:runTask": "describeTasks",
  "eks:createCluster": "describeCluster",
  "eks:createFargateProfile": "describeFargateProfile",
  "eks:createNodegroup": "describeNodegroup",
  "eks:deleteCluster": "describeCluster",
  "eks:deleteFargateProfile": "describeFargateProfile",
  "eks:deleteNodegroup": "describeNodegroup",
  "elasticmapreduce:addStep": "describeStep",
  "elasticmapreduce:createCluster": "describeCluster",
  "elasticmapreduce:terminateCluster": "describeCluster",
  "emr-containers:deleteVirtualCluster": "describeVirtualCluster",
  "emr-containers:startJobRun": "describeJobRun",
  "emr-serverless:cancelJobRun": "getJobRun",
  "emr-serverless:createApplication": "getApplication",
  "emr-serverless:deleteApplication": "getApplication",
  "emr-serverless:startApplication": "getApplication",
  "emr-serverless:startJobRun": "getJobRun",
  "emr-serverless:stopApplication": "getApplication",
  "glue:startJobRun": "getJobRun",
  "mediaconvert:createJob": "getJob",
  "sagemaker:createHyperParameterTuningJob": "describeHyperParameterTuningJob",
  "sagemaker:createLabelingJob": "describeLabelingJob",
  "sagemaker:createProcessingJob": "describeProcessingJob",
  "sagemaker:createTrainingJob": "describeTrainingJob",
  "sagemaker:createTransformJob": "describeTransformJob",
  "states:startExecution": "describeExecution",
};

/** `startExecution.sync:2` gives these as JSON, not as texts of JSON. */
const PARSED_IN_SYNC_2: ReadonlySet<string> = new Set(["Input", "Output"]);

/**
 * The operation whose answer becomes the result of a task; `undefined` when that is no answer of a modelled API. What
 * comes back with a task token is whatever its holder sends.
 */
export function answeringOperation(resource: TaskResource): AnsweringOperation | undefined {
  if (resource.kind !== "service" || resource.pattern === "waitForTaskToken") return undefined;
  const { service, action } = resource;
  const sdk = service.startsWith("aws-sdk:");
  const name = `${service}:${action}`;
  if (resource.pattern === "sync") {
    const polled = operationOf(modelName(service, action), POLLED[name]);
    return polled && resource.resource.endsWith(".sync:2") ? { ...polled, anything: PARSED_IN_SYNC_2 } : polled;
  }
  if (!sdk && UNMODELLED.has(name)) return undefined;
  return operationOf(sdk ? service.slice("aws-sdk:".length) : modelName(service, action), action);
}

function modelName(service: string, action: string): string {
  // Models are invoked through another endpoint than they are managed with.
  if (service === "bedrock" && action === "invokeModel") return "bedrockruntime";
  return MODEL_NAMES[service] ?? service;
}

function operationOf(service: string, action: string | undefined): AnsweringOperation | undefined {
  const model = action === undefined ? undefined : serviceModel(service);
  const operation = model?.operation(action ?? "");
  return model === undefined || operation === undefined ? undefined : { model, operation };
}
