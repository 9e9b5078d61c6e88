/**
 * Carries a plan out.
 *
 * X1. The record is written after each step: what a deployment that broke off has made is known to the next one.
 * X2. What is not needed any more goes last, when nothing refers to it.
 */
import type { Json } from "@stepwell/core";
import { actionOf, fingerprintOf, removal } from "./plan.ts";
import { Problems } from "./problem.ts";
import type { ResourceValues } from "./resolve/scope.ts";
import { RESOURCE_KINDS } from "./resources/index.ts";
import type { Deployer, PlannedResource } from "./resources/resource-kind.ts";
import type { ResourceRecord, StackRecord, StackRecords } from "./stack-record.ts";
import { type DeployWorld, StackResolver } from "./stack-resolver.ts";
import type { StackSource } from "./stack-source.ts";

export interface Execution {
  readonly world: DeployWorld;
  readonly records: StackRecords;
  readonly deployer: Deployer;
  /** Logical ids of state machines (and others) that the plan found gone. */
  readonly gone: ReadonlySet<string>;
  /** Logical ids that the plan takes over. */
  readonly adopted: ReadonlySet<string>;
  /** Told of each step that changes something. */
  readonly onStep: (action: string, logicalId: string) => void;
}

/** Gives what the stack has become. Problems that only the real values show are thrown as DeployError. */
export async function applyStack(
  source: StackSource,
  before: StackRecord | undefined,
  execution: Execution,
): Promise<StackRecord> {
  const problems = new Problems();
  const resolver = new StackResolver(source, execution.world, problems, () => undefined);
  const writer = new RecordWriter(source, before, execution.records);
  const { deployer, gone, adopted, onStep } = execution;
  for (const logicalId of resolver.order) {
    const declaration = resolver.declaration(logicalId);
    const previous = writer.resources.get(logicalId);
    const planned = await resolver.plan(logicalId, previous);
    problems.check();
    if (planned === undefined) continue;
    const { action } = actionOf(planned, declaration.type, gone.has(logicalId) ? undefined : previous);
    if (action === "replace" && previous !== undefined) {
      // What has the same name has to go first.
      const isInTheWay = previous.type === declaration.type && previous.physicalId === planned.physicalId;
      if (isInTheWay) await remove(previous, deployer);
      else writer.leave(previous);
    }
    const change = action === "update" || adopted.has(logicalId) ? "update" : "create";
    if (action !== "unchanged") onStep(action, logicalId);
    if (declaration.type.startsWith("AWS::StepFunctions::")) await deployer.local.publish();
    const made = action === "unchanged" ? undefined : await planned.apply?.(deployer, change);
    const values = made ?? planned;
    resolver.setValues(logicalId, values);
    await writer.set(logicalId, recordOf(declaration, planned, values));
  }
  for (const [logicalId, resource] of writer.outside(resolver.order).reverse()) {
    const { action } = removal(logicalId, resource);
    onStep(action, logicalId);
    if (action === "delete") await remove(resource, deployer);
    await writer.delete(logicalId);
  }
  for (const resource of [...writer.leftovers]) {
    const { action } = removal("", resource);
    onStep(action, resource.physicalId);
    if (action === "delete") await remove(resource, deployer);
    await writer.left(resource);
  }
  await deployer.local.publish();
  const { outputs, exports } = resolver.outputs();
  problems.check();
  return writer.finish(outputs, exports, resolver.imports());
}

export async function remove(resource: ResourceRecord, deployer: Deployer): Promise<void> {
  await RESOURCE_KINDS.get(resource.type)?.remove?.(resource, deployer);
}

function recordOf(
  { type, deletionPolicy }: { readonly type: string; readonly deletionPolicy: string },
  planned: PlannedResource,
  { reference, attributes }: ResourceValues,
): ResourceRecord {
  return {
    type,
    physicalId: planned.physicalId,
    reference,
    attributes,
    fingerprint: fingerprintOf(planned),
    where: planned.where,
    deletionPolicy,
    ...(planned.details === undefined ? {} : { details: planned.details }),
  };
}

class RecordWriter {
  readonly resources: Map<string, ResourceRecord>;
  /** What was replaced by something of another name, and goes at the end. */
  readonly leftovers: Set<ResourceRecord>;
  readonly #source: StackSource;
  readonly #before: StackRecord | undefined;
  readonly #records: StackRecords;

  constructor(source: StackSource, before: StackRecord | undefined, records: StackRecords) {
    this.#source = source;
    this.#before = before;
    this.#records = records;
    this.resources = new Map(Object.entries(before?.resources ?? {}));
    this.leftovers = new Set(before?.leftovers);
  }

  leave(resource: ResourceRecord): void {
    this.leftovers.add(resource);
  }

  async left(resource: ResourceRecord): Promise<void> {
    this.leftovers.delete(resource);
    await this.#write();
  }

  async set(logicalId: string, resource: ResourceRecord): Promise<void> {
    const isSame = JSON.stringify(this.resources.get(logicalId)) === JSON.stringify(resource);
    this.resources.set(logicalId, resource);
    if (!isSame) await this.#write();
  }

  async delete(logicalId: string): Promise<void> {
    this.resources.delete(logicalId);
    await this.#write();
  }

  /** What is recorded and not declared any more. */
  outside(order: readonly string[]): [string, ResourceRecord][] {
    const declared = new Set(order);
    return [...this.resources].filter(([logicalId]) => !declared.has(logicalId));
  }

  async finish(
    outputs: Readonly<Record<string, Json>>,
    exports: Readonly<Record<string, Json>>,
    imports: readonly string[],
  ): Promise<StackRecord> {
    return this.#write({ outputs, exports, imports });
  }

  async #write(given: Partial<StackRecord> = {}): Promise<StackRecord> {
    const record: StackRecord = {
      format: 1,
      stackName: this.#source.stackName,
      source: this.#source.template.document.file,
      deployedAt: new Date().toISOString(),
      resources: Object.fromEntries(this.resources),
      ...(this.leftovers.size === 0 ? {} : { leftovers: [...this.leftovers] }),
      outputs: this.#before?.outputs ?? {},
      exports: this.#before?.exports ?? {},
      imports: this.#before?.imports ?? [],
      ...given,
    };
    await this.#records.write(record);
    return record;
  }
}
