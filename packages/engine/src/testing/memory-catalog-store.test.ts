import { describe, test } from "vitest";
import { CATALOG_STORE_CASES } from "./catalog-store-suite.ts";
import { MemoryCatalogStore } from "./memory-catalog-store.ts";

describe("the simulated catalog store keeps the contract of CatalogStore", () => {
  test.each(CATALOG_STORE_CASES)("$name", async ({ run }) => {
    const store = new MemoryCatalogStore();
    await run(store, () => store);
  });
});
