import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import type { TreeLimits } from "./file-tree.ts";

/** Bits of a Unix mode in an entry's attributes. */
const TYPE_MASK = 0o170000;
const SYMBOLIC_LINK = 0o120000;

/** The names of the files in an archive, and a hash of the archive. Throws for what must not be unpacked. */
export async function zipEntries(
  path: string,
  limits: TreeLimits,
): Promise<{ readonly names: readonly string[]; readonly hash: string }> {
  const names: string[] = [];
  let bytes = 0;
  await eachEntry(path, async (_zip, entry) => {
    bytes += entry.uncompressedSize;
    names.push(entry.fileName);
    if (names.length > limits.filesMax) throw new Error(`${path}: has more than ${limits.filesMax} files`);
    if (bytes > limits.bytesMax) throw new Error(`${path}: has more than ${limits.bytesMax} bytes`);
  });
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return { names, hash: hash.digest("hex") };
}

/** What an entry claims to have is not believed: bytes are counted as they come. */
export async function unzip(path: string, directory: string, limits: TreeLimits): Promise<void> {
  const root = resolve(directory);
  let left = limits.bytesMax;
  await eachEntry(path, async (zip, entry) => {
    const to = resolve(root, entry.fileName);
    if (!to.startsWith(root + sep)) throw new Error(`${path}: ${entry.fileName}: must stay inside the archive`);
    await mkdir(dirname(to), { recursive: true });
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        left -= chunk.length;
        if (left < 0) done(new Error(`${path}: has more than ${limits.bytesMax} bytes`));
        else done(null, chunk);
      },
    });
    await pipeline(await zip.openReadStreamPromise(entry), counted, createWriteStream(to, { flags: "wx" }));
    const mode = (entry.externalFileAttributes >>> 16) & 0o777;
    if ((mode & 0o111) !== 0) await chmod(to, 0o755);
  });
}

async function eachEntry(path: string, visit: (zip: ZipFile, entry: Entry) => Promise<void>): Promise<void> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((error: Error) => {
    throw new Error(`${path}: ${error.message}`);
  });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/")) continue;
      // yauzl has refused absolute paths and those with "..".
      if (((entry.externalFileAttributes >>> 16) & TYPE_MASK) === SYMBOLIC_LINK)
        throw new Error(`${join(path, entry.fileName)}: an archive with symbolic links is not unpacked`);
      await visit(zip, entry);
    }
  } finally {
    zip.close();
  }
}
