import type { Writable } from "node:stream";
import { JsonLinesFile } from "./json-lines-file.ts";
import type { LogSink } from "./log-sink.ts";

/** Log entries as lines of a file: see `JsonLinesFile`. */
export function fileLogSink(path: string, bytesMax?: number): LogSink {
  const file = new JsonLinesFile(path, bytesMax);
  return {
    async send(batch) {
      await file.append(batch.map(({ message }) => message));
      return [];
    },
  };
}

/** Log entries as lines of a stream, such as standard output. Waits while the stream is full. */
export function streamLogSink(stream: Writable): LogSink {
  return {
    async send(batch) {
      const text = batch.map(({ message }) => `${message}\n`).join("");
      await new Promise<void>((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      });
      return [];
    },
  };
}
