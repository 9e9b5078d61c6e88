/**
 * How the keys of a bucket are files below its directory: a key's segments between slashes are names of directories and
 * the file, as they are. Only what no file can be called has a name of its own, and a key can never leave the directory.
 */
import { sep } from "node:path";

/** Names that begin so are the store's own: never listed, and no key can reach them. */
const RESERVED_PREFIX = ".stepwell-";
const ODD_SEGMENTS: ReadonlyMap<string, string> = new Map([
  // The last segment of the "folder" objects that S3's console makes.
  ["", `${RESERVED_PREFIX}empty`],
  [".", `${RESERVED_PREFIX}dot`],
  ["..", `${RESERVED_PREFIX}dot-dot`],
]);
const SEGMENT_OF_NAME: ReadonlyMap<string, string> = new Map(
  [...ODD_SEGMENTS].map(([segment, name]) => [name, segment]),
);

/** A file being written, beside the place where it will stand. */
export const UPLOAD_PREFIX: string = `${RESERVED_PREFIX}upload-`;

const KEY_BYTES_MAX = 1024;

/** The names of directories and file, or why the key cannot be a file. */
export function fileNames(key: string): readonly string[] | { readonly problem: string } {
  if (key === "") return { problem: "A key has at least one character" };
  if (Buffer.byteLength(key) > KEY_BYTES_MAX) return { problem: `A key has at most ${KEY_BYTES_MAX} bytes` };
  if (key.includes("\0")) return { problem: "A key of a local bucket cannot have a null character" };
  if (sep === "\\" && /[\\:]/.test(key)) return { problem: "A key of a local bucket cannot have a backslash or colon" };
  const segments = key.split("/");
  if (segments.some((segment) => segment.startsWith(RESERVED_PREFIX)))
    return { problem: `Names that begin with '${RESERVED_PREFIX}' are reserved` };
  return segments.map((segment) => ODD_SEGMENTS.get(segment) ?? segment);
}

/** The segment that a name in a directory stands for; `undefined` when it is none of the caller's. */
export function segmentOf(name: string): string | undefined {
  return SEGMENT_OF_NAME.get(name) ?? (name.startsWith(RESERVED_PREFIX) ? undefined : name);
}
