// The room's second face, for tests and benchmarks only: a PostgreSQL server of one's own.

export * from "./postgres-server.ts";
