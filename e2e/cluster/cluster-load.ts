/** The load that a cluster is disturbed under, and what must be true of it in the end. */
import { checkAll } from "../crash/crash-check.ts";
import type { PatientClient } from "../crash/crash-client.ts";
import { beginLoad, type CrashLoad } from "../crash/crash-load.ts";
import { countExecutions, createMachines, tokensFileIn } from "../crash/crash-set-up.ts";
import { clusterClient } from "./cluster-client.ts";
import type { TestCluster } from "./test-cluster.ts";

const EXECUTIONS_MAX = 20_000;
const PAUSE_MS = 150;

export interface ClusterLoad extends CrashLoad {
  readonly client: PatientClient;
  /** Waits until everything that was started has ended; what is not as it should be. Ends the load. */
  check(): Promise<string[]>;
}

export async function beginClusterLoad(directory: string, cluster: TestCluster): Promise<ClusterLoad> {
  let over = false;
  const client = clusterClient(
    () => cluster.nodes.map((node) => node.url),
    () => over,
  );
  const { arns, machines } = await createMachines(client);
  const load = beginLoad({
    client,
    machines,
    activityArn: arns.activity,
    tokensFile: tokensFileIn(directory),
    executionsMax: EXECUTIONS_MAX,
    pauseMs: PAUSE_MS,
  });
  return {
    ...load,
    client,
    async check() {
      const complaints = await checkAll(client, load.acknowledged);
      complaints.push(...(await countExecutions(client, machines, load.acknowledged, arns.childMachine)));
      const failed = [...complaints, ...load.complaints].filter((complaint) => complaint !== "");
      over = true;
      load.stopWorking();
      for (const complaint of failed.slice(0, 20)) console.log(`FAILED ${complaint}`);
      return failed;
    },
  };
}
