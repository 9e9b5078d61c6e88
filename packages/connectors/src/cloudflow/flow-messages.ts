/** Messages to queues and topics (cloudflow.md 5.4), which go to HTTP endpoints of the configuration. */
import { type JsonObject, parseFlowResourceArn } from "@stepwell/core";
import type { TaskOutcome, TaskRequest } from "@stepwell/engine";
import { type HttpConnections, NoAnswer } from "../http-task/http-call.ts";
import { failed, stringOf } from "./flow-outcome.ts";

const TIMEOUT_MS = 60_000;
const ANSWER_BYTES_MAX = 65_536;

/** `queues/<name>` or `topics/<name>`, with `*` for any name, to the URL that messages are POSTed to. */
export type MessageEndpoints = Readonly<Record<string, string>>;

export async function sendMessage(
  request: TaskRequest,
  endpoints: MessageEndpoints,
  http: HttpConnections,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  const parameters = JSON.parse(request.input) as JsonObject;
  const place = placeOf(parameters);
  if (place === undefined) return failed("MNS.InvalidArgument", "the name of a queue or a topic is missing");
  const url = endpointOf(place, endpoints);
  if (url === undefined) {
    const key = place.startsWith("topics/") ? "TopicNotExist" : "QueueNotExist";
    return failed(`MNS.${key}`, `no endpoint for '${place}': name one in cloudflow.messages of stepwell.yaml`);
  }
  const { resourceArn: _arn, queueName: _queue, topicName: _topic, messageBody, ...attributes } = parameters;
  const message = { [place.startsWith("topics/") ? "TopicName" : "QueueName"]: place.slice(place.indexOf("/") + 1) };
  const body = JSON.stringify({ ...message, MessageBody: stringOf(messageBody), ...capitalised(attributes) });
  try {
    const answer = await http.call({
      method: "POST",
      url: new URL(url),
      headers: { "Content-Type": "application/json" },
      body,
      timeoutMs: TIMEOUT_MS,
      responseBytesMax: ANSWER_BYTES_MAX,
      signal,
    });
    if (answer.statusCode >= 400) return failed(statusError(answer.statusCode), answer.body.toString().slice(0, 1_000));
    const output = JSON.stringify({ MessageId: request.taskToken.slice(-32) });
    const waits = request.resource.kind === "service" && request.resource.pattern === "waitForTaskToken";
    return waits ? { kind: "submitted", output } : { kind: "succeeded", output };
  } catch (error) {
    if (error instanceof NoAnswer) return failed("MNS.InternalServerError", error.message);
    throw error;
  }
}

function placeOf({ resourceArn, queueName, topicName }: JsonObject): string | undefined {
  const arn = typeof resourceArn === "string" ? parseFlowResourceArn(resourceArn) : undefined;
  if (arn?.service === "mns") return `${arn.kind}/${arn.name}`;
  if (typeof queueName === "string") return `queues/${queueName}`;
  return typeof topicName === "string" ? `topics/${topicName}` : undefined;
}

function endpointOf(place: string, endpoints: MessageEndpoints): string | undefined {
  const [kind] = place.split("/");
  for (const key of [place, `${kind}/*`]) if (Object.hasOwn(endpoints, key)) return endpoints[key];
  return undefined;
}

function capitalised(members: JsonObject): JsonObject {
  const entries = Object.entries(members).map(([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), value]);
  return Object.fromEntries(entries) as JsonObject;
}

function statusError(status: number): string {
  if (status === 429) return "MNS.ResourceThrottled";
  return status >= 500 ? "MNS.InternalServerError" : "MNS.InvalidArgument";
}
