/** Resources of other services: made behind the endpoint that stands for the service, else no more than a name. */
import type { JsonObject } from "@stepwell/core";
import { type AwsEndpoints, EndpointRefusal } from "../aws-endpoints.ts";
import type { ResourceValues } from "../resolve/scope.ts";
import type { PlanContext, PlannedResource, ResourceKind } from "./resource-kind.ts";

export type ServiceCall = (action: string, input: JsonObject) => Promise<JsonObject>;

export interface EndpointResource {
  /** As in `aws-sdk:<service>`. */
  readonly service: string;
  /** Who will miss it: "sqs:sendMessage". */
  readonly calls: string;
  /** What it is called, what it is made from, and what its values are as far as they are known before. */
  plan(context: PlanContext, url: string | undefined): EndpointPlan;
  /** Makes it, or brings it to what the request says. Gives the values that the service made up. */
  ensure(call: ServiceCall, plan: EndpointPlan, change: "create" | "update"): Promise<ResourceValues | undefined>;
  /** Codes that say that it is not there. */
  readonly missing: RegExp;
  /** The call that finds it. */
  find(physicalId: string, reference: string): readonly [action: string, input: JsonObject];
  remove(call: ServiceCall, physicalId: string, reference: string): Promise<void>;
}

export interface EndpointPlan extends ResourceValues {
  readonly physicalId: string;
  readonly request: JsonObject;
  readonly replaces?: string;
  readonly details?: JsonObject;
}

export function endpointResource(resource: EndpointResource): ResourceKind {
  const { service } = resource;
  const caller =
    (endpoints: AwsEndpoints): ServiceCall =>
    (action, input) =>
      endpoints.call(service, action, input);
  return {
    plan(context): PlannedResource {
      const url = context.endpoints.of(service);
      const plan = resource.plan(context, url);
      const { previous } = context;
      // The values that a service made up stay as long as the thing does.
      const isSame = previous?.physicalId === plan.physicalId && previous.where === whereOf(url);
      const { reference, attributes } = isSame ? previous : plan;
      if (url === undefined)
        context.warn(`${context.declaration.logicalId} is only the name ${plan.physicalId}: ${needs(resource)}`);
      return {
        reference,
        attributes,
        physicalId: plan.physicalId,
        desired: { endpoint: url ?? "", request: plan.request },
        where: whereOf(url),
        ...(plan.replaces === undefined ? {} : { replaces: plan.replaces }),
        ...(plan.details === undefined ? {} : { details: plan.details }),
        ...(url === undefined
          ? {}
          : { apply: ({ endpoints }, change) => resource.ensure(caller(endpoints), plan, change) }),
      };
    },
    async exists({ physicalId, reference }, { endpoints }) {
      if (endpoints.of(service) === undefined) return true;
      const [action, input] = resource.find(physicalId, reference);
      return isThere(endpoints.call(service, action, input), resource.missing);
    },
    async remove({ physicalId, reference, where }, { endpoints, notice }) {
      if (where === NAME_ONLY) return;
      if (endpoints.of(service) === undefined) {
        notice(`${physicalId} stays where it is: no endpoint for ${service} is named now`);
        return;
      }
      try {
        await resource.remove(caller(endpoints), physicalId, reference);
      } catch (error) {
        if (!(error instanceof EndpointRefusal && resource.missing.test(error.code))) throw error;
      }
    },
  };
}

const NAME_ONLY = "a name only";

function whereOf(url: string | undefined): string {
  return url === undefined ? NAME_ONLY : `at ${url}`;
}

function needs({ service, calls }: EndpointResource): string {
  return `${calls} will need an endpoint (endpoints: ${service} in stepwell.yaml, or AWS_ENDPOINT_URL)`;
}

async function isThere(call: Promise<JsonObject>, missing: RegExp): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof EndpointRefusal && missing.test(error.code)) return false;
    throw error;
  }
}

/** `arn:aws:sqs:us-east-1:123456789012:` */
export function arnPrefix({ identity }: PlanContext, service: string): string {
  return `arn:${identity.partition}:${service}:${identity.region}:${identity.accountId}:`;
}
