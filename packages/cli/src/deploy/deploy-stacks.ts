/** One deployment: everything read and planned first, then carried out, stack by stack. */
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "@stepwell/core";
import type { AwsIdentity } from "@stepwell/engine";
import { UsageError } from "../usage-error.ts";
import type { AwsEndpoints } from "./aws-endpoints.ts";
import { publishFileAssets } from "./code/file-assets.ts";
import { applyStack } from "./execute.ts";
import { acknowledged, isRead, LocalParts } from "./local-parts.ts";
import { type PlanStep, planStack, type StackPlan } from "./plan.ts";
import { Problems } from "./problem.ts";
import { readSources, type SourceOptions } from "./read-sources.ts";
import { type StackRecord, StackRecords } from "./stack-record.ts";
import type { DeployWorld } from "./stack-resolver.ts";
import type { StepFunctionsTarget } from "./target/step-functions-target.ts";

export interface Deployment {
  readonly identity: AwsIdentity;
  readonly dataDirectory: string;
  readonly endpoints: AwsEndpoints;
  readonly nameOnly: ReadonlySet<string>;
  readonly adopt: boolean;
  /** Absent: nobody is asked, for a plan alone. */
  readonly target?: StepFunctionsTarget;
  readonly tell: (line: string) => void;
}

/** Throws DeployError when anything is wrong; then nothing was changed. */
export async function planStacks(
  paths: readonly string[],
  options: SourceOptions,
  deployment: Deployment,
): Promise<readonly StackPlan[]> {
  const problems = new Problems();
  const sources = await readSources(paths, { identity: deployment.identity, ...options }, problems);
  problems.check();
  checkParameters(options, sources, problems);
  const records = new StackRecords(deployment.dataDirectory);
  const world = new World(deployment, await records.all());
  const names = new Set(sources.map(({ stackName }) => stackName));
  const others = world.records.filter(({ stackName }) => !names.has(stackName));
  const plans: StackPlan[] = [];
  for (const source of sources) {
    const { target, adopt } = deployment;
    const record = world.records.find(({ stackName }) => stackName === source.stackName);
    const plan = await planStack(source, record, {
      world,
      problems,
      others: [...others, ...plans.map(planned)],
      adopt,
      ...(target && { target }),
    });
    world.learn(source.stackName, plan);
    plans.push(plan);
  }
  checkImports(plans, others, problems);
  problems.check();
  return plans;
}

/** Carries plans out against the deployment's target, which must be there. */
export async function applyPlans(plans: readonly StackPlan[], deployment: Deployment): Promise<readonly StackRecord[]> {
  const { target, endpoints, tell, dataDirectory } = deployment;
  if (target === undefined) throw new Error("there must be a target to deploy to");
  const records = new StackRecords(dataDirectory);
  const unlock = await lock(records);
  try {
    const isLocal = plans.some(({ steps }) => steps.some(({ where }) => /^local /.test(where)));
    if (target.isRunning && isLocal && !(await isRead(records)))
      throw new UsageError(
        `${target.description} does not use the data directory ${dataDirectory}: name its own by --data`,
      );
    const world = new World(deployment, await records.all());
    const done: StackRecord[] = [];
    for (const { source, record, steps } of plans) {
      const local = new LocalParts(records, source.stackName);
      const deployer = { target, endpoints, local, notice: (message: string) => tell(`  ${message}`) };
      if (steps.some(({ action }) => action !== "unchanged")) tell(`Stack ${source.stackName}`);
      // What the deployment before replaced: processes of it may still have run until now.
      await local.sweep();
      await publishFileAssets(source, deployment, deployer);
      const made = await applyStack(source, record, {
        world,
        records,
        deployer,
        gone: idsOf(steps, "it is gone"),
        adopted: idsOf(steps, "taken over"),
        onStep: (action, logicalId) => tell(`  ${action} ${logicalId}`),
      }).catch((error: unknown) => {
        throw error instanceof UsageError ? brokenOff(source.stackName, error) : error;
      });
      world.learn(source.stackName, made);
      done.push(made);
      if (target.isRunning && isLocal && !(await acknowledged(records)))
        throw new UsageError(`${target.description} did not take up the functions of ${source.stackName} in time`);
    }
    return done;
  } finally {
    await unlock();
  }
}

