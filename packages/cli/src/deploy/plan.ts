/** What a deployment will do, found out without changing anything. */
import { createHash } from "node:crypto";
import type { Json } from "@stepwell/core";
import type { Problems } from "./problem.ts";
import type { ResourceValues } from "./resolve/scope.ts";
import { RESOURCE_KINDS } from "./resources/index.ts";
import type { PlannedResource } from "./resources/resource-kind.ts";
import type { ResourceRecord, StackRecord } from "./stack-record.ts";
import { type DeployWorld, StackResolver } from "./stack-resolver.ts";
import type { StackSource } from "./stack-source.ts";
import type { StepFunctionsTarget } from "./target/step-functions-target.ts";

export type Action = "create" | "update" | "replace" | "unchanged" | "delete" | "keep";

export interface PlanStep {
  readonly action: Action;
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly where: string;
  readonly reason?: string;
}

export interface StackPlan {
  readonly source: StackSource;
  readonly record: StackRecord | undefined;
  readonly steps: readonly PlanStep[];
  readonly warnings: readonly string[];
  readonly outputs: Readonly<Record<string, Json>>;
  readonly exports: Readonly<Record<string, Json>>;
}

export interface Planning {
  readonly world: DeployWorld;
  readonly problems: Problems;
  /** Absent: nobody can be asked what is there. */
  readonly target?: StepFunctionsTarget;
  /** Of stacks that are not deployed now. */
  readonly others: readonly StackRecord[];
  /** A state machine that is there and belongs to no stack is taken over instead of being a problem. */
  readonly adopt: boolean;
}

export async function planStack(
  source: StackSource,
  record: StackRecord | undefined,
  planning: Planning,
): Promise<StackPlan> {
  const { world, problems } = planning;
  const warnings = new Set<string>();
  const resolver = new StackResolver(source, world, problems, (message) => void warnings.add(message));
  const steps: PlanStep[] = [];
  for (const logicalId of resolver.order) {
    const previous = record?.resources[logicalId];
    const planned = await resolver.plan(logicalId, previous);
    if (planned === undefined) continue;
    const { type } = resolver.declaration(logicalId);
    const step = await stepOf(logicalId, type, planned, previous, planning);
    checkOwner(source, logicalId, type, planned, planning);
    await checkWithService(source, logicalId, type, planned, planning);
    resolver.setValues(logicalId, foretold(planned, step.action));
    steps.push(step);
  }
  const places = new Set(steps.map(({ type, where }) => `${type} ${where}`));
  if (places.has(LOCAL_BUCKET) && [...places].some((place) => place.startsWith(LOCAL_FUNCTION)))
    warnings.add(UNSEEN_BUCKETS);
  const { outputs, exports } = resolver.outputs();
  return {
    source,
    record,
    steps: [...steps, ...removals(resolver, record)],
    warnings: [...warnings],
    outputs,
    exports,
  };
}

const LOCAL_BUCKET = "AWS::S3::Bucket local directory";
const LOCAL_FUNCTION = "AWS::Lambda::Function local ";
const UNSEEN_BUCKETS =
  "buckets are directories here, which state machines use and code of functions does not see: an S3 for both is named under endpoints: s3 in stepwell.yaml (or AWS_ENDPOINT_URL_S3)";

export function fingerprintOf({ desired }: PlannedResource): string {
  return createHash("sha256").update(JSON.stringify(desired)).digest("hex");
}

/** What has to be done for one resource, by what the record says of it. */
export function actionOf(
  planned: PlannedResource,
  type: string,
  previous: ResourceRecord | undefined,
): { readonly action: "create" | "update" | "replace" | "unchanged"; readonly reason?: string } {
  if (previous === undefined) return { action: "create" };
  if (previous.type !== type) return { action: "replace", reason: `it was a ${previous.type}` };
  if (previous.physicalId !== planned.physicalId)
    return { action: "replace", reason: `it was called ${previous.physicalId}` };
  if (planned.replaces !== undefined) return { action: "replace", reason: planned.replaces };
  if (previous.where !== planned.where && planned.apply !== undefined)
    return { action: "update", reason: `it was ${previous.where}` };
  return { action: previous.fingerprint === fingerprintOf(planned) ? "unchanged" : "update" };
}

