/** AWS::DynamoDB::Table. */
import { isJsonObject, type JsonObject } from "@stepwell/core";
import { EndpointRefusal } from "../aws-endpoints.ts";
import { arnPrefix, endpointResource } from "./endpoint-resource.ts";
import type { ResourceKind } from "./resource-kind.ts";

/** What cannot change while the table is there. */
const FIXED = ["KeySchema", "AttributeDefinitions", "LocalSecondaryIndexes"];
const CREATED_WITH = [
  ...FIXED,
  "BillingMode",
  "DeletionProtectionEnabled",
  "GlobalSecondaryIndexes",
  "ProvisionedThroughput",
  "SSESpecification",
  "TableClass",
  "Tags",
];

export const table: ResourceKind = endpointResource({
  service: "dynamodb",
  calls: "dynamodb:putItem and other calls of DynamoDB",
  missing: /ResourceNotFound/,
  plan(context) {
    const { properties, previous, declaration } = context;
    const name = context.name(properties["TableName"], { lengthMax: 255 });
    const request = pick(properties, CREATED_WITH);
    const { SSESpecification, StreamSpecification } = properties;
    const Arn = `${arnPrefix(context, "dynamodb")}table/${name}`;
    const fixed = JSON.stringify(pick(properties, FIXED));
    const before = previous?.details?.["fixed"];
    if (StreamSpecification !== undefined)
      context.warn(`the stream of ${declaration.logicalId} is read by nobody here`);
    return {
      physicalId: name,
      reference: name,
      attributes: { Arn, TableName: name, StreamArn: `${Arn}/stream/none` },
      request: {
        TableName: name,
        ...request,
        // CloudFormation calls it SSEEnabled, the API Enabled.
        ...(isJsonObject(SSESpecification)
          ? { SSESpecification: { Enabled: SSESpecification["SSEEnabled"] ?? false } }
          : {}),
        ...(request["BillingMode"] === undefined && request["ProvisionedThroughput"] === undefined
          ? { BillingMode: "PAY_PER_REQUEST" }
          : {}),
      },
      details: { fixed },
      ...(before !== undefined && before !== fixed ? { replaces: "its keys change" } : {}),
    };
  },
  async ensure(call, { physicalId, request, attributes }) {
    const made = await call("createTable", request).catch(async (error: unknown) => {
      if (!(error instanceof EndpointRefusal && /ResourceInUse/.test(error.code))) throw error;
      const { BillingMode, ProvisionedThroughput, DeletionProtectionEnabled } = request;
      const changes = { BillingMode, ProvisionedThroughput, DeletionProtectionEnabled };
      const given = Object.entries(changes).filter(([, value]) => value !== undefined);
      await call("updateTable", { TableName: physicalId, ...(Object.fromEntries(given) as JsonObject) }).catch(
        unchanged,
      );
      const { Table } = await call("describeTable", { TableName: physicalId });
      return { TableDescription: Table ?? {} };
    });
    const described = made["TableDescription"];
    const Arn =
      isJsonObject(described) && described["TableArn"] !== undefined ? described["TableArn"] : attributes["Arn"];
    return { reference: physicalId, attributes: { ...attributes, Arn: Arn ?? "" } };
  },
  find: (name) => ["describeTable", { TableName: name }],
  async remove(call, name) {
    await call("deleteTable", { TableName: name });
  },
});

/** "The table is already as it should be" is a ValidationException of DynamoDB. */
function unchanged(error: unknown): void {
  if (!(error instanceof EndpointRefusal && /Validation/.test(error.code))) throw error;
}

function pick(properties: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => (properties[name] === undefined ? [] : [[name, properties[name]]])),
  );
}
