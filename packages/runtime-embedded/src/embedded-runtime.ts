import type { Clock, ExecutionStore, Ids, MapRunStore } from "@stepwell/engine";
import { CryptoIds } from "./crypto-ids.ts";
import { type Database, type DatabaseOptions, openDatabase } from "./database.ts";
import { type ExecutionStoreOptions, openExecutionStore } from "./execution-store.ts";
import { openMapRunStore } from "./map-run-store.ts";
import { SystemClock } from "./system-clock.ts";

export interface EmbeddedRuntimeOptions extends DatabaseOptions, ExecutionStoreOptions {
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: the system's. */
  readonly ids?: Ids;
}

/** The engine's ports in one process on one SQLite file. */
export interface EmbeddedRuntime {
  readonly database: Database;
  readonly executionStore: ExecutionStore;
  readonly mapRunStore: MapRunStore;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Call after the engine was drained. */
  close(): void;
}

/** Opens (or makes) the data directory, or a store in memory with ":memory:". Throws `DatabaseFailure`. */
export function openEmbeddedRuntime(options: EmbeddedRuntimeOptions): EmbeddedRuntime {
  const database = openDatabase(options);
  try {
    return {
      database,
      executionStore: openExecutionStore(database, options),
      mapRunStore: openMapRunStore(database),
      clock: options.clock ?? new SystemClock(),
      ids: options.ids ?? new CryptoIds(),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}
