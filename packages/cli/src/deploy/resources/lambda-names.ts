/** AWS::Lambda::Version and ::Alias: names of the code that is deployed now. */
import type { JsonObject } from "@stepwell/core";
import type { PlanContext, PlannedResource, ResourceKind } from "./resource-kind.ts";

const VERSION = "1";

export const lambdaVersion: ResourceKind = {
  plan: (context) => qualified(context, VERSION),
};

export const lambdaAlias: ResourceKind = {
  plan: (context) => qualified(context, String(context.properties["Name"] ?? "")),
};

/** Functions have one code here: what is deployed. Every version and alias runs it. */
function qualified({ properties, identity, problem }: PlanContext, qualifier: string): PlannedResource {
  const given = properties["FunctionName"];
  if (typeof given !== "string" || qualifier === "")
    problem("FunctionName", "must name a function, and an alias a name");
  const name = String(given)
    .replace(/^arn:.*:function:/, "")
    .replace(/:.*$/, "");
  const arn = `arn:${identity.partition}:lambda:${identity.region}:${identity.accountId}:function:${name}`;
  const reference = `${arn}:${qualifier}`;
  const attributes: JsonObject = {
    Version: qualifier,
    FunctionArn: reference,
    AliasArn: reference,
    FunctionName: name,
  };
  return { physicalId: reference, reference, attributes, desired: { reference }, where: "a name of the deployed code" };
}
