/**
 * What a task's parameters must become on the wire: the service, the operation, and the parameters after data flow in the
 * API's own form. Written down from AWS's pages of the integrations, not from the product.
 */
import type { ShapeReference } from "@stepwell/connectors";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { type Api, apiOf, type Operation, operationOf, shapeOf } from "./aws-model.ts";

export interface Target {
  readonly api: Api;
  readonly operation: Operation;
  /** The parameters in the form of the operation. */
  readonly form: (parameters: JsonObject) => JsonObject;
}

const MODELS: Readonly<Record<string, string>> = {
  elasticmapreduce: "emr",
  "emr-containers": "emrcontainers",
  "emr-serverless": "emrserverless",
  events: "eventbridge",
};

/** Actions that are called otherwise than their operation, or take other parameters. */
const OTHERS: Readonly<Record<string, readonly [operation: string, form: Target["form"], service?: string]>> = {
  "elasticmapreduce:createCluster": ["RunJobFlow", (parameters) => parameters],
  "elasticmapreduce:terminateCluster": ["TerminateJobFlows", ({ ClusterId }) => ({ JobFlowIds: [ClusterId!] })],
  "elasticmapreduce:addStep": [
    "AddJobFlowSteps",
    ({ ClusterId, Step, ...rest }) => ({ JobFlowId: ClusterId!, Steps: [Step!], ...rest }),
  ],
  "elasticmapreduce:cancelStep": ["CancelSteps", ({ StepId, ...rest }) => ({ ...rest, StepIds: [StepId!] })],
  "elasticmapreduce:setClusterTerminationProtection": [
    "SetTerminationProtection",
    ({ ClusterId, ...rest }) => ({ ...rest, JobFlowIds: [ClusterId!] }),
  ],
  "elasticmapreduce:modifyInstanceFleetByName": [
    "ModifyInstanceFleet",
    ({ ClusterId, InstanceFleet }) => ({ ClusterId: ClusterId!, InstanceFleet: InstanceFleet! }),
  ],
  "elasticmapreduce:modifyInstanceGroupByName": [
    "ModifyInstanceGroups",
    ({ ClusterId, InstanceGroup }) => ({ ClusterId: ClusterId!, InstanceGroups: [InstanceGroup!] }),
  ],
  // A version or alias may stand in the name or beside it.
  "lambda:invoke": [
    "Invoke",
    ({ FunctionName, ...rest }) => {
      const [, name, version] = /^(arn:.*:function:[^:]+):(.+)$/.exec(String(FunctionName)) ?? [];
      return {
        ...rest,
        ...(name === undefined ? { FunctionName: FunctionName! } : { FunctionName: name, Qualifier: version! }),
      };
    },
  ],
  // Where the prompt and the answer are in S3, the body is what was read.
  "bedrock:invokeModel": ["InvokeModel", ({ Input: _, Output: _output, ...rest }) => rest, "bedrockruntime"],
};

/** Undefined for resources that are no operation of an API: functions by ARN, activities, HTTP, nested executions. */
export function targetOf(resource: string): Target | undefined {
  const match = /^arn:aws:states:::(?:aws-sdk:)?([\w-]+):(\w+)(?:\.\w+(?::2)?)?$/.exec(resource);
  if (match === null) return undefined;
  const [, service = "", action = ""] = match;
  const [operation = action, form = (parameters: JsonObject) => parameters, other] =
    OTHERS[`${service}:${action}`] ?? [];
  const api = apiOf(other ?? MODELS[service] ?? service);
  const found = api === undefined ? undefined : operationOf(api, operation);
  return api === undefined || found === undefined ? undefined : { api, operation: found, form };
}

/** What Step Functions, or the SDK, adds by itself; everything else that goes out must have been asked for. */
const ADDED: ReadonlySet<string> = new Set([
  "s3:GetObject ChecksumMode",
  "ecs:RunTask startedBy",
  "batch:SubmitJob containerOverrides",
  "sagemaker:CreateTrainingJob Tags",
  "sagemaker:CreateTransformJob Tags",
  "lambda:Invoke InvocationType",
  "lambda:Invoke LogType",
  "lambda:Invoke Payload",
  "bedrockruntime:InvokeModel contentType",
  "bedrockruntime:InvokeModel accept",
  "bedrockruntime:InvokeModel body",
]);

