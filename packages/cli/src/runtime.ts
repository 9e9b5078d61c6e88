/** Where everything durable is: a data directory of this process alone, or a PostgreSQL that many nodes share. */
import type {
  CatalogStore,
  Clock,
  Cluster,
  ExecutionEngine,
  ExecutionStore,
  Ids,
  MapRunStore,
  VirtualClock,
} from "@stepwell/engine";
import {
  CryptoIds,
  openCatalogStore,
  openEmbeddedRuntime,
  SystemClock,
  startHousekeeping,
} from "@stepwell/runtime-embedded";
import type { MembershipEvent, PeerTlsFiles } from "@stepwell/runtime-postgres";
import { UsageError } from "./usage-error.ts";

const HOUR_MS = 3_600_000;

/** A node among others on one PostgreSQL. */
export interface DatabaseSettings {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Where this node listens for others; default 127.0.0.1 and any port. */
  readonly peerHost?: string;
  readonly peerPort?: number;
  /** Where others reach it, when that is another place. */
  readonly peerAddress?: string;
  /** Encrypts what nodes say to each other. */
  readonly peerTls?: PeerTlsFiles;
  /** Told of nodes and shards. */
  readonly onEvent?: (event: MembershipEvent) => void;
}

export interface RuntimeOptions {
  readonly dataDir: string;
  readonly durability?: "full" | "normal";
  readonly database?: DatabaseSettings;
  readonly onProblem?: (problem: unknown, about: string) => void;
}

export interface Runtime {
  readonly executionStore: ExecutionStore;
  readonly catalogStore: CatalogStore;
  readonly mapRunStore: MapRunStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly cluster?: Cluster;
  /** How this node is called among others, and the others that live. */
  readonly nodes?: { readonly self: string; others(): ReadonlySet<string> };
  /** Takes up this process's share; call when the engine is made. */
  join(engine: ExecutionEngine): Promise<void>;
  /** Call after the engine was drained. */
  close(): Promise<void>;
}

/** Rejects with what the caller can mend: `DatabaseFailure`, `StoreUnavailable`, or `UsageError`. */
export async function openRuntime(options: RuntimeOptions, virtual: VirtualClock | undefined): Promise<Runtime> {
  return options.database === undefined ? openEmbedded(options, virtual) : openShared(options, options.database);
}

function openEmbedded({ dataDir, durability, onProblem }: RuntimeOptions, virtual: VirtualClock | undefined): Runtime {
  const runtime = openEmbeddedRuntime({
    dataDir,
    ...(durability === undefined ? {} : { durability }),
    ...(virtual === undefined ? {} : { clock: virtual }),
  });
  let stopHousekeeping: (() => void) | undefined;
  const { executionStore, mapRunStore, clock, ids, database } = runtime;
  try {
    return {
      executionStore,
      mapRunStore,
      clock,
      ids,
      catalogStore: openCatalogStore(database),
      async join(engine) {
        // In virtual time nothing gets old by itself, and memory is given back with the process.
        if (virtual !== undefined || dataDir === ":memory:") return;
        const housekeeping = startHousekeeping(database, {
          deleteExpired: () => engine.deleteExpired(),
          onProblem: (problem) => onProblem?.(problem, "housekeeping"),
        });
        stopHousekeeping = () => housekeeping.stop();
      },
      async close() {
        stopHousekeeping?.();
        runtime.close();
      },
    };
  } catch (error) {
    runtime.close();
    throw error;
  }
}

async function openShared({ onProblem }: RuntimeOptions, settings: DatabaseSettings): Promise<Runtime> {
  const { openPostgresRuntime, PeerTlsFailure } = await import("@stepwell/runtime-postgres");
  const opening = openPostgresRuntime({ ...settings, ...(onProblem === undefined ? {} : { onProblem }) });
  const runtime = await opening.catch((error: unknown) => {
    throw error instanceof PeerTlsFailure ? new UsageError(error.message) : error;
  });
  const { executionStore, catalogStore, mapRunStore, cluster } = runtime;
  let timer: NodeJS.Timeout | undefined;
  return {
    executionStore,
    catalogStore,
    mapRunStore,
    cluster,
    nodes: { self: runtime.address, others: () => runtime.others() },
    clock: new SystemClock(),
    ids: new CryptoIds(),
    async join(engine) {
      await runtime.join();
      timer = setInterval(() => {
        // One node is enough.
        if (!runtime.isFirst()) return;
        engine.deleteExpired().catch((error: unknown) => onProblem?.(error, "housekeeping"));
      }, HOUR_MS);
      timer.unref();
    },
    async close() {
      clearInterval(timer);
      await runtime.close();
    },
  };
}
