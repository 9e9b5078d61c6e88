/**
 * The least that the role of a state machine must be allowed for its definition to run on AWS. Where a value comes at run
 * time the narrowest pattern that holds it is taken, and a note says so.
 */
import { formatPointer } from "../definition/findings.ts";
import type { JsonObject } from "../json.ts";
import { argumentsOf, isDistributed, type LintState, lintModel, objectOf } from "../lint/lint-model.ts";
import { distributedGrants } from "./distributed-map.ts";
import { type Grant, grant, Parameters, type PolicyPlace } from "./grant.ts";
import { INTEGRATION_GRANTS, lambda } from "./integrations.ts";
import { sdkGrants } from "./sdk-grants.ts";

export interface PolicyStatement {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: JsonObject;
}

export interface PolicyNote {
  /** JSON Pointer of the state. */
  readonly pointer: string;
  readonly message: string;
}

export interface Policy {
  readonly document: { readonly Version: "2012-10-17"; readonly Statement: readonly PolicyStatement[] };
  readonly notes: readonly PolicyNote[];
}

/** What is set on the state machine beside its definition. */
export interface PolicyOptions {
  readonly logging?: boolean;
  readonly tracing?: boolean;
  /** ARN of the customer managed key that encrypts its data. */
  readonly kmsKeyArn?: string;
}

export function policyOf(definition: JsonObject, place: PolicyPlace, options: PolicyOptions = {}): Policy {
  const notes: PolicyNote[] = [];
  const grants = lintModel(definition, "STANDARD").states.flatMap((state) => {
    const note = (message: string): void => {
      const found = { pointer: formatPointer(state.path), message: `${state.name}: ${message}` };
      if (!notes.some(({ message: before }) => before === found.message)) notes.push(found);
    };
    return grantsOf(state, place, note);
  });
  const statements = statementsOf([...grants, ...settingsGrants(place, options)]);
  return { document: { Version: "2012-10-17", Statement: statements }, notes };
}

/** AWS, "Logging using CloudWatch Logs", "Trace requests using AWS X-Ray", "Encryption at rest". */
function settingsGrants({ partition, region, accountId, name }: PolicyPlace, options: PolicyOptions): Grant[] {
  const logs = ["Create", "Get", "Update", "Delete", "List"].map(
    (verb) => `logs:${verb}LogDeliver${verb === "List" ? "ies" : "y"}`,
  );
  const machine = `arn:${partition}:states:${region}:${accountId}:stateMachine:${name}`;
  return [
    ...(options.logging === true
      ? [grant([...logs, "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"], "*")]
      : []),
    ...(options.tracing === true
      ? [
          grant(
            ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
            "*",
          ),
        ]
      : []),
    ...(options.kmsKeyArn === undefined
      ? []
      : [
          {
            ...grant(["kms:Decrypt", "kms:GenerateDataKey"], options.kmsKeyArn),
            condition: { StringEquals: { "kms:EncryptionContext:aws:states:stateMachineArn": machine } },
          },
          ...(options.logging === true
            ? [
                {
                  ...grant("kms:GenerateDataKey", options.kmsKeyArn),
                  condition: {
                    StringEquals: {
                      "kms:EncryptionContext:SourceArn": `arn:${partition}:logs:${region}:${accountId}:*`,
                    },
                  },
                },
              ]
            : []),
        ]),
  ];
}

function grantsOf(state: LintState, place: PolicyPlace, note: (message: string) => void): readonly Grant[] {
  if (state.type === "Map" && isDistributed(state)) return distributedGrants(state, place, note);
  const { resource } = state;
  if (state.type !== "Task") return [];
  if (resource === undefined) {
    note(`what ${String(state.fields["Resource"])} needs is not known`);
    return [];
  }
  const given = new Parameters(objectOf(argumentsOf(state)), place, note);
  const role = new Parameters(objectOf(state.fields["Credentials"]), place, note).text("RoleArn");
  // Another role does the work: this one must only be allowed to become it.
  if (role !== "")
    return [{ actions: ["sts:AssumeRole"], resources: [role ?? `arn:${place.partition}:iam::*:role/*`] }];
  if (resource.kind === "lambda") return [lambda(given, resource.arn)];
  if (resource.kind === "activity") return [];
  if (resource.service.startsWith("aws-sdk:")) return sdkGrants(resource.service.slice(8), resource.action, given);
  const call = `${resource.service}:${resource.action}`;
  const grants = Object.hasOwn(INTEGRATION_GRANTS, call) ? INTEGRATION_GRANTS[call] : undefined;
  if (grants !== undefined) return grants(given, resource.pattern);
  if (resource.service !== "custom") note(`what ${call} needs is not known`);
  return [];
}

/** Statements of the same resources and condition are one; none is there twice. */
function statementsOf(grants: readonly Grant[]): PolicyStatement[] {
  const byActions = merge(
    grants.map(({ actions, resources, condition }) => ({
      actions: sorted(actions),
      resources: sorted(resources),
      condition,
    })),
    ({ actions, condition }) => JSON.stringify([actions, condition]),
    (a, b) => ({ ...a, resources: sorted([...a.resources, ...b.resources]) }),
  );
  const merged = merge(
    byActions,
    ({ resources, condition }) => JSON.stringify([resources, condition]),
    (a, b) => ({ ...a, actions: sorted([...a.actions, ...b.actions]) }),
  );
  return merged
    .map(({ actions, resources, condition }) => ({
      Effect: "Allow" as const,
      Action: actions,
      Resource: resources,
      ...(condition === undefined ? {} : { Condition: condition }),
    }))
    .sort((a, b) => ((a.Action[0] as string) < (b.Action[0] as string) ? -1 : 1));
}

function merge<T>(items: readonly T[], keyOf: (item: T) => string, join: (a: T, b: T) => T): T[] {
  const byKey = new Map<string, T>();
  for (const item of items) {
    const before = byKey.get(keyOf(item));
    byKey.set(keyOf(item), before === undefined ? item : join(before, item));
  }
  return [...byKey.values()];
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
