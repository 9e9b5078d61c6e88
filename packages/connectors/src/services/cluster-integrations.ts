import type { Json, JsonObject } from "@stepwell/core";
import { isJsonArray } from "@stepwell/core";
import { at, type CallService, type Integration, type Job, ParameterRefusal, pick, statusIs } from "./integration.ts";

const EMR_ERRORS = {
  prefix: "ElasticMapReduce",
  v1Service: "AmazonElasticMapReduce",
  fallback: "AmazonElasticMapReduceException",
};
const EMR_CONTAINERS_ERRORS = {
  prefix: "EMRContainers",
  v1Service: "AmazonEMRContainers",
  fallback: "AmazonEMRContainersException",
};
const EMR_SERVERLESS_ERRORS = { prefix: "EmrServerless", fallback: "EmrServerlessException" };
const EKS_ERRORS = { prefix: "EKS", v1Service: "AmazonEKS", fallback: "AmazonEKSException" };

/** Pages of a list that is looked through for a name. */
const PAGES_MAX = 100;

/** Clusters and what runs on them. features.md B.2, B.3; each service's page of the developer guide. */
export const CLUSTER_INTEGRATIONS: Readonly<Record<string, Integration>> = {
  "elasticmapreduce:createCluster": {
    ...emr("runJobFlow"),
    result: ({ JobFlowId }) => ({ ClusterId: JobFlowId ?? null }),
    job: emrCluster(["WAITING", "TERMINATED"], ["TERMINATED_WITH_ERRORS"], {
      action: "terminateJobFlows",
      input: ({ ClusterId }) => ({ JobFlowIds: [ClusterId ?? null] }),
    }),
  },
  "elasticmapreduce:terminateCluster": {
    ...emr("terminateJobFlows"),
    prepare: (parameters) => ({ JobFlowIds: [required(parameters, "ClusterId")] }),
    result: (_output, parameters) => pick(parameters, "ClusterId"),
    job: emrCluster(["TERMINATED", "TERMINATED_WITH_ERRORS"], []),
  },
  "elasticmapreduce:addStep": {
    ...emr("addJobFlowSteps"),
    prepare: ({ ClusterId, Step, ...rest }) => ({
      ...rest,
      JobFlowId: required({ ClusterId: ClusterId as Json }, "ClusterId"),
      Steps: [required({ Step: Step as Json }, "Step")],
    }),
    result: (output) => ({ StepId: at(output, "StepIds", 0) ?? null }),
    job: {
      handle: ({ StepId }, { ClusterId }) => ({ ClusterId: ClusterId ?? null, StepId: StepId ?? null }),
      describe: "describeStep",
      describeInput: (handle) => handle,
      verdict: statusIs(["Step", "Status", "State"], ["COMPLETED"], ["CANCELLED", "FAILED", "INTERRUPTED"]),
      result: (described, { StepId }) => ({ ...described, StepId: StepId ?? null }),
      cancel: {
        action: "cancelSteps",
        input: ({ ClusterId, StepId }) => ({ ClusterId: ClusterId ?? null, StepIds: [StepId ?? null] }),
      },
    },
  },
  "elasticmapreduce:cancelStep": {
    ...emr("cancelSteps"),
    prepare: (parameters) => {
      const { StepId, ...rest } = parameters;
      return { ...rest, StepIds: [StepId ?? required(parameters, "StepId")] };
    },
    result: (output) => ({ CancelStepsInfo: at(output, "CancelStepsInfoList", 0) ?? null }),
  },
  "elasticmapreduce:setClusterTerminationProtection": {
    ...emr("setTerminationProtection"),
    prepare: (parameters) => {
      const { ClusterId, ...rest } = parameters;
      return { ...rest, JobFlowIds: [ClusterId ?? required(parameters, "ClusterId")] };
    },
  },
  "elasticmapreduce:modifyInstanceFleetByName": {
    ...emr("modifyInstanceFleet"),
    metadata: false,
    async perform(parameters, call) {
      const name = required(parameters, "InstanceFleetName");
      const ClusterId = required(parameters, "ClusterId");
      const id = await emrPartId(call, "listInstanceFleets", "InstanceFleets", ClusterId, name);
      const fleet = { ...(parameters["InstanceFleet"] as JsonObject), InstanceFleetId: id };
      return call("modifyInstanceFleet", { ClusterId, InstanceFleet: fleet });
    },
  },
  "elasticmapreduce:modifyInstanceGroupByName": {
    ...emr("modifyInstanceGroups"),
    metadata: false,
    async perform(parameters, call) {
      const name = required(parameters, "InstanceGroupName");
      const ClusterId = required(parameters, "ClusterId");
      const id = await emrPartId(call, "listInstanceGroups", "InstanceGroups", ClusterId, name);
      const group = { ...(parameters["InstanceGroup"] as JsonObject), InstanceGroupId: id };
      return call("modifyInstanceGroups", { ClusterId, InstanceGroups: [group] });
    },
  },
  "emr-containers:createVirtualCluster": emrContainers("createVirtualCluster"),
  "emr-containers:deleteVirtualCluster": emrContainers("deleteVirtualCluster", {
    handle: ({ Id }) => ({ Id: Id ?? null }),
    describe: "describeVirtualCluster",
    describeInput: (handle) => handle,
    verdict: statusIs(["VirtualCluster", "State"], ["TERMINATED"], ["ARRESTED"]),
  }),
  "emr-containers:startJobRun": emrContainers("startJobRun", {
    handle: (output) => pick(output, "Id", "VirtualClusterId"),
    describe: "describeJobRun",
    describeInput: (handle) => handle,
    described: ({ JobRun }) => JobRun as JsonObject | undefined,
    verdict: statusIs(["State"], ["COMPLETED"], ["CANCELLED", "FAILED"]),
    cancel: { action: "cancelJobRun", input: (handle) => handle },
  }),
  "emr-serverless:createApplication": emrServerless("createApplication", application("CREATED", "CREATED", "STARTED")),
  "emr-serverless:startApplication": emrServerless("startApplication", application("STARTED", "STARTED")),
  "emr-serverless:stopApplication": emrServerless("stopApplication", application("STOPPED", "STOPPED")),
  "emr-serverless:deleteApplication": emrServerless("deleteApplication", application("TERMINATED", "TERMINATED")),
  "emr-serverless:startJobRun": emrServerless("startJobRun", serverlessRun(["SUCCESS"], ["CANCELLED", "FAILED"])),
  "emr-serverless:cancelJobRun": emrServerless("cancelJobRun", serverlessRun(["CANCELLED"], ["FAILED", "SUCCESS"])),
  "eks:createCluster": eks("createCluster", eksPart("Cluster", "describeCluster", ["Name"], ["ACTIVE"])),
  "eks:deleteCluster": eks("deleteCluster", eksPart("Cluster", "describeCluster", ["Name"], [])),
  "eks:createNodegroup": eks("createNodegroup", eksPart("Nodegroup", "describeNodegroup", NODEGROUP(), ["ACTIVE"])),
  "eks:deleteNodegroup": eks("deleteNodegroup", eksPart("Nodegroup", "describeNodegroup", NODEGROUP(), [])),
  "eks:createFargateProfile": eks(
    "createFargateProfile",
    eksPart("FargateProfile", "describeFargateProfile", FARGATE(), ["ACTIVE"]),
  ),
  "eks:deleteFargateProfile": eks(
    "deleteFargateProfile",
    eksPart("FargateProfile", "describeFargateProfile", FARGATE(), []),
  ),
};

