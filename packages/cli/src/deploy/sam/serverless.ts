/**
 * The Serverless transform as far as workflows need it: functions, state machines, simple tables and Globals become plain
 * CloudFormation. Everything else of SAM is named as unsupported where it stands. AWS SAM, "Resource and property reference".
 */
import { createHash } from "node:crypto";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { type Problems, shown } from "../problem.ts";
import type { TemplateDocument } from "../template/template-document.ts";

export const SAM_TRANSFORM = "AWS::Serverless-2016-10-31";

type Refuse = (pointer: string, message: string) => void;
type Resources = Record<string, Json>;

/** The document with the transform carried out; pointers of what stays as it is stay as they are. */
export function withoutServerless(document: TemplateDocument, problems: Problems): TemplateDocument {
  const root = isJsonObject(document.value) ? document.value : {};
  const refuse: Refuse = (pointer, message) => problems.add(document.placeOf(pointer), pointer, message);
  const globals = isJsonObject(root["Globals"]) ? root["Globals"] : {};
  for (const name of Object.keys(globals))
    if (!["Function", "StateMachine", "SimpleTable", "Api", "HttpApi"].includes(name))
      refuse(`/Globals/${name}`, `Globals of ${name} are not supported`);
  const declared = isJsonObject(root["Resources"]) ? root["Resources"] : {};
  const aliases = new Map<string, { readonly alias: string; readonly version: string }>();
  const resources = Object.fromEntries(
    Object.entries(declared).flatMap(([id, value]) => {
      const made = isJsonObject(value) ? converted(id, value, globals, refuse) : undefined;
      if (made?.alias !== undefined) aliases.set(id, made.alias);
      return Object.entries(made?.resources ?? { [id]: value });
    }),
  );
  const { Globals: _, ...rest } = root;
  const value = withAliasReferences({ ...rest, Resources: resources }, aliases);
  return { ...document, value };
}

interface Converted {
  readonly resources: Resources;
  /** The logical ids that `!Ref Fn.Alias` and `!Ref Fn.Version` stand for. */
  readonly alias?: { readonly alias: string; readonly version: string };
}

function converted(id: string, resource: JsonObject, globals: JsonObject, refuse: Refuse): Converted | undefined {
  switch (resource["Type"]) {
    case "AWS::Serverless::Function":
      return serverlessFunction(id, resource, merged(globals["Function"], resource["Properties"]), refuse);
    case "AWS::Serverless::StateMachine":
      return serverlessStateMachine(id, resource, merged(globals["StateMachine"], resource["Properties"]), refuse);
    case "AWS::Serverless::SimpleTable":
      return simpleTable(id, resource, merged(globals["SimpleTable"], resource["Properties"]));
    case "AWS::Serverless::LayerVersion":
      return { resources: { [id]: { ...resource, Type: "AWS::Lambda::LayerVersion" } } };
    case "AWS::Serverless::Api":
      return restApi(id, resource);
    case "AWS::Serverless::HttpApi":
      return { resources: { [id]: plain(resource, "AWS::ApiGatewayV2::Api", {}) } };
    case "AWS::Serverless::Application":
      return application(id, resource, resource["Properties"]);
    case "AWS::Serverless::Connector":
      // It grants rights, which are not enforced.
      return { resources: {} };
    default:
      // What is left of SAM is refused, or made a name, like any other type.
      return undefined;
  }
}

/** Its stage is named in outputs. */
function restApi(id: string, resource: JsonObject): Converted {
  const properties = isJsonObject(resource["Properties"] ?? null) ? (resource["Properties"] as JsonObject) : {};
  const StageName = properties["StageName"];
  const stage = { Type: "AWS::ApiGateway::Stage", Properties: { StageName: StageName ?? "", RestApiId: { Ref: id } } };
  return {
    resources: {
      [id]: plain(resource, "AWS::ApiGateway::RestApi", {}),
      ...(typeof StageName === "string" ? { [`${id}${StageName.replace(/[^A-Za-z0-9]/g, "")}Stage`]: stage } : {}),
    },
  };
}

/** A template beside this one becomes a nested stack. One of the application repository stays, to be refused by its type. */
function application(id: string, resource: JsonObject, properties: Json | undefined): Converted | undefined {
  const { Location, Parameters } = isJsonObject(properties ?? null) ? (properties as JsonObject) : {};
  if (typeof Location !== "string") return undefined;
  const nested = optional({ TemplateURL: Location, Parameters });
  return { resources: { [id]: plain(resource, "AWS::CloudFormation::Stack", nested) } };
}

