export * from "./database.ts";
export * from "./database-failure.ts";
