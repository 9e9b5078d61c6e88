/** The thread of `database-background.ts`: runs one request after another on a connection of its own. */
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { WriteLock } from "./write-lock.ts";

export type BackgroundRequest =
  | { readonly kind: "checkpoint"; readonly id: number }
  | { readonly kind: "close"; readonly id: number };

export interface BackgroundAnswer {
  readonly id: number;
  /** Why it was not done. */
  readonly failure?: string;
}

/** What the thread starts with. */
export interface BackgroundData {
  readonly path: string;
  readonly writeLock: SharedArrayBuffer;
  /** Set to 1, and notified, when the thread's connection is closed. */
  readonly closed: SharedArrayBuffer;
}

if (parentPort !== null) serve(parentPort, workerData as BackgroundData);

function serve(port: NonNullable<typeof parentPort>, data: BackgroundData): void {
  const database = new DatabaseSync(data.path, { timeout: 5_000 });
  const lock = new WriteLock(data.writeLock);
  port.on("message", (request: BackgroundRequest) => {
    if (request.kind === "close") {
      close(database, data.closed);
      port.close();
      return;
    }
    port.postMessage(answer(database, lock, request));
  });
}

function close(database: DatabaseSync, closed: SharedArrayBuffer): void {
  try {
    database.close();
  } finally {
    const flag = new Int32Array(closed);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  }
}

function answer(
  database: DatabaseSync,
  lock: WriteLock,
  request: Exclude<BackgroundRequest, { kind: "close" }>,
): BackgroundAnswer {
  try {
    // All of it; and what was written meanwhile, with nobody in the way. A pass between the two would shorten the second, but
    // each costs a wait for the disk: 6 % of the processor time of chains of Pass states.
    checkpoint(database);
    lock.during(() => checkpoint(database));
    return { id: request.id };
  } catch (error) {
    return { id: request.id, failure: error instanceof Error ? error.message : String(error) };
  }
}

function checkpoint(database: DatabaseSync): void {
  database.exec("PRAGMA wal_checkpoint(PASSIVE)");
}
