export { openCatalogStore } from "./catalog-store.ts";
export { openPostgres, type Postgres, type PostgresOptions } from "./database.ts";
export { openExecutionStore } from "./execution-store.ts";
export { openMapRunStore } from "./map-run-store.ts";
export { migrate } from "./migrations.ts";
