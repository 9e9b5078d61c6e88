/** The commit thread: its own connection, one transaction for each batch it is sent. */
import { parentPort, workerData } from "node:worker_threads";
import { answerOf, type CommitAnswer, type CommitRequest, type CommitThreadData } from "./commit-message.ts";
import { Committer } from "./committer.ts";
import { commonTexts } from "./common-texts.ts";
import { unpackBatch } from "./packed-batch.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { WriteLock } from "./write-lock.ts";

if (parentPort !== null) serve(parentPort, workerData as CommitThreadData);

function serve(port: NonNullable<typeof parentPort>, data: CommitThreadData): void {
  const connection = new SqliteConnection(data);
  const committer = new Committer(connection, commonTexts(connection));
  const lock = new WriteLock(data.writeLock);
  port.on("message", (request: CommitRequest) => {
    if (request.kind === "close") {
      close(connection, data.closed);
      port.close();
    } else
      port.postMessage(
        answer(request.id, () => lock.duringWithDeference(() => committer.commit(unpackBatch(request.batch)))),
      );
  });

  function answer(id: number, commit: () => readonly number[]): CommitAnswer {
    try {
      return { kind: "committed", id, keys: commit(), written: connection.takeWrittenBytes() };
    } catch (error) {
      return answerOf(id, error);
    }
  }
}

function close(connection: SqliteConnection, closed: SharedArrayBuffer): void {
  try {
    connection.close();
  } finally {
    const flag = new Int32Array(closed);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  }
}
