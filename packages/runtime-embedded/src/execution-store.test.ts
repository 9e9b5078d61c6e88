import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executionStoreContract } from "@stepwell/engine/testing";
import * as vitest from "vitest";
import { openDatabase } from "./database.ts";
import { openExecutionStore } from "./execution-store.ts";

vitest.describe("the store on SQLite in memory", () => {
  executionStoreContract(vitest, () => {
    const database = openDatabase({ dataDir: ":memory:" });
    return { store: openExecutionStore(database), close: () => database.close() };
  });
});

for (const commitThread of [false, true]) {
  vitest.describe(`the store on a SQLite file, commits on ${commitThread ? "a thread" : "the same thread"}`, () => {
    executionStoreContract(vitest, () => {
      const dataDir = mkdtempSync(join(tmpdir(), "stepwell-store-"));
      const database = openDatabase({ dataDir, durability: "normal" });
      return {
        store: openExecutionStore(database, { commitThread }),
        close(): void {
          database.close();
          rmSync(dataDir, { recursive: true, force: true });
        },
      };
    });
  });
}
