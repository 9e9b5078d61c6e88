import { createHash } from "node:crypto";
import { createReadStream, realpathSync } from "node:fs";
import { copyFile, lstat, mkdir, readdir, readlink, realpath, symlink } from "node:fs/promises";
import { dirname, join, sep } from "node:path";

interface TreeFile {
  /** Relative, with slashes. */
  readonly path: string;
  /** Where a symbolic link points. */
  readonly link?: string;
}

export interface FileTree {
  readonly root: string;
  /** Sorted by path. */
  readonly files: readonly TreeFile[];
  readonly hash: string;
}

export interface TreeLimits {
  readonly filesMax: number;
  readonly bytesMax: number;
}

const DEPTH_MAX = 100;

/** All files below a directory, with a hash of their names and contents. A link that leads out of it is refused. */
export async function treeOf(directory: string, limits: TreeLimits): Promise<FileTree> {
  const root = realpathSync(directory);
  const files: TreeFile[] = [];
  const hash = createHash("sha256");
  let bytes = 0;
  const visit = async (relative: string, depth: number): Promise<void> => {
    if (depth > DEPTH_MAX) throw new Error(`${directory}: is nested deeper than ${DEPTH_MAX} directories`);
    for (const name of (await readdir(join(root, relative))).sort()) {
      const path = relative === "" ? name : `${relative}/${name}`;
      const stats = await lstat(join(root, path));
      if (stats.isDirectory()) {
        await visit(path, depth + 1);
        continue;
      }
      if (stats.isSymbolicLink()) files.push({ path, link: await innerLink(root, path) });
      else if (stats.isFile()) files.push({ path });
      else continue;
      bytes += stats.size;
      if (files.length > limits.filesMax) throw new Error(`${directory}: has more than ${limits.filesMax} files`);
      if (bytes > limits.bytesMax) throw new Error(`${directory}: has more than ${limits.bytesMax} bytes`);
    }
  };
  await visit("", 0);
  for (const file of files) {
    hash.update(`${file.path}\0${file.link ?? ""}\0`);
    if (file.link === undefined) for await (const chunk of createReadStream(join(root, file.path))) hash.update(chunk);
  }
  return { root, files, hash: hash.digest("hex") };
}

async function innerLink(root: string, path: string): Promise<string> {
  const target = await realpath(join(root, path)).catch(() => undefined);
  if (target !== undefined && (target === root || target.startsWith(root + sep))) return readlink(join(root, path));
  throw new Error(`${join(root, path)}: a symbolic link must stay inside ${root}`);
}

export async function copyTree(tree: FileTree, directory: string): Promise<void> {
  const made = new Set<string>();
  for (const { path, link } of tree.files) {
    const to = join(directory, path);
    const parent = dirname(to);
    if (!made.has(parent)) await mkdir(parent, { recursive: true });
    made.add(parent);
    if (link === undefined) await copyFile(join(tree.root, path), to);
    // An absolute link inside the tree would point back to where it came from.
    else if (link.startsWith("/")) await copyFile(await realpath(join(tree.root, path)), to);
    else await symlink(link, to);
  }
}
