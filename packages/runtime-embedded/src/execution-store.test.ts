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

vitest.describe("the store on a SQLite file", () => {
  executionStoreContract(vitest, () => {
    const dataDir = mkdtempSync(join(tmpdir(), "stepwell-store-"));
    const database = openDatabase({ dataDir });
    return {
      store: openExecutionStore(database),
      close(): void {
        database.close();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  });
});
