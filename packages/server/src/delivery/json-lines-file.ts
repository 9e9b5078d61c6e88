import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

const FILE_BYTES_MAX = 256 * 1_048_576;

/**
 * A file of one JSON text a line. When it has grown to `bytesMax` (default 256 MiB) it becomes `<path>.1`, in place of an
 * earlier one, and a new one begins. The directory is made when it is not there.
 */
export class JsonLinesFile {
  readonly #path: string;
  readonly #bytesMax: number;
  #bytes: number | undefined;

  constructor(path: string, bytesMax: number = FILE_BYTES_MAX) {
    this.#path = path;
    this.#bytesMax = bytesMax;
  }

  async append(lines: readonly string[]): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    if ((this.#bytes ?? 0) >= this.#bytesMax) await rename(this.#path, `${this.#path}.1`);
    // Execution data may be confidential: for the owner's eyes only.
    const file = await open(this.#path, "a", 0o600);
    try {
      await file.appendFile(lines.map((line) => `${line}\n`).join(""));
      this.#bytes = (await file.stat()).size;
    } finally {
      await file.close();
    }
  }
}
