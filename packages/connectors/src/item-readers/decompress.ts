import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress, type ZstdDecompress } from "node:zlib";
import { DamagedData } from "./reader-failure.ts";

/** A file's bytes without the compression that its name tells of: `.gz`, `.zst` or `.zstd`. features.md A.12. */
export function decompressed(chunks: AsyncIterable<Uint8Array>, key: string): AsyncIterable<Uint8Array> {
  if (/\.gz$/i.test(key)) return through(chunks, createGunzip(), "gzip");
  if (/\.zstd?$/i.test(key)) return zstdFrames(chunks);
  return chunks;
}

async function* through(
  chunks: AsyncIterable<Uint8Array>,
  decoder: Transform,
  format: string,
): AsyncGenerator<Uint8Array> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  pipeline(Readable.from(chunks, { objectMode: false }), decoder, () => resolve());
  try {
    yield* decoder as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw new DamagedData(`The file is not a complete ${format} file: ${error.message}`, undefined, error);
  } finally {
    decoder.destroy();
    await over;
  }
}

/** Node's decoder ends with the first frame; a file may have many, and such that only hold notes. */
async function* zstdFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = new Rewindable(chunks);
  try {
    do {
      const decoder = createZstdDecompress();
      yield* through(input.from(decoder), decoder, "Zstandard");
      // Every frame takes something, or this would not end.
      if (decoder.bytesWritten === 0) throw new DamagedData("The file is not a complete Zstandard file");
      input.rewind(decoder.bytesWritten);
    } while (await input.hasMore());
  } finally {
    await input.close();
  }
}

/** Chunks of which the last may be given once more, as far as a decoder has not taken them. */
class Rewindable {
  readonly #source: AsyncIterator<Uint8Array>;
  /** Given to the decoder or to be given again. */
  #kept: Uint8Array[] = [];
  /** Where the first of them begins, counted as the decoder counts. */
  #keptFrom = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#source = chunks[Symbol.asyncIterator]();
  }

  async *from(decoder: ZstdDecompress): AsyncGenerator<Uint8Array> {
    for (const chunk of [...this.#kept]) yield chunk;
    for (let next = await this.#source.next(); !next.done; next = await this.#source.next()) {
      this.#drop(decoder.bytesWritten);
      this.#kept.push(next.value);
      yield next.value;
    }
  }

  /** Only what is behind these bytes is given again. */
  rewind(taken: number): void {
    this.#drop(taken);
    const [first] = this.#kept;
    if (first !== undefined) this.#kept[0] = first.subarray(taken - this.#keptFrom);
    this.#kept = this.#kept.filter((chunk) => chunk.length > 0);
    this.#keptFrom = 0;
  }

  async hasMore(): Promise<boolean> {
    if (this.#kept.length > 0) return true;
    const { done, value } = await this.#source.next();
    if (!done) this.#kept.push(value);
    return !done;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  #drop(taken: number): void {
    for (let [first] = this.#kept; first !== undefined; [first] = this.#kept) {
      if (this.#keptFrom + first.length > taken) return;
      this.#keptFrom += first.length;
      this.#kept.shift();
    }
  }
}

function isZlibError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return /^(?:Z_|ZSTD_|ERR_ZLIB|ERR_TRAILING)/.test((error as NodeJS.ErrnoException).code ?? "");
}
