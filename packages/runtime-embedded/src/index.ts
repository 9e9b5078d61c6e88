export { openCatalogStore } from "./catalog-store.ts";
export { CryptoIds } from "./crypto-ids.ts";
export * from "./database.ts";
export * from "./database-failure.ts";
export * from "./embedded-runtime.ts";
export { type ExecutionStoreOptions, openExecutionStore } from "./execution-store.ts";
export * from "./housekeeping.ts";
export { openMapRunStore } from "./map-run-store.ts";
export { SystemClock } from "./system-clock.ts";
