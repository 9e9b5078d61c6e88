import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ObjectName, ObjectUpload } from "@stepwell/engine";
import { UPLOAD_PREFIX } from "./local-path.ts";
import { fromFileSystem, noSuchUpload } from "./store-errors.ts";

/** Opens a file beside the place where it will stand; `path` must be inside its bucket's directory. */
export async function openLocalUpload(name: ObjectName, path: string): Promise<ObjectUpload> {
  const temporary = join(dirname(path), `${UPLOAD_PREFIX}${randomUUID()}`);
  try {
    return new LocalUpload(name, path, temporary, await open(temporary, "wx"));
  } catch (error) {
    throw fromFileSystem(error, name);
  }
}

class LocalUpload implements ObjectUpload {
  readonly #name: ObjectName;
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  #isOver = false;

  constructor(name: ObjectName, path: string, temporary: string, file: FileHandle) {
    this.#name = name;
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#try(async () => {
      let written = 0;
      while (written < chunk.length) written += (await this.#file.write(chunk, written)).bytesWritten;
    });
  }

  async commit(): Promise<void> {
    await this.#try(async () => {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#temporary, this.#path).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "ENOENT" ? noSuchUpload(this.#name, error) : error;
      });
      this.#isOver = true;
      await syncDirectory(dirname(this.#path));
    });
  }

  async abort(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#try(async () => {
      await this.#file.close();
      await rm(this.#temporary, { force: true });
    });
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw fromFileSystem(error, this.#name);
    }
  }
}

/** The new name itself survives a loss of power. Windows has no such call. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
