/** The commit thread: its own connection, one transaction for each batch it is sent. */
import { parentPort, workerData } from "node:worker_threads";
import {
  answerOf,
  type CommitAnswer,
  type CommitRequest,
  type CommitThreadData,
  type RequestAnswer,
} from "./commit-message.ts";
import { Committer } from "./committer.ts";
import { commonTexts } from "./common-texts.ts";
import { unpackBatch } from "./packed-batch.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { WriteLock } from "./write-lock.ts";
import { perform } from "./write-script.ts";

type WriteRequest = Exclude<CommitRequest, { kind: "close" }>;

if (parentPort !== null) serve(parentPort, workerData as CommitThreadData);

function serve(port: NonNullable<typeof parentPort>, data: CommitThreadData): void {
  const connection = new SqliteConnection(data);
  // Its statements need tables that a database without executions does not have.
  let committer: Committer | undefined;
  const lock = new WriteLock(data.writeLock);
  port.on("message", (request: CommitRequest) => {
    if (request.kind === "close") {
      close(connection, data.closed);
      port.close();
      return;
    }
    const answer = answerTo(request);
    port.postMessage(answer, answer.kind === "committed" ? [...answer.buffers] : []);
  });
  port.postMessage({ kind: "ready" } satisfies CommitAnswer);

  function answerTo(request: WriteRequest): RequestAnswer {
    const { id } = request;
    try {
      const keys = lock.duringWithDeference(() => write(request));
      const buffers = request.kind === "script" ? request.buffers : [];
      return { kind: "committed", id, keys, written: connection.takeWrittenBytes(), buffers };
    } catch (error) {
      return answerOf(id, error);
    }
  }

  function write(request: WriteRequest): readonly number[] {
    if (request.kind === "script") {
      connection.transaction(() => perform(connection, request.script));
      return [];
    }
    committer ??= new Committer(connection, commonTexts(connection));
    return committer.commit(unpackBatch(request.batch));
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
