import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FunctionConfig } from "@stepwell/connectors";
import type { Runtime } from "../../runtime.ts";
import { DeployedStacks } from "./deployed-stacks.ts";
import { SharedStacks } from "./shared-stacks.ts";

export interface DeployedOptions {
  /** ":memory:" on a node that keeps no directory: what others deployed is put into a temporary one. */
  readonly dataDir: string;
  readonly functions?: Readonly<Record<string, FunctionConfig>>;
  readonly buckets?: Readonly<Record<string, string>>;
  readonly onProblem: (problem: unknown, about: string) => void;
}

/** What `stepwell deploy` put into the data directory of this node, or of any other one; the configuration is stronger. */
export function openDeployed(
  { dataDir: given, functions, buckets, onProblem }: DeployedOptions,
  { catalogStore, nodes }: Pick<Runtime, "catalogStore" | "nodes">,
): DeployedStacks | undefined {
  const isTemporary = given === ":memory:";
  if (isTemporary && nodes === undefined) return undefined;
  const dataDir = isTemporary ? mkdtempSync(join(tmpdir(), "stepwell-node-")) : given;
  const directory = join(dataDir, "deployed");
  return new DeployedStacks({
    dataDir,
    ownFunctions: new Set(Object.keys(functions ?? {})),
    ownBuckets: new Set(Object.keys(buckets ?? {})),
    onProblem,
    ...(nodes && { shared: new SharedStacks({ records: catalogStore, directory, onProblem, ...nodes }) }),
    isTemporary,
  });
}