async function stepOf(
  logicalId: string,
  type: string,
  planned: PlannedResource,
  previous: ResourceRecord | undefined,
  { target, world, problems, adopt }: Planning,
): Promise<PlanStep> {
  const { physicalId, where } = planned;
  const step = { logicalId, type, physicalId, where, ...actionOf(planned, type, previous) };
  const kind = RESOURCE_KINDS.get(type);
  // What is wrong already need not be looked for.
  if (kind?.exists === undefined || target === undefined || problems.list.length > 0) return step;
  const isKnown = step.action === "unchanged" || step.action === "update";
  if (!isKnown && !(step.action === "create" && type === "AWS::StepFunctions::StateMachine")) return step;
  const isThere = await kind.exists(planned, { target, endpoints: world.endpoints });
  if (isKnown) return isThere ? step : { ...step, action: "create", reason: "it is gone" };
  if (!isThere) return step;
  if (adopt) return { ...step, action: "update", reason: "taken over" };
  problems.add(physicalId, "", `a state machine of this name is there and belongs to no stack (--adopt takes it over)`);
  return step;
}

/** Two stacks cannot own one thing. */
function checkOwner(
  source: StackSource,
  logicalId: string,
  type: string,
  planned: PlannedResource,
  { others, problems }: Planning,
): void {
  if (planned.apply === undefined) return;
  const owner = others.find(
    (other) =>
      other.stackName !== source.stackName &&
      Object.values(other.resources).some(
        (resource) => resource.type === type && resource.physicalId === planned.physicalId,
      ),
  );
  if (owner === undefined) return;
  const pointer = `/Resources/${logicalId}`;
  const place = source.template.document.placeOf(pointer);
  problems.add(place, pointer, `${planned.physicalId} belongs to the stack ${owner.stackName}`);
}

/** What only the service knows: integrations whose client is not installed, readers it does not have. */
async function checkWithService(
  source: StackSource,
  logicalId: string,
  type: string,
  { desired }: PlannedResource,
  { target, problems }: Planning,
): Promise<void> {
  if (type !== "AWS::StepFunctions::StateMachine" || target === undefined || problems.list.length > 0) return;
  const { definition, type: machineType } = desired as { readonly definition: string; readonly type: string };
  const { diagnostics } = await target.call<{
    readonly diagnostics: readonly { severity: string; code: string; message: string; location?: string }[];
  }>("ValidateStateMachineDefinition", { definition, type: machineType });
  const pointer = `/Resources/${logicalId}`;
  for (const { severity, code, message, location } of diagnostics) {
    if (severity !== "ERROR") continue;
    problems.add(source.template.document.placeOf(pointer), pointer, `${code} at ${location ?? "/"}: ${message}`);
  }
}

function foretold(planned: PlannedResource, action: Action): ResourceValues {
  // What is created now has no values before that could be taken for the same.
  return action === "update" || action === "replace" ? (planned.changedValues ?? planned) : planned;
}

function removals(resolver: StackResolver, record: StackRecord | undefined): PlanStep[] {
  const stays = new Set(resolver.order);
  return Object.entries(record?.resources ?? {})
    .filter(([logicalId]) => !stays.has(logicalId))
    .reverse()
    .map(([logicalId, resource]) => removal(logicalId, resource));
}

export function removal(logicalId: string, { type, physicalId, where, deletionPolicy }: ResourceRecord): PlanStep {
  const isKept = deletionPolicy.startsWith("Retain") && where !== "a name only" && where !== "passed over";
  return {
    action: isKept ? "keep" : "delete",
    logicalId,
    type,
    physicalId,
    where,
    ...(isKept ? { reason: `its DeletionPolicy is ${deletionPolicy}` } : {}),
  };
}