/** What was made is recorded: the next deployment goes on from there. */
function brokenOff(stackName: string, error: UsageError): UsageError {
  return new UsageError(`${error.message}\n  ${stackName} is deployed in part: mend this and deploy again to go on`);
}

function idsOf(steps: readonly PlanStep[], reason: string): ReadonlySet<string> {
  return new Set(steps.filter((step) => step.reason === reason).map(({ logicalId }) => logicalId));
}

/** What stacks know of each other. */
class World implements DeployWorld {
  readonly identity: AwsIdentity;
  readonly endpoints: AwsEndpoints;
  readonly nameOnly: ReadonlySet<string>;
  readonly exports = new Map<string, Json>();
  readonly outputs = new Map<string, Readonly<Record<string, Json>>>();
  readonly records: readonly StackRecord[];

  constructor({ identity, endpoints, nameOnly }: Deployment, records: readonly StackRecord[]) {
    this.identity = identity;
    this.endpoints = endpoints;
    this.nameOnly = nameOnly;
    this.records = records;
    for (const record of records) this.learn(record.stackName, record);
  }

  parameterValue = (name: string): Json | undefined => {
    const all = this.records.flatMap(({ resources }) => Object.values(resources));
    const made = all.find(({ type, physicalId }) => type === "AWS::SSM::Parameter" && physicalId === name);
    return made?.attributes["Value"];
  };

  learn(stackName: string, { outputs, exports }: Pick<StackRecord, "outputs" | "exports">): void {
    this.outputs.set(stackName, outputs);
    for (const [name, value] of Object.entries(exports)) this.exports.set(name, value);
  }
}

/** A plan as other stacks see it: what it will own. */
function planned({ source, steps }: StackPlan): StackRecord {
  const owned = steps.filter(({ action }) => action !== "delete" && action !== "keep");
  return {
    format: 1,
    stackName: source.stackName,
    source: "",
    deployedAt: "",
    resources: Object.fromEntries(
      owned.map(({ logicalId, type, physicalId, where }) => [
        logicalId,
        { type, physicalId, where, reference: "", attributes: {}, fingerprint: "", deletionPolicy: "Delete" },
      ]),
    ),
    outputs: {},
    exports: {},
    imports: [],
  };
}

function checkParameters(
  { parameters }: SourceOptions,
  sources: readonly { readonly template: { readonly parameters: ReadonlyMap<string, unknown> } }[],
  problems: Problems,
): void {
  for (const name of parameters.keys())
    if (!sources.some(({ template }) => template.parameters.has(name)))
      problems.add(`--parameter ${name}`, "", "no stack has this parameter");
}

/** An export that another stack uses cannot go, nor can two stacks export one name. */
function checkImports(plans: readonly StackPlan[], others: readonly StackRecord[], problems: Problems): void {
  const exporters = new Map<string, string>();
  const all = [...others, ...plans.map(({ source, exports }) => ({ stackName: source.stackName, exports }))];
  for (const { stackName, exports } of all) {
    for (const name of Object.keys(exports)) {
      const first = exporters.get(name);
      if (first !== undefined) problems.add(stackName, "", `exports ${name}, which ${first} exports too`);
      exporters.set(name, stackName);
    }
  }
  for (const { source, record, exports } of plans) {
    for (const name of Object.keys(record?.exports ?? {})) {
      const user = others.find(({ imports }) => imports.includes(name));
      if (user !== undefined && !Object.hasOwn(exports, name))
        problems.add(source.stackName, "", `no longer exports ${name}, which the stack ${user.stackName} uses`);
    }
  }
}

/** One deployment at a time writes to a data directory. */
export async function lock(records: StackRecords): Promise<() => Promise<void>> {
  await mkdir(records.directory, { recursive: true, mode: 0o700 });
  const file = join(records.directory, "deploy.lock");
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(file, "wx", 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const pid = Number(await readFile(file, "utf8"));
      if (isAlive(pid)) throw new UsageError(`another deployment runs (process ${pid}): ${file}`);
      await rm(file, { force: true });
    }
  }
  throw new UsageError(`another deployment has just begun: ${file}`);
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
