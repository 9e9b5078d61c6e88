import type { ObjectStore } from "@stepwell/engine";
import { extensionOf, type OutputType, ResultFile } from "./result-file.ts";

export type ResultGroup = "SUCCEEDED" | "FAILED" | "PENDING";

/** One line of a manifest. */
export interface ManifestFile {
  readonly Key: string;
  readonly Size: number;
}

export interface ResultFilesOptions {
  readonly store: ObjectStore;
  readonly bucket: string;
  /** Ends with a slash. */
  readonly folder: string;
  readonly group: ResultGroup;
  readonly type: OutputType;
  readonly fileBytesMax: number;
}

/** The files of one group: `SUCCEEDED_0.json`, `SUCCEEDED_1.json` …, none larger than it may be. */
export class ResultFiles {
  readonly #options: ResultFilesOptions;
  readonly #full: ResultFile[] = [];
  #current: ResultFile | undefined;

  constructor(options: ResultFilesOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#current === undefined;
  }

  /** Something to wait for only when a chunk or a file is full: once in thousands of elements. */
  add(elements: readonly string[]): Promise<void> | undefined {
    const file = this.#current;
    const [element] = elements;
    const isSimple = file !== undefined && elements.length === 1 && element !== undefined;
    if (isSimple && file.hasRoomFor(element, this.#options.fileBytesMax)) return file.add(element);
    return this.#addSlowly(elements);
  }

  async #addSlowly(elements: readonly string[]): Promise<void> {
    this.#current ??= this.#next();
    for (const element of elements) {
      if (!this.#current.hasRoomFor(element, this.#options.fileBytesMax) && !this.#current.isEmpty) {
        await this.#current.finish();
        this.#full.push(this.#current);
        this.#current = this.#next();
      }
      await this.#current.add(element);
    }
  }

  /** Makes all files visible. */
  async commit(): Promise<readonly ManifestFile[]> {
    await this.#current?.finish();
    const files = this.#all();
    for (const file of files) await file.commit();
    return files.map(({ key, bytes }) => ({ Key: key, Size: bytes }));
  }

  async abort(): Promise<void> {
    for (const file of this.#all()) await file.abort();
  }

  #all(): readonly ResultFile[] {
    return this.#current === undefined ? this.#full : [...this.#full, this.#current];
  }

  #next(): ResultFile {
    const { store, bucket, folder, group, type } = this.#options;
    const key = `${folder}${group}_${this.#full.length}.${extensionOf(type)}`;
    return new ResultFile(store, { bucket, key }, type);
  }
}
