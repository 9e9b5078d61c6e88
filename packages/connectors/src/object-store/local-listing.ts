/** The files below a directory in the order of their keys, holding only the names of one line of directories. */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { segmentOf } from "./local-path.ts";

export interface FoundFile {
  readonly key: string;
  readonly path: string;
}

interface Entry {
  /** The whole key of a file, or what all keys in a directory begin with. */
  readonly key: string;
  readonly order: Buffer;
  readonly path: string;
  readonly isDirectory: boolean;
}

/**
 * S3's order is that of the keys' UTF-8 bytes; a directory stands where its slash puts it. Directories behind symbolic
 * links are not entered: they may lead out or in a circle.
 */
export async function* filesInKeyOrder(
  directory: string,
  prefix: string,
  after: string,
  parentKey = "",
): AsyncGenerator<FoundFile> {
  const afterBytes = Buffer.from(after);
  for (const entry of await entriesOf(directory, parentKey)) {
    if (!entry.isDirectory) {
      if (entry.key.startsWith(prefix) && Buffer.compare(entry.order, afterBytes) > 0) yield entry;
      continue;
    }
    const mayMatch = entry.key.startsWith(prefix) || prefix.startsWith(entry.key);
    const isBehind = Buffer.compare(entry.order, afterBytes) > 0 || after.startsWith(entry.key);
    if (mayMatch && isBehind) yield* filesInKeyOrder(entry.path, prefix, after, entry.key);
  }
}

async function entriesOf(directory: string, parentKey: string): Promise<readonly Entry[]> {
  const found = await readdir(directory, { withFileTypes: true });
  const entries = found.flatMap((dirent) => entryOf(dirent, directory, parentKey));
  return entries.sort((a, b) => Buffer.compare(a.order, b.order));
}

function entryOf(dirent: Dirent, directory: string, parentKey: string): readonly Entry[] {
  const segment = segmentOf(dirent.name);
  const isDirectory = dirent.isDirectory();
  if (segment === undefined || !(isDirectory || dirent.isFile() || dirent.isSymbolicLink())) return [];
  const key = `${parentKey}${segment}${isDirectory ? "/" : ""}`;
  return [{ key, order: Buffer.from(key), path: join(directory, dirent.name), isDirectory }];
}
