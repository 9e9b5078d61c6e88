import type { EpochMs } from "@stepwell/core";

/** The only source of time in the engine. */
export interface Clock {
  now(): EpochMs;
  /** Calls `wake` once at or after `at`; returns a function that takes it back. */
  wakeAt(at: EpochMs, wake: () => void): () => void;
}

/** The only source of chance in the engine. */
export interface Ids {
  /** 32 hexadecimal characters, from a cryptographic source outside tests. */
  seed(): string;
  uuid(): string;
}
