/** The thread of `database-background.ts`: runs one request after another on a connection of its own. */
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

export type BackgroundRequest =
  | { readonly kind: "checkpoint"; readonly id: number }
  | { readonly kind: "backup"; readonly id: number; readonly target: string }
  | { readonly kind: "close"; readonly id: number };

export interface BackgroundAnswer {
  readonly id: number;
  /** Why it was not done. */
  readonly failure?: string;
}

if (parentPort !== null) serve(parentPort, workerData as { path: string });

function serve(port: NonNullable<typeof parentPort>, data: { path: string }): void {
  const database = new DatabaseSync(data.path, { timeout: 5_000 });
  port.on("message", (request: BackgroundRequest) => {
    if (request.kind === "close") {
      database.close();
      port.close();
      return;
    }
    port.postMessage(answer(database, request));
  });
}

function answer(database: DatabaseSync, request: Exclude<BackgroundRequest, { kind: "close" }>): BackgroundAnswer {
  try {
    if (request.kind === "checkpoint") database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    else database.prepare("VACUUM INTO ?").run(request.target);
    return { id: request.id };
  } catch (error) {
    return { id: request.id, failure: error instanceof Error ? error.message : String(error) };
  }
}
