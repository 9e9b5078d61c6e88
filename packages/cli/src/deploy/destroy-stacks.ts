/** Removes what deployed stacks own, the newest first. */
import { UsageError } from "../usage-error.ts";
import { type Deployment, lock } from "./deploy-stacks.ts";
import { remove } from "./execute.ts";
import { acknowledged, LocalParts } from "./local-parts.ts";
import { type PlanStep, removal } from "./plan.ts";
import { type ResourceRecord, type StackRecord, StackRecords } from "./stack-record.ts";

export interface DestroyPlan {
  readonly record: StackRecord;
  readonly steps: readonly PlanStep[];
}

/** Stacks in the order in which they must go. Throws UsageError when something keeps one. */
export async function planDestroy(
  names: readonly string[],
  { dataDirectory }: Pick<Deployment, "dataDirectory">,
): Promise<readonly DestroyPlan[]> {
  const records = new StackRecords(dataDirectory);
  const all = await records.all();
  const chosen = names.map((name) => {
    const record = all.find(({ stackName }) => stackName === name);
    if (record !== undefined) return record;
    const known = all.map(({ stackName }) => stackName).join(", ") || "none";
    throw new UsageError(`${name}: no such stack is deployed in ${dataDirectory}; deployed: ${known}`);
  });
  for (const record of chosen) {
    const user = all.find((other) => !names.includes(other.stackName) && uses(other, record));
    if (user !== undefined)
      throw new UsageError(`${record.stackName}: the stack ${user.stackName} uses its values: destroy that one first`);
    await checkBuckets(record, records);
  }
  const ordered: StackRecord[] = [];
  const left = new Set(chosen);
  while (left.size > 0) {
    const free = [...left].find((record) => ![...left].some((other) => other !== record && uses(other, record)));
    const next = free ?? ([...left][0] as StackRecord);
    left.delete(next);
    ordered.push(next);
  }
  return ordered.map((record) => ({
    record,
    steps: Object.entries(record.resources)
      .reverse()
      .map(([logicalId, resource]) => removal(logicalId, resource)),
  }));
}

function uses(user: StackRecord, { stackName, exports }: StackRecord): boolean {
  return user.imports.some((name) => Object.hasOwn(exports, name) || name === `${stackName}.`);
}

/** A bucket that is not empty would stop the removal in its middle. */
async function checkBuckets(record: StackRecord, records: StackRecords): Promise<void> {
  const local = new LocalParts(records, record.stackName);
  for (const { type, where, physicalId, details, deletionPolicy } of Object.values(record.resources)) {
    const isOurs = type === "AWS::S3::Bucket" && where === "local directory" && !deletionPolicy.startsWith("Retain");
    if (isOurs && details?.["autoDelete"] !== true && !(await local.isBucketEmpty(physicalId)))
      throw new UsageError(
        `${record.stackName}: the bucket ${physicalId} is not empty: ${local.bucketDirectory(physicalId)}`,
      );
  }
}

export async function applyDestroy(plans: readonly DestroyPlan[], deployment: Deployment): Promise<void> {
  const { target, endpoints, tell, dataDirectory } = deployment;
  if (target === undefined) throw new Error("there must be a target to destroy from");
  const records = new StackRecords(dataDirectory);
  const unlock = await lock(records);
  try {
    for (const { record } of plans) {
      const local = new LocalParts(records, record.stackName);
      const deployer = { target, endpoints, local, notice: (message: string) => tell(`  ${message}`) };
      tell(`Stack ${record.stackName}`);
      let left: Readonly<Record<string, ResourceRecord>> = record.resources;
      for (const [logicalId, resource] of Object.entries(record.resources).reverse()) {
        const { action } = removal(logicalId, resource);
        tell(`  ${action} ${logicalId}`);
        if (action === "delete") await remove(resource, deployer);
        const { [logicalId]: _, ...rest } = left;
        left = rest;
        await records.write({ ...record, resources: left });
      }
      for (const resource of record.leftovers ?? []) await remove(resource, deployer);
      await local.publish();
      const hasParts = Object.values(record.resources).some(({ where }) => where.startsWith("local "));
      if (target.isRunning && hasParts && !(await acknowledged(records)))
        tell(`  ${target.description} has not let go of the functions yet`);
      await records.remove(record.stackName);
    }
  } finally {
    await unlock();
  }
}
