/** AWS::Events::EventBus, AWS::SSM::Parameter, AWS::SecretsManager::Secret. */
import { randomBytes } from "node:crypto";
import { isJsonObject, type Json } from "@stepwell/core";
import { EndpointRefusal } from "../aws-endpoints.ts";
import { arnPrefix, endpointResource } from "./endpoint-resource.ts";
import type { ResourceKind } from "./resource-kind.ts";

export const eventBus: ResourceKind = endpointResource({
  service: "eventbridge",
  calls: "events:putEvents and other calls of EventBridge",
  missing: /ResourceNotFound/,
  plan(context) {
    const name = context.name(context.properties["Name"], { lengthMax: 256 });
    const Arn = `${arnPrefix(context, "events")}event-bus/${name}`;
    return { physicalId: name, reference: name, attributes: { Arn, Name: name }, request: { Name: name } };
  },
  async ensure(call, { physicalId, request, attributes }) {
    const { EventBusArn } = await call("createEventBus", request).catch((error: unknown) => {
      if (!(error instanceof EndpointRefusal && /AlreadyExists/.test(error.code))) throw error;
      return {} as { readonly EventBusArn?: Json };
    });
    return { reference: physicalId, attributes: { ...attributes, Arn: EventBusArn ?? attributes["Arn"] ?? "" } };
  },
  find: (name) => ["describeEventBus", { Name: name }],
  async remove(call, name) {
    await call("deleteEventBus", { Name: name });
  },
});

export const ssmParameter: ResourceKind = endpointResource({
  service: "ssm",
  calls: "ssm:getParameter and other calls of SSM",
  missing: /ParameterNotFound/,
  plan(context) {
    const { properties } = context;
    const name = context.name(properties["Name"], { lengthMax: 1011 });
    const { Type = "String", Value = "" } = properties;
    return {
      physicalId: name,
      reference: name,
      attributes: { Type, Value },
      request: { Name: name, Type, Value, Overwrite: true },
    };
  },
  async ensure(call, { request }) {
    await call("putParameter", request);
    return undefined;
  },
  find: (name) => ["getParameter", { Name: name }],
  async remove(call, name) {
    await call("deleteParameter", { Name: name });
  },
});

export const secret: ResourceKind = endpointResource({
  service: "secretsmanager",
  calls: "secretsmanager:getSecretValue and other calls of Secrets Manager",
  missing: /ResourceNotFound/,
  plan(context) {
    const { properties } = context;
    const name = context.name(properties["Name"], { lengthMax: 512 });
    const reference = `${arnPrefix(context, "secretsmanager")}secret:${name}`;
    const { SecretString, GenerateSecretString } = properties;
    return {
      physicalId: name,
      reference,
      attributes: { Id: reference },
      request: {
        Name: name,
        ...(SecretString === undefined ? { Generate: GenerateSecretString ?? {} } : { SecretString }),
      },
    };
  },
  async ensure(call, { request }, change) {
    const { Generate, ...given } = request;
    const text = given["SecretString"] ?? generated(Generate);
    const made = await call("createSecret", { ...given, SecretString: text }).catch(async (error: unknown) => {
      if (!(error instanceof EndpointRefusal && /ResourceExists/.test(error.code))) throw error;
      // A value that was generated is kept.
      if (change === "update" && Generate === undefined)
        await call("putSecretValue", { SecretId: given["Name"] ?? "", SecretString: text });
      return call("describeSecret", { SecretId: given["Name"] ?? "" });
    });
    // The answer's members are spelled as workflows see them: the API says ARN.
    const arn = String(made["Arn"] ?? made["ARN"]);
    return { reference: arn, attributes: { Id: arn } };
  },
  find: (_name, reference) => ["describeSecret", { SecretId: reference }],
  async remove(call, _name, reference) {
    await call("deleteSecret", { SecretId: reference, ForceDeleteWithoutRecovery: true });
  },
});

/** GenerateSecretString: a random text, alone or as a member of a JSON object. */
function generated(rule: Json | undefined): string {
  const { GenerateStringKey, SecretStringTemplate, PasswordLength } = isJsonObject(rule) ? rule : {};
  const length = Math.min(Number(PasswordLength ?? 32) || 32, 4_096);
  const password = randomBytes(length).toString("base64url").slice(0, length);
  if (typeof GenerateStringKey !== "string") return password;
  const template = JSON.parse(String(SecretStringTemplate ?? "{}")) as object;
  return JSON.stringify(Object.fromEntries([...Object.entries(template), [GenerateStringKey, password]]));
}
