import type { TaskResource } from "./state-machine.ts";

/** `arn:<partition>:<service>:<region>:<account>:<rest>` */
const ARN = /^arn:(aws[a-z-]*):([a-z0-9-]+):([^:]*):([^:]*):(.+)$/s;
/** An action with an optional pattern: `startExecution.sync:2`. */
const ACTION = /^([A-Za-z][A-Za-z0-9_-]*)(?:\.(sync(?::2)?|waitForTaskToken))?$/;

type Pattern = "sync" | "sync:2" | "waitForTaskToken";

/** Takes a Task's Resource apart; `undefined` when AWS would not recognise it. features.md B.2. */
export function parseTaskResource(arn: string): TaskResource | undefined {
  const match = ARN.exec(arn);
  if (match === null) return undefined;
  const [, partition = "", service = "", , , rest = ""] = match;
  if (service === "lambda") return /^function:[^:]+/.test(rest) ? { kind: "lambda", arn } : undefined;
  if (service !== "states") return undefined;
  if (rest.startsWith("activity:")) return rest.length > "activity:".length ? { kind: "activity", arn } : undefined;
  return parseIntegration(arn, partition, rest);
}

/** What a flow's task calls: `arn:acs:states:::<service>:<action>[.<pattern>]`, written by the compiler of flows alone. */
export function parseFlowResource(arn: string): TaskResource | undefined {
  const match = /^arn:acs:states:::([a-z]+):([A-Za-z]+)(?:\.(sync|waitForTaskToken))?$/.exec(arn);
  if (match === null) return undefined;
  const [, service = "", action = "", pattern] = match as unknown as [string, string, string, Pattern | undefined];
  const resource = pattern === undefined ? action : `${action}.${pattern}`;
  const kind = pattern === "sync" || pattern === "waitForTaskToken" ? pattern : "requestResponse";
  return { kind: "service", arn, partition: FLOW_PARTITION, service, action, pattern: kind, resource };
}

/** The partition of what only flows can call. */
export const FLOW_PARTITION = "acs";

function parseIntegration(arn: string, partition: string, rest: string): TaskResource | undefined {
  const parts = rest.split(":");
  const sdk = parts[0] === "aws-sdk";
  const service = sdk ? parts.slice(0, 2).join(":") : (parts[0] ?? "");
  const resource = parts.slice(sdk ? 2 : 1).join(":");
  const match = ACTION.exec(resource);
  if (match === null) return undefined;
  const [, action = "", suffix] = match as unknown as [string, string, Pattern | undefined];
  if (!offers(service, action, suffix)) return undefined;
  const pattern = suffix === undefined ? "requestResponse" : suffix === "sync:2" ? "sync" : suffix;
  return { kind: "service", arn, partition, service, action, pattern, resource };
}

function offers(service: string, action: string, suffix: Pattern | undefined): boolean {
  if (service === "custom") return customOffers(suffix);
  // Only names that users choose have these.
  if (/[_-]/.test(action)) return false;
  return service.startsWith("aws-sdk:")
    ? sdkOffers(service, action, suffix)
    : integrationOffers(service, action, suffix);
}

/** SDK integrations the service leaves out because their answers are streams, or for safety. features.md B.6. */
const BLOCKED_SDK_ACTIONS: ReadonlySet<string> = new Set([
  "bedrockruntime:invokeModelWithResponseStream",
  "bedrockruntime:converseStream",
  "bedrockagentruntime:invokeAgent",
  "bedrockagentruntime:invokeFlow",
  "bedrockagentruntime:invokeInlineAgent",
  "lambda:invokeAsync",
  "lambda:invokeWithResponseStream",
  "kinesis:subscribeToShard",
  "cloudwatchlogs:startLiveTail",
  "s3:selectObjectContent",
  "sagemakerruntime:invokeEndpointWithResponseStream",
  "sts:assumeRole",
  "sts:assumeRoleWithSAML",
  "sts:assumeRoleWithWebIdentity",
  "rdsdata:executeSql",
  "qbusiness:chat",
  "lexruntimev2:startConversation",
]);

