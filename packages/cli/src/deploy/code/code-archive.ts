/**
 * A folder of code as one stream of bytes and back: for each file a line of JSON and then its content, links last. Equal
 * folders give equal streams.
 */
import { createReadStream } from "node:fs";
import { chmod, lstat, mkdir, open, symlink } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { type FileTree, type TreeLimits, treeOf } from "./file-tree.ts";

interface Entry {
  /** Relative, with slashes. */
  readonly path: string;
  readonly bytes?: number;
  readonly isProgram?: boolean;
  readonly link?: string;
}

const LINE_BYTES_MAX = 16_384;

export async function* archiveOf({ root, files }: FileTree): AsyncGenerator<Buffer> {
  for (const { path, link } of files.toSorted((a, b) => Number(a.link !== undefined) - Number(b.link !== undefined))) {
    if (link !== undefined) {
      yield lineOf({ path, link });
      continue;
    }
    const { size, mode } = await lstat(join(root, path));
    yield lineOf({ path, bytes: size, ...((mode & 0o111) === 0 ? {} : { isProgram: true }) });
    // A file that grows meanwhile would be read as another one.
    if (size > 0) yield* createReadStream(join(root, path), { end: size - 1 }) as AsyncIterable<Buffer>;
  }
}

function lineOf(entry: Entry): Buffer {
  return Buffer.from(`${JSON.stringify(entry)}\n`);
}

/** Writes what an archive holds into a directory that is there and empty. Throws when anything would lie outside of it. */
export async function unpackArchive(
  archive: AsyncIterable<Buffer>,
  directory: string,
  limits: TreeLimits,
): Promise<void> {
  const bytes = new Bytes(archive);
  const links: Entry[] = [];
  let files = 0;
  let left = limits.bytesMax;
  for (let line = await bytes.line(); line !== undefined; line = await bytes.line()) {
    const entry = JSON.parse(line) as Entry;
    left -= entry.bytes ?? 0;
    if (++files > limits.filesMax || left < 0)
      throw new Error(`code must have at most ${limits.filesMax} files and ${limits.bytesMax} bytes`);
    // No link is there while files are written, so that none is written through one.
    if (entry.link === undefined) await writeEntry(entry, bytes, directory);
    else links.push(entry);
  }
  for (const { path, link = "" } of links) {
    const place = inside(directory, path);
    await mkdir(dirname(place), { recursive: true });
    await symlink(link, place);
  }
  // Refuses links that lead out.
  await treeOf(directory, limits);
}

async function writeEntry({ path, bytes: size = 0, isProgram }: Entry, bytes: Bytes, directory: string): Promise<void> {
  const place = inside(directory, path);
  await mkdir(dirname(place), { recursive: true });
  const file = await open(place, "wx", 0o600);
  try {
    for await (const piece of bytes.pieces(size)) await file.write(piece);
  } finally {
    await file.close();
  }
  if (isProgram === true) await chmod(place, 0o755);
}

function inside(directory: string, path: string): string {
  const place = resolve(directory, path);
  if (place.startsWith(resolve(directory) + sep)) return place;
  throw new Error(`${path}: must lie inside of the code's folder`);
}

/** Lines and counted bytes, in turn, of one stream. */
class Bytes {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async #more(): Promise<Buffer | undefined> {
    const { done, value } = await this.#source.next();
    return done === true ? undefined : value;
  }

  /** `undefined` at the end. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(0x0a);
      if (end >= 0) {
        const line = this.#rest.toString("utf8", 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (this.#rest.length > LINE_BYTES_MAX) throw new Error(`a path must have at most ${LINE_BYTES_MAX} bytes`);
      const more = await this.#more();
      if (more === undefined) {
        if (this.#rest.length > 0) throw new Error("the code is cut in the middle");
        return undefined;
      }
      this.#rest = Buffer.concat([this.#rest, more]);
    }
  }

  async *pieces(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#rest.length === 0) {
        const more = await this.#more();
        if (more === undefined) throw new Error("the code is cut in the middle");
        this.#rest = more;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}
