import { realpathSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { resolve, sep } from "node:path";

/** CloudFormation takes 1 MB from S3; synthesized templates with inline code grow beyond that in no practice seen. */
const TEMPLATE_BYTES_MAX = 4 * 1024 * 1024;

/** A text file, read with a bound. Throws with the file's name in the message. */
export async function readBounded(file: string, bytesMax: number = TEMPLATE_BYTES_MAX): Promise<string> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === "ENOENT" ? `${file}: there is no such file` : `${file}: ${error.message}`);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error(`${file}: must be a file`);
    if (stats.size > bytesMax) throw new Error(`${file}: must be at most ${bytesMax} bytes, has ${stats.size}`);
    const buffer = Buffer.alloc(Math.min(stats.size, bytesMax));
    let at = 0;
    while (at < buffer.length) {
      const { bytesRead } = await handle.read(buffer, at, buffer.length - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    const text = buffer.toString("utf8", 0, at);
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  } finally {
    await handle.close();
  }
}

/**
 * The real path of a file or directory that must lie in one of the directories; links are followed first. Throws when it
 * does not exist or lies elsewhere.
 */
export function pathInside(path: string, directories: readonly string[]): string {
  const base = directories[0] ?? ".";
  const wanted = resolve(base, path);
  if (statSync(wanted, { throwIfNoEntry: false }) === undefined) throw new Error(`${wanted}: there is no such file`);
  const real = realpathSync(wanted);
  const isInside = directories.some((directory) => {
    const root = realpathSync(directory);
    return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
  });
  if (!isInside) throw new Error(`${path}: must lie inside ${directories.join(" or ")}`);
  return real;
}
