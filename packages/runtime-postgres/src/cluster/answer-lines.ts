import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";

/** Reads an answer line by line. An answer that is cut ends with "close" like every other: its error is nobody's surprise. */
export function eachLine(answer: IncomingMessage, take: (line: string) => void): void {
  createInterface({ input: answer })
    .on("line", take)
    // readline passes the stream's errors on; unheard, they would end the process.
    .on("error", () => undefined);
}
