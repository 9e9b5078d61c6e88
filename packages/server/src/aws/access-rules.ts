import { type AwsIdentity, activityArnOf, Rejection, stateMachineArnOf } from "@stepwell/engine";
import type { OperationName } from "./generated/api-model.ts";

/** Allows actions (`states:StartExecution`, `states:Describe*`) on resources (ARNs); `*` and `?` stand for characters. */
export interface AllowRule {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Members of inputs that name the resource an operation works on. */
const RESOURCE_MEMBERS = [
  "stateMachineArn",
  "stateMachineVersionArn",
  "stateMachineAliasArn",
  "executionArn",
  "mapRunArn",
  "activityArn",
  "resourceArn",
];

/** Throws AccessDeniedException unless a rule allows the action (`states:StartExecution`) on every one of the resources. */
export function checkAllowed(
  principalArn: string,
  rules: readonly AllowRule[],
  action: string,
  resources: readonly string[],
): void {
  const names = namesOf(action);
  const forAction = rules.filter((rule) =>
    rule.actions.some((pattern) => names.some((name) => matches(pattern, name))),
  );
  const refused = resources.find(
    (resource) => !forAction.some((rule) => rule.resources.some((pattern) => matches(pattern, resource))),
  );
  if (refused === undefined) return;
  throw new Rejection(
    "AccessDeniedException",
    `User: ${principalArn} is not authorized to perform: ${action} on resource: ${refused} because no identity-based policy allows the ${action} action`,
  );
}

/** What a caller must be allowed to do for an operation. Service authorization reference, "AWS Step Functions". */
export function actionsOf(operation: OperationName, input: { readonly revealSecrets?: unknown }): string[] {
  const revealing = operation === "TestState" && input.revealSecrets === true ? ["states:RevealSecrets"] : [];
  return [`states:${operation}`, ...revealing];
}

/** What only Stepwell can do is allowed by rules for AWS's actions of that name too: `states:*` allows all of it. */
function namesOf(action: string): readonly string[] {
  const own = /^stepwell:(.*)$/.exec(action)?.[1];
  return own === undefined ? [action] : [action, `states:${own}`];
}

/** `*` for operations on no resource in particular, as in IAM. Service authorization reference, "AWS Step Functions". */
export function resourcesOf(identity: AwsIdentity, operation: OperationName, input: object): string[] {
  const members = new Map<string, unknown>(Object.entries(input));
  const name = String(members.get("name") ?? "");
  if (operation === "CreateStateMachine") return [stateMachineArnOf(identity, name)];
  if (operation === "CreateActivity") return [activityArnOf(identity, name)];
  if (operation === "CreateStateMachineAlias") return routedStateMachines(members.get("routingConfiguration"));
  const named = RESOURCE_MEMBERS.map((member) => members.get(member)).filter((value) => typeof value === "string");
  return named.length === 0 ? ["*"] : named;
}

function routedStateMachines(routing: unknown): string[] {
  const routes: readonly { readonly stateMachineVersionArn?: string }[] = Array.isArray(routing) ? routing : [];
  const arns = routes.map((route) => (route.stateMachineVersionArn ?? "").split(":").slice(0, 7).join(":"));
  return arns.length === 0 ? ["*"] : arns;
}

/** Linear in the length of the value for each `*`: no pattern can make it slow. */
export function matches(pattern: string, value: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  let index = 0;
  while (index < value.length) {
    if (pattern[at] === "*") {
      star = at;
      retry = index;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === value[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      retry += 1;
      index = retry;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
