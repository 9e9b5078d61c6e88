import type { ExecutionCommit, ExecutionKey, JobPlace } from "@stepwell/engine";
import { CommitConflict } from "@stepwell/engine/failures";
import type { CommonTexts } from "./common-texts.ts";
import { CommitWriter } from "./execution-writer.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

type Connection = Pick<SqliteConnection, "prepare" | "transaction">;

/** Writes batches of commits, each in one transaction, on the connection it is given. */
export class Committer {
  readonly #connection: Connection;
  readonly #texts: CommonTexts;
  readonly #writer: CommitWriter;

  constructor(connection: Connection, texts: CommonTexts) {
    this.#connection = connection;
    this.#texts = texts;
    this.#writer = new CommitWriter(connection, texts);
  }

  commit(batch: readonly ExecutionCommit[]): ExecutionKey[] {
    try {
      return this.#connection.transaction(() => {
        const conflicts: string[] = [];
        const keys = batch.map((commit) => {
          const key = this.#writer.write(commit);
          if (key === undefined) conflicts.push(commit.executionArn);
          return key ?? 0;
        });
        if (conflicts.length > 0) throw new CommitConflict(conflicts);
        return keys;
      });
    } catch (error) {
      // Ids of texts that were first stored in this transaction are void.
      this.#texts.forget();
      throw error;
    }
  }

  forgetAnnouncements(positions: readonly number[]): void {
    this.#connection.transaction(() => {
      const forget = this.#connection.prepare("DELETE FROM announcements WHERE position = ?");
      for (const position of positions) forget.run(position);
    });
  }

  forgetJobsToStop(jobs: readonly JobPlace[]): void {
    this.#connection.transaction(() => {
      const forget = this.#connection.prepare("DELETE FROM jobs_to_stop WHERE execution = ? AND task = ?");
      for (const { key, taskId } of jobs) forget.run(key, taskId);
    });
  }

  delete(keys: readonly ExecutionKey[]): void {
    this.#connection.transaction(() => {
      for (const key of keys) this.#writer.delete(key);
    });
  }
}
