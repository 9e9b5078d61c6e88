/**
 * What the task of a flow calls, in one form for both languages: the parameters that the connectors of flows get, or for
 * `stepwell convert` the nearest thing AWS has.
 */
import type { Json, JsonObject } from "../json.ts";
import { type FlowResourceArn, parseFlowResourceArn } from "./resource-arn.ts";

export type TaskPattern = "requestResponse" | "sync" | "waitForTaskToken";

export interface TaskCall {
  readonly service: "http" | "fnf" | "fc" | "mns";
  readonly action: string;
  readonly pattern: TaskPattern;
  /** Templates by name of parameter, lowerCamelCase as in the new language. */
  readonly parameters: JsonObject;
}

/** `Resource` and `Arguments` of an ASL Task. */
export function taskFields(call: TaskCall, plain: boolean): { readonly Resource: string; readonly Arguments: Json } {
  if (plain) return awsTask(call);
  const suffix = call.pattern === "requestResponse" ? "" : `.${call.pattern}`;
  return { Resource: `arn:acs:states:::${call.service}:${call.action}${suffix}`, Arguments: call.parameters };
}

/** JSONata for what the flow calls the result of the call, of what AWS's integration gives. */
export function awsResult({ service, pattern }: Pick<TaskCall, "service" | "pattern">): string {
  if (pattern === "waitForTaskToken") return "$states.result";
  if (service === "fc") return "$states.result.Payload";
  if (service === "fnf") return pattern === "sync" ? "$states.result.Output" : "$states.result";
  if (service === "mns") return "$states.result";
  return '{"Header": $states.result.Headers, "Code": $states.result.StatusCode, "Body": $states.result.ResponseBody}';
}

const REGION_AND_ACCOUNT = "us-east-1:123456789012";

/** The nearest integration of AWS; names of functions, queues, topics and machines are the flow's. */
function awsTask(call: TaskCall): { readonly Resource: string; readonly Arguments: Json } {
  const { parameters, pattern, service } = call;
  const token = pattern === "waitForTaskToken" ? ".waitForTaskToken" : "";
  const arn =
    typeof parameters["resourceArn"] === "string" ? parseFlowResourceArn(parameters["resourceArn"]) : undefined;
  if (service === "fnf") {
    return {
      Resource: `arn:aws:states:::states:startExecution${pattern === "sync" ? ".sync:2" : token}`,
      Arguments: {
        StateMachineArn: `arn:aws:states:${REGION_AND_ACCOUNT}:stateMachine:${nameOf(arn, parameters)}`,
        ...(parameters["executionName"] === undefined ? {} : { Name: parameters["executionName"] }),
        ...(parameters["input"] === undefined ? {} : { Input: parameters["input"] }),
      },
    };
  }
  if (service === "fc") {
    const payload = parameters["body"];
    return {
      Resource: `arn:aws:states:::lambda:invoke${token}`,
      Arguments: { FunctionName: nameOf(arn, parameters), ...(payload === undefined ? {} : { Payload: payload }) },
    };
  }
  if (service === "mns") return awsMessage(parameters, arn, token);
  const { url, method, headers, body } = parameters;
  return {
    Resource: "arn:aws:states:::http:invoke",
    Arguments: {
      ...(url === undefined ? {} : { ApiEndpoint: url }),
      ...(method === undefined ? {} : { Method: method }),
      ...(headers === undefined ? {} : { Headers: headers }),
      ...(body === undefined ? {} : { RequestBody: body }),
      Authentication: { ConnectionArn: `arn:aws:events:${REGION_AND_ACCOUNT}:connection/replace-me/00000000` },
    },
  };
}

function awsMessage(
  parameters: JsonObject,
  arn: FlowResourceArn | undefined,
  token: string,
): ReturnType<typeof awsTask> {
  const body = parameters["messageBody"] ?? "";
  const topic = arn?.service === "mns" ? arn.kind === "topics" : parameters["topicName"] !== undefined;
  const name = nameOf(arn, parameters);
  if (topic) {
    const Arguments = { TopicArn: `arn:aws:sns:${REGION_AND_ACCOUNT}:${name}`, Message: body };
    return { Resource: `arn:aws:states:::sns:publish${token}`, Arguments };
  }
  const QueueUrl = `https://sqs.us-east-1.amazonaws.com/123456789012/${name}`;
  return { Resource: `arn:aws:states:::sqs:sendMessage${token}`, Arguments: { QueueUrl, MessageBody: body } };
}

function nameOf(arn: FlowResourceArn | undefined, parameters: JsonObject): string {
  if (arn?.service === "fnf") return arn.flow;
  if (arn?.service === "fc") return arn.function;
  if (arn?.service === "mns") return arn.name;
  const name = parameters["queueName"] ?? parameters["topicName"];
  return typeof name === "string" && !name.startsWith("{%") ? name : "replace-me";
}