/** Globals are weaker; maps are merged, lists appended. AWS SAM, "Globals section". */
function merged(general: Json | undefined, own: Json | undefined): JsonObject {
  return mergedValue(general ?? {}, own ?? {}) as JsonObject;
}

function mergedValue(general: Json, own: Json): Json {
  if (isJsonArray(general) && isJsonArray(own)) return [...general, ...own];
  if (!isJsonObject(general) || !isJsonObject(own)) return own;
  const names = new Set([...Object.keys(general), ...Object.keys(own)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const [left, right] = [general[name], own[name]];
      return [name, left === undefined || right === undefined ? ((right ?? left) as Json) : mergedValue(left, right)];
    }),
  );
}

/** What stands beside Properties stays. */
function plain(resource: JsonObject, type: string, properties: JsonObject): JsonObject {
  return { ...resource, Type: type, Properties: properties };
}

function serverlessFunction(id: string, resource: JsonObject, properties: JsonObject, refuse: Refuse): Converted {
  const {
    CodeUri,
    InlineCode,
    ImageUri,
    AutoPublishAlias,
    Events,
    Policies: _p,
    Role,
    Tags,
    Layers,
    ...rest
  } = properties;
  const pointer = `/Resources/${id}/Properties`;
  const code = InlineCode === undefined ? codeOf(CodeUri) : { ZipFile: InlineCode };
  if (code === undefined && ImageUri === undefined) refuse(pointer, "must have CodeUri or InlineCode");
  const role = `${id}Role`;
  const events = Object.entries(isJsonObject(Events) ? Events : {}).flatMap(([name, event]) =>
    functionEvent(id, name, event, `${pointer}/Events/${name}`, refuse),
  );
  const named = publishedFunction(id, AutoPublishAlias, { code: code ?? null, rest });
  return {
    resources: {
      [id]: plain(resource, "AWS::Lambda::Function", {
        ...keep(rest, FUNCTION_PROPERTIES),
        ...(code === undefined ? {} : { Code: code }),
        ...(ImageUri === undefined ? {} : { PackageType: "Image" }),
        ...(Layers === undefined ? {} : { Layers }),
        ...(isJsonArray(Tags) ? { Tags } : {}),
        Role: Role ?? { "Fn::GetAtt": [role, "Arn"] },
      }),
      ...(Role === undefined ? { [role]: { Type: "AWS::IAM::Role", Properties: {} } } : {}),
      ...(rest["FunctionUrlConfig"] === undefined
        ? {}
        : { [`${id}Url`]: { Type: "AWS::Lambda::Url", Properties: {} } }),
      ...Object.fromEntries(events),
      ...named?.resources,
    },
    ...(named === undefined ? {} : { alias: named.alias }),
  };
}

const FUNCTION_PROPERTIES = new Set([
  "Description",
  "Environment",
  "FunctionName",
  "Handler",
  "MemorySize",
  "PackageType",
  "ReservedConcurrentExecutions",
  "Runtime",
  "Timeout",
]);

function keep(properties: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => names.has(name)));
}

function codeOf(uri: Json | undefined): Json | undefined {
  if (!isJsonObject(uri)) return uri;
  return { S3Bucket: uri["Bucket"] ?? "", S3Key: uri["Key"] ?? "" };
}

function publishedFunction(
  id: string,
  alias: Json | undefined,
  content: JsonObject,
): { readonly resources: Resources; readonly alias: { readonly alias: string; readonly version: string } } | undefined {
  if (alias === undefined) return undefined;
  const version = `${id}Version${hashOf(content)}`;
  const aliasId = `${id}Alias${String(alias).replace(/[^A-Za-z0-9]/g, "")}`;
  return {
    resources: {
      [version]: { Type: "AWS::Lambda::Version", Properties: { FunctionName: { Ref: id } } },
      [aliasId]: { Type: "AWS::Lambda::Alias", Properties: { FunctionName: { Ref: id }, Name: alias } },
    },
    alias: { alias: aliasId, version },
  };
}

