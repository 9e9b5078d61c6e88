/** Which parameters an integration has: told by its API's model, or here where it has other ones. features.md B.3, B.6. */
import type { StartTask } from "@stepwell/core";
import type { ShapeReference } from "../service-models/model-data.ts";
import { memberName, type Spelling, sdkMemberName } from "../service-models/names.ts";
import { type ServiceModel, serviceModel } from "../service-models/service-model.ts";
import { OPTIMIZED_INTEGRATIONS } from "./optimized-integrations.ts";

export interface ParameterForm {
  readonly required: readonly string[];
  readonly fields: ReadonlySet<string>;
  /** The shapes of fields that are the API's own. */
  readonly model?: ServiceModel;
  readonly shapes?: ReadonlyMap<string, ShapeReference>;
  /** Below the top, names may also be spelled as the API does. */
  readonly lenientNames: boolean;
  readonly spelling: Spelling;
}

const SDK = "aws-sdk:";
const CLUSTER = ["ClusterName", "CertificateAuthority", "Endpoint"];

/** By `<service>:<action>`: required fields, and the others. */
const OWN: Readonly<Record<string, readonly [required: readonly string[], optional: readonly string[]]>> = {
  "apigateway:invoke": [
    ["ApiEndpoint", "Method"],
    ["Stage", "Path", "Headers", "QueryParameters", "RequestBody", "AllowNullValues", "AuthType"],
  ],
  "eks:call": [
    [...CLUSTER, "Method", "Path"],
    ["QueryParameters", "RequestBody"],
  ],
  "eks:runJob": [
    [...CLUSTER, "Job"],
    ["Namespace", "LogOptions"],
  ],
  "elasticmapreduce:addStep": [["ClusterId", "Step"], ["ExecutionRoleArn"]],
  "elasticmapreduce:cancelStep": [["ClusterId", "StepId"], ["StepCancellationOption"]],
  "elasticmapreduce:modifyInstanceFleetByName": [["ClusterId", "InstanceFleetName", "InstanceFleet"], []],
  "elasticmapreduce:modifyInstanceGroupByName": [["ClusterId", "InstanceGroupName", "InstanceGroup"], []],
  "elasticmapreduce:setClusterTerminationProtection": [["ClusterId", "TerminationProtected"], []],
  "elasticmapreduce:terminateCluster": [["ClusterId"], []],
  "http:invoke": [
    ["ApiEndpoint", "Method"],
    ["Authentication", "InvocationConfig", "Headers", "QueryParameters", "RequestBody", "Transform"],
  ],
  "lambda:invoke": [["FunctionName"], ["ClientContext", "InvocationType", "LogType", "Payload", "Qualifier"]],
  "states:startExecution": [["StateMachineArn"], ["Input", "Name", "TraceHeader"]],
};

/** Fields that an integration has besides its operation's, and those it can do without. */
const BESIDES: Readonly<Record<string, { readonly more: readonly string[]; readonly optional: readonly string[] }>> = {
  "bedrock:invokeModel": { more: ["Input", "Output"], optional: ["Body"] },
};

/** Undefined for resources whose input is anything: functions by ARN, activities, jobs of the user's own. */
export function parameterForm(resource: StartTask["resource"]): ParameterForm | undefined {
  if (resource.kind !== "service") return undefined;
  const { service, action, pattern } = resource;
  const name = `${service}:${action}`;
  const own = Object.hasOwn(OWN, name) ? OWN[name] : undefined;
  if (own !== undefined)
    return { required: own[0], fields: new Set(own.flat()), lenientNames: true, spelling: memberName };
  if (service.startsWith(SDK)) return operationForm(service.slice(SDK.length), action, sdkMemberName);
  const integration = Object.hasOwn(OPTIMIZED_INTEGRATIONS, name) ? OPTIMIZED_INTEGRATIONS[name] : undefined;
  if (integration === undefined) return undefined;
  const form = operationForm(integration.model, integration.operation, memberName);
  if (form === undefined) return undefined;
  const { more = [], optional = [] } = BESIDES[name] ?? {};
  const reserved = pattern === "requestResponse" ? [] : (integration.reserved ?? []);
  return {
    ...form,
    required: form.required.filter((field) => !optional.includes(field)),
    fields: new Set([...form.fields, ...more].filter((field) => !reserved.includes(field))),
  };
}

function operationForm(service: string, action: string, spelling: Spelling): ParameterForm | undefined {
  const model = serviceModel(service);
  const operation = model?.operation(action);
  if (model === undefined || operation === undefined) return undefined;
  const { members = {}, required = [] } = operation.input === undefined ? {} : model.shape(operation.input);
  // Who knows a repeated request by a token is given one.
  const needed = required.filter((member) => members[member]?.idempotencyToken !== true);
  const shapes = new Map(Object.entries(members).map(([member, of]) => [spelling(member), of]));
  const lenientNames = spelling === memberName;
  return { required: needed.map(spelling), fields: new Set(shapes.keys()), model, shapes, lenientNames, spelling };
}
