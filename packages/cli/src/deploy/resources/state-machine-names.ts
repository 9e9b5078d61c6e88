/** AWS::StepFunctions::StateMachineVersion, ::StateMachineAlias and ::Activity. */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { activityArnOf, isValidName, NAME_LENGTH_MAX } from "@stepwell/engine";
import { shown } from "../problem.ts";
import { ApiRefusal, type StepFunctionsTarget } from "../target/step-functions-target.ts";
import type { PlanContext, PlannedResource, ResourceKind } from "./resource-kind.ts";
import { tagsOf } from "./state-machine.ts";

async function found(target: StepFunctionsTarget, operation: string, input: object): Promise<boolean> {
  try {
    await target.call(operation, input);
    return true;
  } catch (error) {
    if (error instanceof ApiRefusal && /DoesNotExist$|^ResourceNotFound$/.test(error.code)) return false;
    throw error;
  }
}

/** A version is published once; another revision id publishes another one, and the version before is removed. */
export const stateMachineVersion: ResourceKind = {
  plan({ properties, previous, problem }): PlannedResource {
    const machine = properties["StateMachineArn"];
    if (typeof machine !== "string") problem("StateMachineArn", `must be an ARN, got ${shown(machine)}`);
    const reference = previous?.reference ?? `${String(machine)}:1`;
    const desired = {
      machine: machine ?? "",
      revision: properties["StateMachineRevisionId"] ?? "",
      description: properties["Description"] ?? "",
    };
    return {
      reference,
      attributes: { Arn: reference },
      physicalId: String(machine),
      desired,
      where: "a version",
      changedValues: { reference: nextVersion(reference), attributes: { Arn: nextVersion(reference) } },
      async apply({ target }, change) {
        const { stateMachineVersionArn } = await target.call<{ stateMachineVersionArn: string }>(
          "PublishStateMachineVersion",
          { stateMachineArn: machine, ...(desired.description === "" ? {} : { description: desired.description }) },
        );
        const isNew = change === "update" && stateMachineVersionArn !== previous?.reference;
        // An alias may still route to the version before: then that one stays.
        if (isNew)
          await target.call("DeleteStateMachineVersion", { stateMachineVersionArn: previous?.reference }).catch(inUse);
        return { reference: stateMachineVersionArn, attributes: { Arn: stateMachineVersionArn } };
      },
    };
  },
  exists: ({ reference }, { target }) => found(target, "DescribeStateMachine", { stateMachineArn: reference }),
  async remove({ reference }, { target }) {
    await target.call("DeleteStateMachineVersion", { stateMachineVersionArn: reference }).catch(inUse);
  },
};

/** Numbers of versions only grow. */
function nextVersion(arn: string): string {
  return arn.replace(/\d+$/, (number) => String(Number(number) + 1));
}

function inUse(error: unknown): void {
  if (!(error instanceof ApiRefusal && error.code === "ConflictException")) throw error;
}

export const stateMachineAlias: ResourceKind = {
  plan(context): PlannedResource {
    const { properties } = context;
    const routing = routingOf(context);
    const machine = String(routing[0]?.["stateMachineVersionArn"] ?? "").replace(/:\d+$/, "");
    const name = context.name(properties["Name"], { lengthMax: NAME_LENGTH_MAX });
    // AWS, CreateStateMachineAlias: unlike the number of a version.
    if (!/^[A-Za-z0-9_.-]{1,80}$/.test(name) || /^\d+$/.test(name))
      context.problem("Name", `must be 1 to 80 letters, digits, _, . or -, not all digits, got ${shown(name)}`);
    const reference = `${machine}:${name}`;
    const description = properties["Description"];
    const request = {
      routingConfiguration: routing,
      ...(typeof description === "string" ? { description } : {}),
    };
    return {
      reference,
      attributes: { Arn: reference },
      physicalId: reference,
      desired: { name, ...request },
      where: `alias ${name}`,
      async apply({ target }, change) {
        if (change === "update")
          await target.call("UpdateStateMachineAlias", { stateMachineAliasArn: reference, ...request });
        else await target.call("CreateStateMachineAlias", { name, ...request });
        return undefined;
      },
    };
  },
  exists: ({ reference }, { target }) =>
    found(target, "DescribeStateMachineAlias", { stateMachineAliasArn: reference }),
  async remove({ reference }, { target }) {
    await target.call("DeleteStateMachineAlias", { stateMachineAliasArn: reference }).catch((error: unknown) => {
      if (!(error instanceof ApiRefusal && /DoesNotExist$|^ResourceNotFound$/.test(error.code))) throw error;
    });
  },
};

function routingOf({ properties, problem, warn }: PlanContext): readonly JsonObject[] {
  const { RoutingConfiguration, DeploymentPreference } = properties;
  if (isJsonObject(DeploymentPreference)) {
    if (DeploymentPreference["Type"] !== "ALL_AT_ONCE")
      warn("DeploymentPreference: traffic is shifted at once, not step by step");
    return [{ stateMachineVersionArn: DeploymentPreference["StateMachineVersionArn"] ?? "", weight: 100 }];
  }
  if (isJsonArray(RoutingConfiguration) && RoutingConfiguration.length > 0) {
    const routes = RoutingConfiguration.map((route: Json) => {
      const fields = isJsonObject(route) ? route : {};
      return { stateMachineVersionArn: fields["StateMachineVersionArn"] ?? "", weight: Number(fields["Weight"]) };
    });
    const sum = routes.reduce((total, { weight }) => total + weight, 0);
    if (routes.length > 2 || sum !== 100)
      problem(
        "RoutingConfiguration",
        `must be one or two routes whose weights add up to 100, got ${shown(RoutingConfiguration)}`,
      );
    return routes;
  }
  problem("RoutingConfiguration", "must have routes, or DeploymentPreference in their place");
  return [];
}

export const activity: ResourceKind = {
  plan(context): PlannedResource {
    const { properties, identity, previous } = context;
    const name = context.name(properties["Name"], { lengthMax: NAME_LENGTH_MAX });
    if (!isValidName(name)) context.problem("Name", `must be a valid name, got ${shown(name)}`);
    const reference = previous?.physicalId === name ? previous.reference : activityArnOf(identity, name);
    const request = { name, ...tagsOf(properties["Tags"]) };
    return {
      reference,
      attributes: { Arn: reference, Name: name },
      physicalId: name,
      desired: request,
      where: `activity ${name}`,
      async apply({ target }) {
        // Creating one that is there with the same settings changes nothing.
        const { activityArn } = await target.call<{ activityArn: string }>("CreateActivity", request);
        return { reference: activityArn, attributes: { Arn: activityArn, Name: name } };
      },
    };
  },
  exists: ({ reference }, { target }) => found(target, "DescribeActivity", { activityArn: reference }),
  async remove({ reference }, { target }) {
    await target.call("DeleteActivity", { activityArn: reference });
  },
};