function NODEGROUP(): readonly string[] {
  return ["ClusterName", "NodegroupName"];
}

function FARGATE(): readonly string[] {
  return ["ClusterName", "FargateProfileName"];
}

function required(parameters: JsonObject, name: string): Json {
  const value = parameters[name];
  if (value === undefined) throw new ParameterRefusal([`The field '${name}' is required but was missing`]);
  return value;
}

function emr(operation: string): Integration {
  return { model: "emr", operation, errors: EMR_ERRORS, metadata: true };
}

function emrCluster(succeeded: readonly string[], failed: readonly string[], cancel?: Job["cancel"]): Job {
  return {
    handle: (output) => pick(output, "ClusterId"),
    describe: "describeCluster",
    describeInput: (handle) => handle,
    verdict: statusIs(["Cluster", "Status", "State"], succeeded, failed),
    result: (described, handle) => ({ ...handle, Cluster: described["Cluster"] ?? null }),
    ...(cancel === undefined ? {} : { cancel }),
  };
}

async function emrPartId(call: CallService, list: string, member: string, ClusterId: Json, name: Json): Promise<Json> {
  let marker: Json | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await call(list, { ClusterId, ...(marker === undefined ? {} : { Marker: marker }) });
    const parts = isJsonArray(answer[member] as Json) ? (answer[member] as readonly JsonObject[]) : [];
    const id = parts.find((part) => part["Name"] === name)?.["Id"];
    if (id !== undefined) return id;
    marker = answer["Marker"];
    if (marker === undefined) break;
  }
  throw new ParameterRefusal([`The cluster has none of the ${member} with the name '${String(name)}'`]);
}

