/** AWS::StepFunctions::StateMachine. */

import { setTimeout as sleep } from "node:timers/promises";
import { isJsonArray, isJsonObject, type Json, type JsonObject, type StateMachineType } from "@stepwell/core";
import { isValidName, NAME_LENGTH_MAX, stateMachineArnOf } from "@stepwell/engine";
import { shown } from "../problem.ts";
import type { ResourceValues } from "../resolve/scope.ts";
import { ApiRefusal } from "../target/step-functions-target.ts";
import type { Deployer, PlanContext, PlannedResource, ResourceKind } from "./resource-kind.ts";
import { definitionOf } from "./state-machine-definition.ts";

const ARN = /^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/;

interface Described {
  readonly stateMachineArn: string;
  readonly revisionId?: string;
  readonly status?: string;
}

export const stateMachine: ResourceKind = {
  async plan(context): Promise<PlannedResource> {
    const { properties, identity, previous } = context;
    const name = context.name(properties["StateMachineName"], { lengthMax: NAME_LENGTH_MAX });
    if (!isValidName(name)) context.problem("StateMachineName", `must be a valid name, got ${shown(name)}`);
    const type = typeOf(context);
    const definition = await definitionOf(context, type);
    const request = {
      name,
      definition: definition ?? "",
      roleArn: roleOf(context),
      type,
      ...settingsOf(properties),
      ...tagsOf(properties["Tags"]),
    } as JsonObject;
    const arn = previous?.physicalId === name ? previous.reference : stateMachineArnOf(identity, name);
    const typeBefore = previous?.details?.["type"];
    return {
      ...valuesOf(arn, name, String(previous?.attributes["StateMachineRevisionId"] ?? "INITIAL")),
      physicalId: name,
      desired: request,
      details: { type },
      changedValues: valuesOf(arn, name, "(new)"),
      where: `${type === "EXPRESS" ? "Express " : ""}state machine ${name}`,
      ...(typeBefore !== undefined && typeBefore !== type && previous?.physicalId === name
        ? { replaces: `the type changes from ${String(typeBefore)} to ${type}` }
        : {}),
      apply: (deployer, change) =>
        change === "create" ? create(request, deployer) : update(request, arn, name, deployer),
    };
  },
  async exists({ reference }, { target }) {
    return (await describe(target, reference)) !== undefined;
  },
  async remove({ reference }, { target }) {
    await target.call("DeleteStateMachine", { stateMachineArn: reference });
  },
};

async function create(request: JsonObject, deployer: Deployer): Promise<ResourceValues> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await deployer.target.call<Described>("CreateStateMachine", request);
      return valuesOf(answer.stateMachineArn, String(request["name"]), "INITIAL");
    } catch (error) {
      // One of the same name whose last executions end, when a machine is replaced.
      const isLeaving = error instanceof ApiRefusal && error.code === "StateMachineDeleting";
      if (!isLeaving || attempt >= DELETING_ATTEMPTS) throw error;
      await sleep(DELETING_PAUSE_MS);
    }
  }
}

const DELETING_ATTEMPTS = 20;
const DELETING_PAUSE_MS = 500;

async function update(request: JsonObject, arn: string, name: string, deployer: Deployer): Promise<ResourceValues> {
  const { name: _, type: _type, tags, ...changes } = request;
  await deployer.target.call("UpdateStateMachine", {
    // What the template does not say any more goes back to its default.
    loggingConfiguration: { level: "OFF", includeExecutionData: false, destinations: [] },
    tracingConfiguration: { enabled: false },
    ...changes,
    stateMachineArn: arn,
  });
  await retag(arn, isJsonArray(tags) ? tags : [], deployer);
  const described = await describe(deployer.target, arn);
  return valuesOf(arn, name, described?.revisionId ?? "INITIAL");
}

async function retag(arn: string, tags: readonly Json[], { target }: Deployer): Promise<void> {
  const { tags: now } = await target.call<{ readonly tags: readonly { readonly key: string }[] }>(
    "ListTagsForResource",
    { resourceArn: arn },
  );
  const wanted = new Set(tags.map((tag) => String(isJsonObject(tag) ? tag["key"] : "")));
  const gone = now.map(({ key }) => key).filter((key) => !wanted.has(key));
  if (gone.length > 0) await target.call("UntagResource", { resourceArn: arn, tagKeys: gone });
  if (tags.length > 0) await target.call("TagResource", { resourceArn: arn, tags });
}

async function describe(target: Deployer["target"], arn: string): Promise<Described | undefined> {
  try {
    const described = await target.call<Described>("DescribeStateMachine", { stateMachineArn: arn });
    return described.status === "DELETING" ? undefined : described;
  } catch (error) {
    if (error instanceof ApiRefusal && error.code === "StateMachineDoesNotExist") return undefined;
    throw error;
  }
}

function valuesOf(arn: string, name: string, revisionId: string): ResourceValues {
  return { reference: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: revisionId } };
}

function typeOf({ properties, problem }: PlanContext): StateMachineType {
  const type = properties["StateMachineType"] ?? "STANDARD";
  if (type === "STANDARD" || type === "EXPRESS") return type;
  problem("StateMachineType", `must be STANDARD or EXPRESS, got ${shown(type)}`);
  return "STANDARD";
}

/** Rights are not enforced: a machine without a role gets the name of one. */
function roleOf({ properties, identity, stackName, declaration, problem }: PlanContext): string {
  const role = properties["RoleArn"] ?? "";
  if (typeof role !== "string" || (role !== "" && !ARN.test(role)))
    problem("RoleArn", `must be the ARN of a role, got ${shown(role)}`);
  else if (role !== "") return role;
  return `arn:${identity.partition}:iam::${identity.accountId}:role/${stackName}-${declaration.logicalId}-Role`;
}

function settingsOf({ LoggingConfiguration, TracingConfiguration, EncryptionConfiguration }: JsonObject): JsonObject {
  return {
    ...(LoggingConfiguration === undefined ? {} : { loggingConfiguration: logging(LoggingConfiguration) }),
    ...(TracingConfiguration === undefined ? {} : { tracingConfiguration: withSmallInitials(TracingConfiguration) }),
    ...(EncryptionConfiguration === undefined
      ? {}
      : { encryptionConfiguration: withSmallInitials(EncryptionConfiguration) }),
  };
}

/** Also texts that should be booleans: templates have both. */
function logging(value: Json): Json {
  const { includeExecutionData, ...others } = withSmallInitials(value) as JsonObject;
  return {
    ...others,
    ...(includeExecutionData === undefined ? {} : { includeExecutionData: String(includeExecutionData) === "true" }),
  };
}

/** CloudFormation's `IncludeExecutionData` is the API's `includeExecutionData`. */
function withSmallInitials(value: Json): Json {
  if (isJsonArray(value)) return value.map(withSmallInitials);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`,
      withSmallInitials(member),
    ]),
  );
}

/** CloudFormation has lists of Key and Value; SAM maps. */
export function tagsOf(tags: Json | undefined): { readonly tags?: Json } {
  if (tags === undefined) return {};
  const pairs = isJsonArray(tags)
    ? tags.map((tag) => withSmallInitials(tag))
    : Object.entries(isJsonObject(tags) ? tags : {}).map(([key, value]) => ({ key, value: String(value) }));
  return pairs.length === 0 ? {} : { tags: pairs };
}