/** Only what does not change what a workflow sees is taken; what is asked for over HTTP is not there. */
function functionEvent(id: string, name: string, event: Json, pointer: string, refuse: Refuse): [string, Json][] {
  const type = isJsonObject(event) ? String(event["Type"]) : "";
  if (CALLING_EVENTS.has(type)) return [[`${id}${name}`, { Type: "AWS::Lambda::EventSourceMapping", Properties: {} }]];
  if (type === "Api" || type === "HttpApi") return implicitApi(type, event);
  const trigger = triggerOf(`${id}${name}`, type, event, { "Fn::GetAtt": [id, "Arn"] });
  if (trigger !== undefined) return [trigger];
  refuse(pointer, `the event ${shown(type)} of a function is not supported`);
  return [];
}

/** What would call a function here calls nobody: each is a name, with a warning. */
const CALLING_EVENTS: ReadonlySet<string> = new Set([
  "AlexaSkill",
  "CloudWatchLogs",
  "Cognito",
  "DocumentDB",
  "DynamoDB",
  "IoTRule",
  "Kinesis",
  "MQ",
  "MSK",
  "S3",
  "SNS",
  "SQS",
  "SelfManagedKafka",
]);

/** The API that SAM makes for all events that name none; outputs refer to it. AWS SAM, "Generated resources". */
function implicitApi(type: "Api" | "HttpApi", event: Json): [string, Json][] {
  const properties = isJsonObject(event) && isJsonObject(event["Properties"] ?? null) ? event["Properties"] : {};
  if ((properties as JsonObject)[type === "Api" ? "RestApiId" : "ApiId"] !== undefined) return [];
  if (type === "HttpApi") return [["ServerlessHttpApi", { Type: "AWS::ApiGatewayV2::Api", Properties: {} }]];
  const RestApiId = { Ref: "ServerlessRestApi" };
  return [
    ["ServerlessRestApi", { Type: "AWS::ApiGateway::RestApi", Properties: {} }],
    ["ServerlessRestApiProdStage", { Type: "AWS::ApiGateway::Stage", Properties: { StageName: "Prod", RestApiId } }],
  ];
}

/** Schedules and rules, with `target` as what they start. AWS SAM, "Schedule", "ScheduleV2", "EventBridgeRule". */
function triggerOf(id: string, type: string, event: Json, target: JsonObject): [string, Json] | undefined {
  const given = isJsonObject(event) && isJsonObject(event["Properties"] ?? null) ? event["Properties"] : {};
  const { Input, InputPath, InputTransformer, Enabled, State, ...rest } = given as JsonObject;
  const state = State ?? (Enabled === false ? "DISABLED" : undefined);
  if (type === "ScheduleV2") {
    const properties = { ...rest, ...optional({ State: state }), Target: { Arn: target, ...optional({ Input }) } };
    return [id, { Type: "AWS::Scheduler::Schedule", Properties: properties }];
  }
  if (!["Schedule", "EventBridgeRule", "CloudWatchEvent"].includes(type)) return undefined;
  const { Schedule, Pattern, Name, RuleName, EventBusName, Target } = rest;
  const Id = isJsonObject(Target ?? null) ? (Target as JsonObject)["Id"] : undefined;
  const targets = [
    {
      Arn: target,
      Id: Id ?? `${id}${"Ref" in target ? "StepFunctions" : "Lambda"}Target`,
      ...optional({ Input, InputPath, InputTransformer }),
    },
  ];
  const properties = optional({
    Name: Name ?? RuleName,
    EventBusName,
    EventPattern: Pattern,
    ScheduleExpression: Schedule,
    State: state,
  });
  return [id, { Type: "AWS::Events::Rule", Properties: { ...properties, Targets: targets } }];
}

