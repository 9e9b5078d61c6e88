/** Code of functions in the store that nodes share: by the hash of its content, in pieces of a bounded size. */
import { createHash, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { CatalogStore } from "@stepwell/engine";
import { archiveOf, unpackArchive } from "../code/code-archive.ts";
import { type TreeLimits, treeOf } from "../code/file-tree.ts";

export type Records = Pick<CatalogStore, "record" | "records" | "commitRecord">;

export const CODE_KIND = "deployed-code";
/** As Lambda. */
const LIMITS: TreeLimits = { filesMax: 50_000, bytesMax: 250 * 1024 * 1024 };
const PIECE_BYTES = 512 * 1024;
const PIECES_AT_ONCE = 4;
/** Of the record that says that all pieces are there. */
const WHOLE = "whole";

export class StoredCode {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** Gives the hash. What is there already is not sent again. Throws when there is more of it than may be. */
  async put(directory: string): Promise<string> {
    const tree = await treeOf(directory, LIMITS);
    const content = createHash("sha256");
    for await (const piece of archiveOf(tree)) content.update(piece);
    const hash = content.digest("hex");
    if (await this.isWhole(hash)) return hash;
    const gzip = createGzip();
    const packing = pipeline(Readable.from(archiveOf(tree)), gzip);
    // Told by what reads it.
    packing.catch(() => undefined);
    // Others may be sending the same: what was sent in part, or by another zlib, is never mixed.
    const sending = randomUUID();
    let pieces = 0;
    for await (const piece of inPieces(gzip)) {
      const number = String(pieces++).padStart(6, "0");
      await this.#put(`${hash}/${sending}/${number}`, { data: piece.toString("base64") });
    }
    await packing;
    await this.#put(`${hash}/${WHOLE}`, { sending });
    return hash;
  }

  async isWhole(hash: string): Promise<boolean> {
    return (await this.#records.record(CODE_KIND, `${hash}/${WHOLE}`)) !== undefined;
  }

  async #put(key: string, value: Readonly<Record<string, string | number>>): Promise<void> {
    await this.#records.commitRecord(CODE_KIND, key, undefined, { kind: CODE_KIND, key, value, etag: randomUUID() });
  }

  /** Writes it into a directory that is there and empty. Throws when it is not there, or not what it was. */
  async unpack(hash: string, directory: string): Promise<void> {
    const whole = await this.#records.record(CODE_KIND, `${hash}/${WHOLE}`);
    if (whole === undefined) throw new Error(`the code ${hash.slice(0, 16)} is not in the database`);
    const gunzip = createGunzip();
    const reading = pipeline(Readable.from(this.#pieces(`${hash}/${String(whole.value["sending"])}/`)), gunzip);
    reading.catch(() => undefined);
    const content = createHash("sha256");
    await unpackArchive(hashed(gunzip, content), directory, LIMITS);
    await reading;
    if (content.digest("hex") !== hash) throw new Error(`the code ${hash.slice(0, 16)} is not what was deployed`);
  }

  async *#pieces(prefix: string): AsyncGenerator<Buffer> {
    for (let after: string | undefined; ; ) {
      const page = await this.#records.records(CODE_KIND, prefix, after, PIECES_AT_ONCE);
      for (const { value } of page) yield Buffer.from(String(value["data"]), "base64");
      after = page.at(-1)?.key;
      if (page.length < PIECES_AT_ONCE) return;
    }
  }

  /** Also what was sent in part only. */
  async delete(hash: string): Promise<void> {
    const whole = await this.#records.record(CODE_KIND, `${hash}/${WHOLE}`);
    if (whole !== undefined) await this.#records.commitRecord(CODE_KIND, whole.key, whole.etag, undefined);
    for (;;) {
      const page = await this.#records.records(CODE_KIND, `${hash}/`, undefined, PIECES_AT_ONCE);
      if (page.length === 0) return;
      for (const { key, etag } of page) await this.#records.commitRecord(CODE_KIND, key, etag, undefined);
    }
  }
}

async function* inPieces(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    kept.push(chunk);
    bytes += chunk.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.concat(kept);
    kept = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(kept);
}

async function* hashed(source: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}
