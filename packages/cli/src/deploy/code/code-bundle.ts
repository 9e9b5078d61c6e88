/** The code of a function, before it is put where it runs: inline text, a folder, or an archive. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyTree, treeOf } from "./file-tree.ts";
import { unzip, zipEntries } from "./zip-archive.ts";

export interface CodeBundle {
  /** Of the content: other code, another hash. */
  readonly hash: string;
  /** Paths of files, with slashes. */
  readonly files: ReadonlySet<string>;
  /** Writes it all into a directory that is there and empty. */
  unpack(directory: string): Promise<void>;
}

/** Lambda unpacks at most 250 MB; folders of development may have more. */
export const CODE_BYTES_MAX: number = 512 * 1024 * 1024;
export const CODE_FILES_MAX: number = 50_000;

export function inlineBundle(file: string, source: string): CodeBundle {
  return {
    hash: createHash("sha256").update(`${file}\0${source}`).digest("hex"),
    files: new Set([file]),
    unpack: (directory) => writeFile(join(directory, file), source),
  };
}

/** Throws when the folder has a link that leads out of it, or too much in it. */
export async function directoryBundle(path: string): Promise<CodeBundle> {
  const tree = await treeOf(path, { filesMax: CODE_FILES_MAX, bytesMax: CODE_BYTES_MAX });
  return {
    hash: tree.hash,
    files: new Set(tree.files.map((file) => file.path)),
    unpack: (directory) => copyTree(tree, directory),
  };
}

/** Throws when the archive has a path that leads out of it, a symbolic link, or too much in it. */
export async function zipBundle(path: string): Promise<CodeBundle> {
  const limits = { filesMax: CODE_FILES_MAX, bytesMax: CODE_BYTES_MAX };
  const { names, hash } = await zipEntries(path, limits);
  return {
    hash,
    files: new Set(names),
    unpack: async (directory) => {
      await mkdir(directory, { recursive: true });
      await unzip(path, directory, limits);
    },
  };
}
