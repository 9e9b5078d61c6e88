import { describe, test } from "vitest";
import { MAP_RUN_STORE_CASES } from "./map-run-store-suite.ts";
import { MemoryMapRunStore } from "./memory-map-run-store.ts";

describe("the simulated map run store keeps the contract of MapRunStore", () => {
  test.each(MAP_RUN_STORE_CASES)("$name", async ({ run }) => {
    const store = new MemoryMapRunStore();
    await run(store, () => store);
  });
});