/** What is wrong with the parameters that went out. `asked` has the spelling of workflows. */
export function wrongParameters({ api, operation }: Target, asked: Json, sent: Json): string[] {
  const wrong: string[] = [];
  const complain = (path: string, what: string) => wrong.push(`${api.service}:${operation.name}${path}: ${what}`);
  const top = operation.input === undefined ? {} : (shapeOf(api, operation.input).members ?? {});
  for (const name of Object.keys(sent as JsonObject)) {
    const isAsked = Object.keys(asked as JsonObject).some((given) => given.toLowerCase() === name.toLowerCase());
    const isToken = top[name]?.idempotencyToken === true;
    if (!isAsked && !isToken && !ADDED.has(`${api.service}:${operation.name} ${name}`))
      complain(`/${name}`, "nobody asked for it");
  }
  compare(api, operation.input, asked, sent, "", complain);
  return wrong;
}

/** Whatever was asked for must have been sent; a text may stand for a value that is none, and for a number. */
function compare(
  api: Api,
  reference: ShapeReference | undefined,
  asked: Json,
  sent: Json | undefined,
  path: string,
  complain: (path: string, what: string) => void,
): void {
  const shape = reference === undefined ? undefined : shapeOf(api, reference);
  if (asked === null) return;
  if (isJsonObject(asked) && isJsonObject(sent)) {
    for (const [name, value] of Object.entries(asked)) {
      const isStructure = shape?.type === "structure";
      const member = isStructure
        ? Object.keys(shape.members ?? {}).find((each) => each.toLowerCase() === name.toLowerCase())
        : name;
      const of = isStructure ? shape.members?.[member ?? ""] : shape?.value;
      compare(api, of, value, member === undefined ? undefined : sent[member], `${path}/${name}`, complain);
    }
  } else if (isJsonArray(asked) && isJsonArray(sent)) {
    if (sent.length < asked.length) complain(path, `${sent.length} elements were sent of ${asked.length}`);
    asked.forEach((item, index) => {
      compare(api, shape?.member, item, sent[index], `${path}/${index}`, complain);
    });
  } else if (typeof sent === "string" && typeof asked === "object" && typeof parsed(sent) === "object") {
    compare(api, undefined, asked, parsed(sent), path, complain);
  } else if (!isSame(asked, sent)) complain(path, `asked for ${JSON.stringify(asked)}, sent ${JSON.stringify(sent)}`);
}

function isSame(asked: Json, sent: Json | undefined): boolean {
  if (typeof sent !== "string") return asked === sent || (typeof asked === "string" && asked === String(sent));
  if (typeof asked === "string") return asked === sent || `"${asked}"` === sent;
  return JSON.stringify(asked) === JSON.stringify(parsed(sent));
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The parameters as far as they can be told without an evaluator: literals, and plain paths into the input. */
export function plainParameters(template: Json, input: Json): Json | undefined {
  if (isJsonArray(template)) {
    const items = template.map((item) => plainParameters(item, input));
    return items.includes(undefined) ? undefined : (items as Json[]);
  }
  if (!isJsonObject(template)) return typeof template === "string" && template.startsWith("{%") ? undefined : template;
  const members = Object.entries(template).flatMap(([name, value]) => {
    const isPath = name.endsWith(".$");
    const plain = isPath ? valueAt(String(value), input) : plainParameters(value, input);
    return plain === undefined ? [] : [[isPath ? name.slice(0, -2) : name, plain] as const];
  });
  return Object.fromEntries(members);
}

function valueAt(path: string, input: Json): Json | undefined {
  if (!/^\$(\.\w+)*$/.test(path)) return undefined;
  let value: Json | undefined = input;
  for (const step of path.split(".").slice(1)) value = isJsonObject(value) ? value[step] : undefined;
  return value;
}
