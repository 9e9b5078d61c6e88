import type { ObjectName, ObjectStore, ObjectUpload } from "@stepwell/engine";

const BUFFER_UNITS = 262_144;
/** UTF-8 bytes of one unit of text, at most. */
const UNIT_BYTES_MAX = 3;

export type OutputType = "JSON" | "JSONL";

const LAYOUT = {
  JSON: { open: "[", between: ",", close: "]", contentType: "application/json", extension: "json" },
  JSONL: { open: "", between: "\n", close: "\n", contentType: "application/x-ndjson", extension: "jsonl" },
} as const;

export function extensionOf(type: OutputType): string {
  return LAYOUT[type].extension;
}

/** One result file being written. It is seen after `commit`. */
export class ResultFile {
  readonly key: string;
  readonly #upload: ObjectUpload;
  readonly #type: OutputType;
  #pending: string;
  #elements = 0;
  #flushedBytes = 0;

  private constructor(key: string, upload: ObjectUpload, type: OutputType) {
    this.key = key;
    this.#upload = upload;
    this.#type = type;
    this.#pending = LAYOUT[type].open;
  }

  static async open(store: ObjectStore, name: ObjectName, type: OutputType): Promise<ResultFile> {
    return new ResultFile(name.key, await store.upload(name, LAYOUT[type].contentType), type);
  }

  /** Of the finished file, once it is finished. */
  get bytes(): number {
    return this.#flushedBytes + Buffer.byteLength(this.#pending);
  }

  get isEmpty(): boolean {
    return this.#elements === 0;
  }

  /** Whether an element leaves the file within a size. Bytes are counted exactly only where that could matter. */
  hasRoomFor(element: string, bytesMax: number): boolean {
    const { between, close } = LAYOUT[this.#type];
    const around = between.length + close.length;
    const pending = this.#pending.length + element.length + around;
    if (this.#flushedBytes + pending * UNIT_BYTES_MAX <= bytesMax) return true;
    return this.bytes + Buffer.byteLength(element) + around <= bytesMax;
  }

  /** Something to wait for when the buffer is full. */
  add(element: string): Promise<void> | undefined {
    this.#pending += this.#elements === 0 ? element : LAYOUT[this.#type].between + element;
    this.#elements++;
    return this.#pending.length >= BUFFER_UNITS ? this.#flush() : undefined;
  }

  async finish(): Promise<void> {
    if (this.#type === "JSON" || this.#elements > 0) this.#pending += LAYOUT[this.#type].close;
    await this.#flush();
  }

  async commit(): Promise<void> {
    await this.#upload.commit();
  }

  async abort(): Promise<void> {
    await this.#upload.abort();
  }

  async #flush(): Promise<void> {
    if (this.#pending === "") return;
    const chunk = Buffer.from(this.#pending);
    this.#pending = "";
    this.#flushedBytes += chunk.length;
    await this.#upload.write(chunk);
  }
}