/** Stepwell's own: jobs of the user's systems. Which there are is in its configuration. */
function customOffers(pattern: Pattern | undefined): boolean {
  return pattern === undefined || pattern === "sync";
}

/** Which of its ~300 services and their actions exist is left to the connectors; here only the form is checked. */
function sdkOffers(service: string, action: string, pattern: Pattern | undefined): boolean {
  const name = service.slice("aws-sdk:".length);
  if (!/^[a-z][a-z0-9]*$/.test(name) || !/^[a-z]/.test(action)) return false;
  return pattern !== "sync" && pattern !== "sync:2" && !BLOCKED_SDK_ACTIONS.has(`${name}:${action}`);
}

/**
 * The optimised integrations and the patterns of each action: `r` request/response, `s` `.sync`, `2` `.sync:2`,
 * `t` `.waitForTaskToken`. features.md B.2; where its sources disagree (EKS and tokens), the pattern is allowed.
 */
const INTEGRATIONS: { readonly [service: string]: { readonly [action: string]: string } } = {
  // That listFunctions is accepted is recorded, not documented.
  lambda: { invoke: "rt", listFunctions: "r" },
  sns: { publish: "rt" },
  sqs: { sendMessage: "rt" },
  dynamodb: { getItem: "r", putItem: "r", updateItem: "r", deleteItem: "r" },
  ecs: { runTask: "rst" },
  batch: { submitJob: "rs" },
  glue: { startJobRun: "rs" },
  databrew: { startJobRun: "rs" },
  sagemaker: {
    createTrainingJob: "rs",
    createTransformJob: "rs",
    createHyperParameterTuningJob: "rs",
    createLabelingJob: "rs",
    createProcessingJob: "rs",
    createModel: "r",
    createEndpoint: "r",
    createEndpointConfig: "r",
    updateEndpoint: "r",
  },
  elasticmapreduce: {
    createCluster: "rs",
    terminateCluster: "rs",
    addStep: "rs",
    cancelStep: "r",
    setClusterTerminationProtection: "r",
    modifyInstanceFleetByName: "r",
    modifyInstanceGroupByName: "r",
  },
  "emr-containers": { createVirtualCluster: "r", deleteVirtualCluster: "rs", startJobRun: "rs" },
  "emr-serverless": {
    createApplication: "rs",
    startApplication: "rs",
    stopApplication: "rs",
    deleteApplication: "rs",
    startJobRun: "rs",
    cancelJobRun: "rs",
  },
  eks: {
    createCluster: "rst",
    deleteCluster: "rst",
    createNodegroup: "rst",
    deleteNodegroup: "rst",
    createFargateProfile: "rst",
    deleteFargateProfile: "rst",
    call: "rt",
    runJob: "rst",
  },
  events: { putEvents: "rt" },
  codebuild: {
    startBuild: "rs",
    startBuildBatch: "rs",
    stopBuild: "r",
    stopBuildBatch: "r",
    retryBuildBatch: "rs",
    deleteBuildBatch: "r",
    batchDeleteBuilds: "r",
    batchGetReports: "r",
    batchGetBuildBatches: "r",
  },
  athena: { startQueryExecution: "rs", stopQueryExecution: "r", getQueryExecution: "r", getQueryResults: "r" },
  apigateway: { invoke: "rt" },
  states: { startExecution: "rs2t" },
  bedrock: { invokeModel: "rt", createModelCustomizationJob: "rs" },
  mediaconvert: { createJob: "rs" },
  http: { invoke: "r" },
};

const PATTERN_LETTERS = { sync: "s", "sync:2": "2", waitForTaskToken: "t" } as const;

function integrationOffers(service: string, action: string, pattern: Pattern | undefined): boolean {
  if (!Object.hasOwn(INTEGRATIONS, service)) return false;
  const actions = INTEGRATIONS[service]!;
  const patterns = Object.hasOwn(actions, action) ? actions[action]! : "";
  return patterns.includes(pattern === undefined ? "r" : PATTERN_LETTERS[pattern]);
}
