/**
 * What deployed stacks add to a running service: read at its start, and again within a fraction of a second when a deployment
 * changed it. The data directory is the way from `stepwell deploy` to the service: who may write to it may run code here.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FunctionConfig, FunctionRouter } from "@stepwell/connectors";
import { isStackName } from "../stack-record.ts";
import { APPLIED_FILE, REVISION_FILE, readServiceFile, SERVICE_FILE } from "./service-file.ts";

export interface DeployedStacksOptions {
  readonly dataDir: string;
  /** What `stepwell.yaml` says itself; it is stronger. */
  readonly ownFunctions: ReadonlySet<string>;
  readonly ownBuckets: ReadonlySet<string>;
  readonly onProblem: (problem: unknown, about: string) => void;
}

const LOOK_AGAIN_MS = 200;

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

  constructor(options: DeployedStacksOptions) {
    this.#options = options;
    this.#directory = join(options.dataDir, "deployed");
    for (const [name, path] of this.#read().buckets) this.buckets.set(name, path);
  }

  /** Gives the functions to the router now, and changes of them later. */
  async start(router: Pick<FunctionRouter, "setFunction" | "removeFunction">): Promise<void> {
    this.#router = router;
    this.#seen = this.#change();
    await this.#apply();
    this.#timer = setInterval(() => this.#look(), LOOK_AGAIN_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#applying;
  }

  #look(): void {
    const change = this.#change();
    if (change === this.#seen) return;
    this.#seen = change;
    this.#applying = this.#applying
      .then(() => this.#apply())
      .catch((error: unknown) => this.#options.onProblem(error, "deployed stacks"));
  }

  #change(): string | undefined {
    const stats = statSync(join(this.#directory, REVISION_FILE), { throwIfNoEntry: false });
    return stats === undefined ? undefined : `${stats.mtimeMs} ${stats.ino}`;
  }

  async #apply(): Promise<void> {
    if (!existsSync(join(this.#directory, REVISION_FILE))) return;
    const revision = readFileSync(join(this.#directory, REVISION_FILE), "utf8");
    const { functions, buckets } = this.#read();
    for (const name of [...this.buckets.keys()]) if (!buckets.has(name)) this.buckets.delete(name);
    for (const [name, directory] of buckets) this.buckets.set(name, directory);
    await this.#applyFunctions(functions);
    this.#acknowledge(revision);
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
        for (const [key, path] of Object.entries(buckets)) if (!ownBuckets.has(key)) all.buckets.set(key, path);
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
