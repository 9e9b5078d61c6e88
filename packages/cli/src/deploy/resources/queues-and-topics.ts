/** AWS::SQS::Queue, AWS::SNS::Topic, AWS::SNS::Subscription. */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { EndpointRefusal } from "../aws-endpoints.ts";
import { urlSuffix } from "../resolve/pseudo-parameters.ts";
import { arnPrefix, endpointResource } from "./endpoint-resource.ts";
import type { ResourceKind } from "./resource-kind.ts";

const QUEUE_ATTRIBUTES = [
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "DelaySeconds",
  "FifoQueue",
  "FifoThroughputLimit",
  "KmsDataKeyReusePeriodSeconds",
  "KmsMasterKeyId",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
  "ReceiveMessageWaitTimeSeconds",
  "RedriveAllowPolicy",
  "RedrivePolicy",
  "SqsManagedSseEnabled",
  "VisibilityTimeout",
];

/** The service's attributes are texts, and objects JSON texts. */
function texts(properties: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = properties[name];
      return value === undefined ? [] : [[name, typeof value === "object" ? JSON.stringify(value) : String(value)]];
    }),
  );
}

const isFifo = (value: Json | undefined): boolean => String(value) === "true";

export const queue: ResourceKind = endpointResource({
  service: "sqs",
  calls: "sqs:sendMessage and other calls of SQS",
  missing: /NonExistentQueue|QueueDoesNotExist/,
  plan(context, url) {
    const { properties, identity } = context;
    const name = context.name(properties["QueueName"], {
      lengthMax: 80,
      ...(isFifo(properties["FifoQueue"]) ? { suffix: ".fifo" } : {}),
    });
    const base = url ?? `https://sqs.${identity.region}.${urlSuffix(identity.partition)}`;
    const reference = `${base.replace(/\/$/, "")}/${identity.accountId}/${name}`;
    return {
      physicalId: name,
      reference,
      attributes: { Arn: `${arnPrefix(context, "sqs")}${name}`, QueueName: name, QueueUrl: reference },
      request: { QueueName: name, Attributes: texts(properties, QUEUE_ATTRIBUTES) },
    };
  },
  async ensure(call, { physicalId, request }) {
    const made = await call("createQueue", request).catch(async (error: unknown) => {
      // One of that name with other attributes.
      if (!(error instanceof EndpointRefusal && /QueueAlreadyExists|QueueNameExists/.test(error.code))) throw error;
      return call("getQueueUrl", { QueueName: physicalId });
    });
    const QueueUrl = String(made["QueueUrl"]);
    const { FifoQueue: _, ...changeable } = request["Attributes"] as JsonObject;
    if (Object.keys(changeable).length > 0) await call("setQueueAttributes", { QueueUrl, Attributes: changeable });
    const { Attributes } = await call("getQueueAttributes", { QueueUrl, AttributeNames: ["QueueArn"] });
    const Arn = isJsonObject(Attributes) ? String(Attributes["QueueArn"]) : "";
    return { reference: QueueUrl, attributes: { Arn, QueueName: physicalId, QueueUrl } };
  },
  find: (_name, reference) => ["getQueueAttributes", { QueueUrl: reference, AttributeNames: ["QueueArn"] }],
  async remove(call, _name, reference) {
    await call("deleteQueue", { QueueUrl: reference });
  },
});

const TOPIC_ATTRIBUTES = ["ContentBasedDeduplication", "DisplayName", "FifoTopic", "KmsMasterKeyId"];

export const topic: ResourceKind = endpointResource({
  service: "sns",
  calls: "sns:publish and other calls of SNS",
  missing: /^NotFound/,
  plan(context) {
    const { properties } = context;
    const name = context.name(properties["TopicName"], {
      lengthMax: 256,
      ...(isFifo(properties["FifoTopic"]) ? { suffix: ".fifo" } : {}),
    });
    if (isJsonArray(properties["Subscription"]))
      context.warn("Subscription of a topic is left out: use AWS::SNS::Subscription");
    const reference = `${arnPrefix(context, "sns")}${name}`;
    return {
      physicalId: name,
      reference,
      attributes: { TopicArn: reference, TopicName: name },
      request: { Name: name, Attributes: texts(properties, TOPIC_ATTRIBUTES) },
    };
  },
  async ensure(call, { physicalId, request }) {
    const { TopicArn } = await call("createTopic", request);
    const reference = String(TopicArn);
    return { reference, attributes: { TopicArn: reference, TopicName: physicalId } };
  },
  find: (_name, reference) => ["getTopicAttributes", { TopicArn: reference }],
  async remove(call, _name, reference) {
    await call("deleteTopic", { TopicArn: reference });
  },
});

const SUBSCRIPTION_ATTRIBUTES = ["FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"];

export const subscription: ResourceKind = endpointResource({
  service: "sns",
  calls: "what a topic delivers",
  missing: /^NotFound/,
  plan(context) {
    const { properties, stackName, declaration } = context;
    const { TopicArn = "", Protocol = "", Endpoint = "" } = properties;
    if (String(Protocol) === "lambda") context.warn("a topic calls no function of this service");
    const physicalId = `${stackName}-${declaration.logicalId}`;
    const reference = `${String(TopicArn)}:${physicalId}`;
    const attributes = texts(properties, SUBSCRIPTION_ATTRIBUTES);
    return {
      physicalId,
      reference,
      attributes: { Arn: reference },
      request: { TopicArn, Protocol, Endpoint, Attributes: attributes, ReturnSubscriptionArn: true },
    };
  },
  async ensure(call, { request }) {
    const { SubscriptionArn } = await call("subscribe", request);
    return { reference: String(SubscriptionArn), attributes: { Arn: String(SubscriptionArn) } };
  },
  find: (_name, reference) => ["getSubscriptionAttributes", { SubscriptionArn: reference }],
  async remove(call, _name, reference) {
    await call("unsubscribe", { SubscriptionArn: reference });
  },
});
