import type { IncomingMessage } from "node:http";

/**
 * Collects a request's body. `done` is called once: with all bytes, or with "too large" as soon as that is known, and never
 * when the sender goes away in the middle. How long it may take is the server's `requestTimeout`.
 */
export function readBody(request: IncomingMessage, bytesMax: number, done: (body: Buffer | "too large") => void): void {
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) {
    done("too large");
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    if (bytes > bytesMax) return;
    bytes += chunk.length;
    if (bytes <= bytesMax) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    done("too large");
  });
  request.on("end", () => {
    const [only] = chunks;
    if (bytes <= bytesMax) done(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes));
  });
  // The sender went away: there is nobody to answer.
  request.on("error", () => undefined);
}
