/** The thread of `ReadingThread`: rows of files as JSON texts. */
import { parentPort } from "node:worker_threads";
import type { Json } from "@stepwell/core";
import {
  failureOf,
  type ReadingAnswer,
  type ReadingFailure,
  type ReadingRequest,
  type RowsAnswer,
  type RowsPart,
} from "./reading-messages.ts";
import { piecesOf, RowParser } from "./row-parser.ts";

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
      const answer = answerOf(request, parser);
      if (answer.failure !== undefined || request.kind === "end") files.delete(file);
      port.postMessage(
        answer,
        answer.parts.map(({ lengths }) => lengths.buffer),
      );
    }
  });
  port.postMessage({ kind: "ready" } satisfies ReadingAnswer);
}

function answerOf(request: Extract<ReadingRequest, { kind: "chunk" | "end" }>, parser: RowParser): RowsAnswer {
  const parts: RowsPart[] = [];
  let failure: ReadingFailure | undefined;
  try {
    if (request.kind === "end") addRows(parts, (rows) => parser.end(rows));
    else for (const piece of piecesOf(request.bytes)) addRows(parts, (rows) => parser.push(piece, rows));
  } catch (error) {
    failure = failureOf(error);
  }
  return { kind: "rows", file: request.file, parts, place: parser.place, ...(failure && { failure }) };
}

/** What was read before a failure is added, too. */
function addRows(parts: RowsPart[], read: (rows: Json[]) => void): void {
  const rows: Json[] = [];
  try {
    read(rows);
  } finally {
    const texts = rows.map((row) => JSON.stringify(row));
    const lengths = Uint32Array.from(texts, ({ length }) => length);
    if (rows.length > 0) parts.push({ text: texts.join(""), lengths });
  }
}
