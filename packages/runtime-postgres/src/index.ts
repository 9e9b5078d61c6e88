export type { MembershipEvent } from "./cluster/membership.ts";
export type { Postgres, PostgresOptions } from "./database.ts";
export * from "./postgres-runtime.ts";