function serverlessStateMachine(id: string, resource: JsonObject, properties: JsonObject, refuse: Refuse): Converted {
  const { DefinitionUri, Definition, Name, Type, Role, Logging, Tracing, Events, ...rest } = properties;
  const { AutoPublishAlias, DeploymentPreference, UseAliasAsEventTarget } = rest;
  const pointer = `/Resources/${id}/Properties`;
  for (const key of Object.keys(rest))
    if (!KNOWN_OF_MACHINES.has(key)) refuse(`${pointer}/${key}`, `the property ${key} is not supported`);
  for (const key of ["DeploymentPreference", "UseAliasAsEventTarget"])
    if (rest[key] !== undefined && AutoPublishAlias === undefined)
      refuse(`${pointer}/${key}`, "requires AutoPublishAlias");
  const role = `${id}Role`;
  const events = Object.entries(isJsonObject(Events) ? Events : {}).flatMap(([name, event]): [string, Json][] => {
    const type = isJsonObject(event) ? String(event["Type"]) : "";
    const started = UseAliasAsEventTarget === true ? aliasIdOf(id, AutoPublishAlias) : id;
    const trigger = triggerOf(`${id}${name}`, type, event, { Ref: started });
    if (trigger !== undefined) return [trigger];
    if (type === "Api") return implicitApi(type, event);
    refuse(`${pointer}/Events/${name}`, `the event ${shown(type)} of a state machine is not supported`);
    return [];
  });
  const alias =
    AutoPublishAlias === undefined ? undefined : publishedMachine(id, AutoPublishAlias, DeploymentPreference);
  return {
    resources: {
      [id]: plain(resource, "AWS::StepFunctions::StateMachine", {
        ...(DefinitionUri === undefined ? {} : { DefinitionS3Location: DefinitionUri }),
        ...(Definition === undefined ? {} : { Definition }),
        ...optional({
          DefinitionSubstitutions: rest["DefinitionSubstitutions"],
          StateMachineName: Name,
          StateMachineType: Type,
          LoggingConfiguration: Logging,
          TracingConfiguration: Tracing,
          Tags: rest["Tags"],
        }),
        RoleArn: Role ?? { "Fn::GetAtt": [role, "Arn"] },
      }),
      ...(Role === undefined ? { [role]: { Type: "AWS::IAM::Role", Properties: {} } } : {}),
      ...Object.fromEntries(events),
      ...alias,
    },
  };
}

const KNOWN_OF_MACHINES = new Set([
  "AutoPublishAlias",
  "DefinitionSubstitutions",
  "DeploymentPreference",
  "PermissionsBoundary",
  "Policies",
  "PropagateTags",
  "RolePath",
  "Tags",
  "UseAliasAsEventTarget",
]);

function aliasIdOf(id: string, alias: Json | undefined): string {
  return `${id}Alias${String(alias).replace(/[^A-Za-z0-9]/g, "")}`;
}

function publishedMachine(id: string, alias: Json, preference: Json | undefined): Resources {
  const version = `${id}Version`;
  const versionArn = { Ref: version };
  return {
    [version]: {
      Type: "AWS::StepFunctions::StateMachineVersion",
      Properties: {
        StateMachineArn: { Ref: id },
        StateMachineRevisionId: { "Fn::GetAtt": [id, "StateMachineRevisionId"] },
      },
    },
    [aliasIdOf(id, alias)]: {
      Type: "AWS::StepFunctions::StateMachineAlias",
      Properties: {
        Name: alias,
        DeploymentPreference: {
          ...(isJsonObject(preference ?? null) ? (preference as JsonObject) : { Type: "ALL_AT_ONCE" }),
          StateMachineVersionArn: versionArn,
        },
      },
    },
  };
}

function simpleTable(id: string, resource: JsonObject, properties: JsonObject): Converted {
  const { PrimaryKey, TableName, ProvisionedThroughput, SSESpecification } = properties;
  const key = isJsonObject(PrimaryKey) ? PrimaryKey : {};
  const name = String(key["Name"] ?? "id");
  const type = { String: "S", Number: "N", Binary: "B" }[String(key["Type"] ?? "String")] ?? "S";
  return {
    resources: {
      [id]: plain(resource, "AWS::DynamoDB::Table", {
        ...optional({ TableName, ProvisionedThroughput, SSESpecification }),
        ...(ProvisionedThroughput === undefined ? { BillingMode: "PAY_PER_REQUEST" } : {}),
        AttributeDefinitions: [{ AttributeName: name, AttributeType: type }],
        KeySchema: [{ AttributeName: name, KeyType: "HASH" }],
      }),
    },
  };
}

function optional(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function hashOf(value: Json): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 10);
}

/** `!Ref Pay.Alias` and `!Ref Pay.Version` name what SAM makes for AutoPublishAlias. */
function withAliasReferences(
  value: Json,
  aliases: ReadonlyMap<string, { readonly alias: string; readonly version: string }>,
): Json {
  if (aliases.size === 0) return value;
  if (isJsonArray(value)) return value.map((item) => withAliasReferences(item, aliases));
  if (!isJsonObject(value)) return value;
  const { Ref } = value;
  if (typeof Ref === "string") {
    const [id = "", what] = Ref.split(".");
    const known = aliases.get(id);
    if (known !== undefined && what === "Alias") return { Ref: known.alias };
    if (known !== undefined && what === "Version") return { Ref: known.version };
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withAliasReferences(member, aliases)]),
  );
}
