import { createExecutions, createMapRuns } from "@stepwell/engine";
import { openEmbeddedRuntime } from "@stepwell/runtime-embedded";
import { localSource } from "./local-source.ts";
import { remoteSource } from "./remote-source.ts";
import type { ReportSource } from "./report-source.ts";
import { runningService } from "./running-service.ts";

export interface SourceOptions {
  /** Of a service that is not running. */
  readonly data?: string;
  /** Of one that is. */
  readonly endpoint?: string;
}

/** A running service, or a data directory. Throws DatabaseFailure when the directory is in use. */
export function openSource({ data = ".stepwell", endpoint }: SourceOptions): ReportSource {
  return endpoint === undefined ? dataDirectory(data) : remoteSource(runningService(endpoint, process.env));
}

/** Only read: nothing of what was running there is taken up. */
function dataDirectory(dataDir: string): ReportSource {
  const { executionStore: store, mapRunStore, clock, ids, close } = openEmbeddedRuntime({ dataDir });
  const never = (): never => {
    throw new Error("a report runs nothing");
  };
  const executions = createExecutions({
    store,
    clock,
    ids,
    machines: { resolve: never, machineOfRevision: never },
    activities: { hasActivity: never },
    router: { connectorFor: never, close: async () => undefined },
  });
  return localSource(executions, createMapRuns({ store: mapRunStore }), async () => close());
}
