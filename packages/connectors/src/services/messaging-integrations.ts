import type { Json, JsonObject } from "@stepwell/core";
import { isJsonArray, isJsonObject } from "@stepwell/core";
import type { AskingTask, Integration } from "./integration.ts";
import { asText } from "./json-texts.ts";

const DYNAMODB_ERRORS = { prefix: "DynamoDB", v1Service: "AmazonDynamoDBv2", fallback: "AmazonDynamoDBException" };

function dynamodb(operation: string): Integration {
  return { model: "dynamodb", operation, errors: DYNAMODB_ERRORS, metadata: true };
}

/** Messages, items and events: one call each. features.md B.3. */
export const MESSAGING_INTEGRATIONS: Readonly<Record<string, Integration>> = {
  "sns:publish": {
    model: "sns",
    operation: "publish",
    errors: { prefix: "SNS", v1Service: "AmazonSNS", fallback: "AmazonSNSException" },
    metadata: true,
    texts: ["Message"],
  },
  "sqs:sendMessage": {
    model: "sqs",
    operation: "sendMessage",
    errors: { prefix: "SQS", v1Service: "AmazonSQS", fallback: "AmazonSQSException" },
    metadata: true,
    texts: ["MessageBody"],
  },
  "dynamodb:getItem": dynamodb("getItem"),
  "dynamodb:putItem": dynamodb("putItem"),
  "dynamodb:updateItem": dynamodb("updateItem"),
  "dynamodb:deleteItem": dynamodb("deleteItem"),
  "events:putEvents": {
    model: "eventbridge",
    operation: "putEvents",
    errors: { prefix: "EventBridge", v1Service: "AmazonEventBridge", fallback: "AmazonEventBridgeException" },
    metadata: false,
    prepare: (parameters, request) => eventsWithOrigin(parameters, request),
    refused: (output) => (Number(output["FailedEntryCount"]) > 0 ? { error: "EventBridge.FailedEntry" } : undefined),
  },
};

/** Every event says which execution of which state machine sent it. AWS, "Add EventBridge events with Step Functions". */
function eventsWithOrigin(parameters: JsonObject, { executionArn, stateMachineArn }: AskingTask): JsonObject {
  const entries = parameters["Entries"];
  if (!isJsonArray(entries as Json)) return parameters;
  return {
    ...parameters,
    Entries: (entries as readonly Json[]).map((entry) => {
      if (!isJsonObject(entry)) return entry;
      const given = isJsonArray(entry["Resources"] as Json) ? (entry["Resources"] as readonly Json[]) : [];
      const detail = Object.hasOwn(entry, "Detail") ? { Detail: asText(entry["Detail"] as Json) } : {};
      return { ...entry, ...detail, Resources: [...given, stateMachineArn, executionArn] };
    }),
  };
}
