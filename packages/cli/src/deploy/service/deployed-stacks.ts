/**
 * What deployed stacks add to a running service: read at its start, and again within a fraction of a second when a deployment
 * changed it. The data directory is the way from `stepwell deploy` to the service: who may write to it may run code here.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FunctionConfig, FunctionRouter } from "@stepwell/connectors";
import { isStackName } from "../stack-record.ts";
import { APPLIED_FILE, REVISION_FILE, readServiceFile, SERVICE_FILE } from "./service-file.ts";
import type { SharedStacks } from "./shared-stacks.ts";

export interface DeployedStacksOptions {
  readonly dataDir: string;
  /** What `stepwell.yaml` says itself; it is stronger. */
  readonly ownFunctions: ReadonlySet<string>;
  readonly ownBuckets: ReadonlySet<string>;
  readonly onProblem: (problem: unknown, about: string) => void;
  /** Where several nodes share what is deployed to one of them. */
  readonly shared?: SharedStacks;
  /** The directory goes with the service. */
  readonly isTemporary?: boolean;
}

const LOOK_AGAIN_MS = 200;
/** How often the shared ones are looked at. */
const EXCHANGE_MS = 1_000;
/** A deployment is acknowledged when all other nodes have it; so long they are waited for, and they take it later. */
const OTHERS_MS = 8_000;
const LEAVE_MS = 1_000;

export class DeployedStacks {
  /** Directories by bucket, always as they are now. */
  readonly buckets: Map<string, string> = new Map();
  readonly #options: DeployedStacksOptions;
  readonly #directory: string;
  #functions: ReadonlyMap<string, FunctionConfig> = new Map();
  #router: Pick<FunctionRouter, "setFunction" | "removeFunction"> | undefined;
  #seen: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #applying: Promise<void> = Promise.resolve();
  #isApplying = false;
  #exchangeAt = 0;

  constructor(options: DeployedStacksOptions) {
    this.#options = options;
    this.#directory = join(options.dataDir, "deployed");
    for (const [name, path] of this.#read().buckets) this.buckets.set(name, path);
  }

  /** Gives the functions to the router now, and changes of them later. */
  async start(router: Pick<FunctionRouter, "setFunction" | "removeFunction">): Promise<void> {
    this.#router = router;
    this.#seen = this.#change();
    await this.#exchange();
    await this.#apply();
    this.#timer = setInterval(() => this.#look(), LOOK_AGAIN_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#applying;
    const { shared, onProblem } = this.#options;
    const left = shared?.leave().catch((error: unknown) => onProblem(error, "deployed stacks"));
    await Promise.race([left, sleep(LEAVE_MS, undefined, { ref: false })]);
  }

  /** When no function runs any more. */
  remove(): void {
    const { isTemporary, dataDir } = this.#options;
    if (isTemporary === true) rmSync(dataDir, { recursive: true, force: true });
  }

  #look(): void {
    if (this.#isApplying) return;
    const change = this.#change();
    const isChanged = change !== this.#seen;
    if (!isChanged && (this.#options.shared === undefined || performance.now() < this.#exchangeAt)) return;
    this.#seen = change;
    this.#isApplying = true;
    this.#applying = this.#lookAt(isChanged)
      .catch((error: unknown) => this.#options.onProblem(error, "deployed stacks"))
      .finally(() => {
        this.#isApplying = false;
        this.#exchangeAt = performance.now() + EXCHANGE_MS;
      });
  }

  async #lookAt(isChanged: boolean): Promise<void> {
    const { shared } = this.#options;
    const isBehind = isChanged || (await shared?.isBehind()) === true;
    if (!isBehind) return;
    await this.#exchange();
    await this.#apply(isChanged);
  }

  /** What is here already works while the database is away. */
  async #exchange(): Promise<void> {
    const { shared, onProblem } = this.#options;
    await shared?.exchange().catch((error: unknown) => onProblem(error, "deployed stacks"));
  }

  #change(): string | undefined {
    const stats = statSync(join(this.#directory, REVISION_FILE), { throwIfNoEntry: false });
    return stats === undefined ? undefined : `${stats.mtimeMs} ${stats.ino}`;
  }

  async #apply(isDeployment = false): Promise<void> {
    const file = join(this.#directory, REVISION_FILE);
    const revision = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    if (revision === undefined && this.#options.shared === undefined) return;
    const { functions, buckets } = this.#read();
    for (const name of [...this.buckets.keys()]) if (!buckets.has(name)) this.buckets.delete(name);
    for (const [name, directory] of buckets) this.buckets.set(name, directory);
    await this.#applyFunctions(functions);
    await this.#options.shared?.sayTaken();
    if (isDeployment) await this.#othersTaken();
    if (revision !== undefined) this.#acknowledge(revision);
  }

  async #othersTaken(): Promise<void> {
    const { shared, onProblem } = this.#options;
    const latest = performance.now() + OTHERS_MS;
    for (let late: readonly string[] = []; shared !== undefined; await sleep(LOOK_AGAIN_MS)) {
      late = await shared.waitingFor();
      if (late.length === 0) return;
      if (performance.now() < latest) continue;
      onProblem(new Error(`${late.join(", ")}: did not take up what was deployed in time`), "deployed stacks");
      return;
    }
  }

  async #applyFunctions(functions: ReadonlyMap<string, FunctionConfig>): Promise<void> {
    const before = this.#functions;
    this.#functions = functions;
    for (const name of before.keys()) if (!functions.has(name)) await this.#router?.removeFunction(name);
    for (const [name, config] of functions) {
      // A function that stays as it is keeps its processes.
      if (JSON.stringify(before.get(name)) !== JSON.stringify(config)) await this.#router?.setFunction(name, config);
    }
  }

  /** A stack whose file cannot be read is left out; the others count. */
  #read(): { readonly functions: Map<string, FunctionConfig>; readonly buckets: Map<string, string> } {
    const all = { functions: new Map<string, FunctionConfig>(), buckets: new Map<string, string>() };
    if (!existsSync(this.#directory)) return all;
    const { dataDir, ownFunctions, ownBuckets, onProblem } = this.#options;
    for (const name of readdirSync(this.#directory).filter(isStackName)) {
      const directory = join(this.#directory, name);
      if (!existsSync(join(directory, SERVICE_FILE))) continue;
      try {
        const { functions, buckets } = readServiceFile(directory, dataDir);
        for (const [key, config] of Object.entries(functions))
          if (!ownFunctions.has(key)) all.functions.set(key, config);
        for (const [key, path] of Object.entries(buckets)) {
          // A directory is where it was deployed to, or where all nodes see it.
          const isElsewhere = this.#options.shared !== undefined && !existsSync(path);
          if (!ownBuckets.has(key) && !isElsewhere) all.buckets.set(key, path);
        }
      } catch (error) {
        onProblem(error, `deployed stack ${name}`);
      }
    }
    return all;
  }

  #acknowledge(revision: string): void {
    mkdirSync(this.#directory, { recursive: true });
    const file = join(this.#directory, APPLIED_FILE);
    writeFileSync(`${file}.tmp`, revision, { mode: 0o600 });
    renameSync(`${file}.tmp`, file);
  }
}
