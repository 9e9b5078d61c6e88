export type { MembershipEvent } from "./cluster/membership.ts";
export { PeerTlsFailure, type PeerTlsFiles } from "./cluster/peer-tls.ts";
export type { Postgres, PostgresOptions } from "./database.ts";
export * from "./postgres-runtime.ts";