function emrContainers(operation: string, job?: Job): Integration {
  const base = { model: "emrcontainers", operation, errors: EMR_CONTAINERS_ERRORS, metadata: true };
  return job === undefined ? base : { ...base, job };
}

function emrServerless(operation: string, job: Job): Integration {
  // Their APIs answer nothing to these.
  const isApplication = operation !== "createApplication" && operation.endsWith("Application");
  const base = { model: "emrserverless", operation, errors: EMR_SERVERLESS_ERRORS, metadata: false, job };
  return isApplication ? { ...base, result: (_output, parameters) => pick(parameters, "ApplicationId") } : base;
}

function application(target: string, ...succeeded: readonly string[]): Job {
  return {
    handle: (output, parameters) => pick({ ...parameters, ...output }, "ApplicationId"),
    describe: "getApplication",
    describeInput: (handle) => handle,
    verdict: statusIs(["Application", "State"], succeeded, target === "TERMINATED" ? [] : ["TERMINATED"]),
    ...(target === "CREATED" ? {} : { result: (_described: JsonObject, handle: JsonObject) => handle }),
    ...(target === "TERMINATED" ? { goneError: "ResourceNotFoundException" } : {}),
  };
}

function serverlessRun(succeeded: readonly string[], failed: readonly string[]): Job {
  return {
    handle: (output, parameters) => pick({ ...parameters, ...output }, "ApplicationId", "JobRunId"),
    describe: "getJobRun",
    describeInput: (handle) => handle,
    verdict: statusIs(["JobRun", "State"], succeeded, failed),
    // Who waits for a cancellation has no job of its own to stop.
    ...(succeeded[0] === "SUCCESS"
      ? { cancel: { action: "cancelJobRun", input: (handle: JsonObject) => handle } }
      : {}),
  };
}

function eks(operation: string, job: Job): Integration {
  return { model: "eks", operation, errors: EKS_ERRORS, metadata: true, job };
}

/** Something to be made or, where no state is a success, to be gone. */
function eksPart(member: string, describe: string, names: readonly string[], succeeded: readonly string[]): Job {
  const isDeletion = succeeded.length === 0;
  return {
    handle: (_output, parameters) => pick(parameters, ...names),
    describe,
    describeInput: (handle) => handle,
    verdict: statusIs([member, "Status"], succeeded, ["FAILED", "CREATE_FAILED", "DELETE_FAILED"]),
    ...(isDeletion ? { goneError: "ResourceNotFoundException" } : {}),
  };
}
