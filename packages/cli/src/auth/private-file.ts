import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { ConfigError } from "../config/config-error.ts";

const FILE_BYTES_MAX = 4 * 1_048_576;
/** Anybody but the owner. */
const OTHERS = 0o077;

export interface PrivateText {
  readonly text: string;
  /** Changes when the file does. */
  readonly stamp: string;
}

/** Reads a file of secrets. Throws ConfigError when others than its owner may read or write it, or it is not ours. */
export async function readPrivateFile(path: string): Promise<PrivateText> {
  const file = await open(path).catch((error: unknown) => {
    throw refused(path, (error as Error).message);
  });
  try {
    const { mode, uid, size, ...stat } = await file.stat();
    if (process.platform !== "win32") {
      if ((mode & OTHERS) !== 0) {
        const shown = (mode & 0o777).toString(8).padStart(4, "0");
        throw refused(path, `holds secrets and must be for its owner alone: its mode is ${shown}; chmod 600 ${path}`);
      }
      const own = process.getuid?.();
      if (own !== 0 && uid !== own && uid !== 0)
        throw refused(path, `must belong to this user or to root, not to ${uid}`);
    }
    if (size > FILE_BYTES_MAX) throw refused(path, `must be at most ${FILE_BYTES_MAX} bytes`);
    return { text: await file.readFile("utf8"), stamp: stampOf({ size, ...stat }) };
  } finally {
    await file.close();
  }
}

/** Tells one content of a file from another without reading it. */
export function stampOf({
  ino,
  mtimeMs,
  ctimeMs,
  size,
}: Record<"ino" | "mtimeMs" | "ctimeMs" | "size", number>): string {
  return `${ino} ${mtimeMs} ${ctimeMs} ${size}`;
}

/** Writes all of it or nothing, for the owner alone. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path).catch(async (error: unknown) => {
    await rm(temporary, { force: true });
    throw error;
  });
}

function refused(path: string, message: string): ConfigError {
  return new ConfigError([{ place: path, pointer: "", message }]);
}
