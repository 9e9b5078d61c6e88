export { openCatalogStore } from "./catalog-store.ts";
export * from "./database.ts";
export * from "./database-failure.ts";
export { openExecutionStore } from "./execution-store.ts";
