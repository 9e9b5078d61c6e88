/** What the engine's thread and the commit thread say to each other. */
import type { ExecutionKey } from "@stepwell/engine";
import { CommitConflict } from "@stepwell/engine/failures";
import { DatabaseFailure, type DatabaseFailureReason } from "./database-failure.ts";
import type { PackedBatch } from "./packed-batch.ts";
import { UnexpectedRows, type WriteStep } from "./write-script.ts";

export type CommitRequest =
  | { readonly kind: "commit"; readonly id: number; readonly batch: PackedBatch }
  | {
      readonly kind: "script";
      readonly id: number;
      readonly script: readonly WriteStep[];
      /** Where bytes among its parameters are; sent back when they are written. */
      readonly buffers: readonly ArrayBuffer[];
    }
  | { readonly kind: "close" };

export type CommitAnswer =
  /** The thread has begun; sent once, before any other answer. */
  | { readonly kind: "ready" }
  | {
      readonly kind: "committed";
      readonly id: number;
      readonly keys: readonly ExecutionKey[];
      /** About so many bytes of log. */
      readonly written: number;
      readonly buffers: readonly ArrayBuffer[];
    }
  | { readonly kind: "conflict"; readonly id: number; readonly executionArns: readonly string[] }
  | { readonly kind: "unexpected"; readonly id: number; readonly message: string }
  | {
      readonly kind: "failed";
      readonly id: number;
      readonly reason: DatabaseFailureReason;
      readonly message: string;
      readonly code: number | undefined;
    }
  /** A bug: a statement was wrong. */
  | { readonly kind: "broken"; readonly id: number; readonly message: string };

/** What the commit thread starts with. */
export interface CommitThreadData {
  readonly path: string;
  readonly durability: "full" | "normal";
  readonly cacheKib: number;
  readonly writeLock: SharedArrayBuffer;
  /** Set to 1, and notified, when the thread's connection is closed. */
  readonly closed: SharedArrayBuffer;
}

/** An answer to one request. */
export type RequestAnswer = Exclude<CommitAnswer, { kind: "ready" }>;

export function answerOf(id: number, error: unknown): RequestAnswer {
  if (error instanceof CommitConflict) return { kind: "conflict", id, executionArns: error.executionArns };
  if (error instanceof UnexpectedRows) return { kind: "unexpected", id, message: error.message };
  if (error instanceof DatabaseFailure) {
    return { kind: "failed", id, reason: error.reason, message: error.message, code: error.code };
  }
  return { kind: "broken", id, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

export function errorOf(answer: Exclude<RequestAnswer, { kind: "committed" }>): Error {
  if (answer.kind === "conflict") return new CommitConflict(answer.executionArns);
  if (answer.kind === "unexpected") return new UnexpectedRows(answer.message);
  if (answer.kind === "broken") return new Error(`the commit thread: ${answer.message}`);
  return new DatabaseFailure(answer.reason, answer.message, answer.code === undefined ? {} : { code: answer.code });
}
