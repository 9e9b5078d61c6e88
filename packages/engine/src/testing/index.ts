// The engine's second face, for tests only: simulated ports and the suites that every runtime runs.

export { decodeHistory, encodeHistory } from "../history/history-chunk.ts";
export * from "./catalog-store-suite.ts";
export * from "./execution-store-suite.ts";
export * from "./fixed-machines.ts";
export * from "./map-run-store-suite.ts";
export * from "./memory-catalog-store.ts";
export * from "./memory-execution-store.ts";
export * from "./memory-map-run-store.ts";
export * from "./seeded-ids.ts";
export * from "./simulated-tasks.ts";
export * from "./simulated-threads.ts";
export * from "./stored-format-1.ts";
export * from "./turns.ts";
