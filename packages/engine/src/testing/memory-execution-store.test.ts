import * as vitest from "vitest";
import { executionStoreContract } from "./execution-store-suite.ts";
import { MemoryExecutionStore } from "./memory-execution-store.ts";

vitest.describe("the store in memory", () => {
  executionStoreContract(vitest, () => ({ store: new MemoryExecutionStore() }));
});
