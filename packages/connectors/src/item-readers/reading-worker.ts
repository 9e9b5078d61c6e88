/** The thread of `ReadingThread`: rows of files as JSON texts. */
import { parentPort } from "node:worker_threads";
import type { Json } from "@stepwell/core";
import {
  failureOf,
  type ReadingAnswer,
  type ReadingFailure,
  type ReadingRequest,
  type RowsAnswer,
} from "./reading-messages.ts";
import { RowParser } from "./row-parser.ts";

if (parentPort !== null) serve(parentPort);

function serve(port: NonNullable<typeof parentPort>): void {
  const files = new Map<number, RowParser>();
  port.on("message", (request: ReadingRequest) => {
    const { file } = request;
    if (request.kind === "open") files.set(file, RowParser.goOn(request.state));
    else if (request.kind === "close") files.delete(file);
    else {
      const parser = files.get(file);
      // Behind a failure nobody waits for an answer.
      if (parser === undefined) return;
      const answer = answerOf(file, parser, (rows) =>
        request.kind === "chunk" ? parser.push(request.bytes, rows) : parser.end(rows),
      );
      if (answer.failure !== undefined || request.kind === "end") files.delete(file);
      port.postMessage(answer, [answer.lengths.buffer]);
    }
  });
  port.postMessage({ kind: "ready" } satisfies ReadingAnswer);
}

function answerOf(file: number, parser: RowParser, read: (rows: Json[]) => void): RowsAnswer {
  const rows: Json[] = [];
  let failure: ReadingFailure | undefined;
  try {
    read(rows);
  } catch (error) {
    failure = failureOf(error);
  }
  const texts = rows.map((row) => JSON.stringify(row));
  const lengths = Uint32Array.from(texts, ({ length }) => length);
  return { kind: "rows", file, text: texts.join(""), lengths, place: parser.place, ...(failure && { failure }) };
}
