import type { Json } from "@stepwell/core";
import { beforeDamage, placed } from "./located-text.ts";
import type { ReadingThread } from "./reading-thread.ts";
import type { RowBatch } from "./row-batch.ts";
import { piecesOf, type RowParser } from "./row-parser.ts";

/**
 * The rows of one file, as they come: read here, and by the thread from where it is ready. Damage is told with the row that
 * is being read.
 */
export async function* readRows(
  chunks: AsyncIterable<Uint8Array>,
  parser: RowParser,
  thread?: Pick<ReadingThread, "isReady" | "read">,
): AsyncGenerator<RowBatch> {
  const source = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      if (thread?.isReady) {
        yield* thread.read(parser, source);
        return;
      }
      const { value, done } = await nextOf(source, parser);
      if (done) break;
      for (const piece of piecesOf(value)) {
        for (const values of beforeDamage<Json>((found) => parser.push(piece, found))) yield { values };
      }
    }
    for (const values of beforeDamage<Json>((found) => parser.end(found))) yield { values };
  } finally {
    await source.return?.();
  }
}

async function nextOf(source: AsyncIterator<Uint8Array>, parser: RowParser): Promise<IteratorResult<Uint8Array>> {
  try {
    return await source.next();
  } catch (error) {
    throw placed(error, () => parser.place);
  }
}
