import type { ObjectName, ObjectStore, ObjectUpload } from "@stepwell/engine";

/** Given to the upload at once. */
const CHUNK_BYTES = 1_048_576;
/** Text becomes bytes in pieces of this length: what it was put together from need not stay in memory for long. */
const TEXT_UNITS = 16_384;
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
  readonly #store: ObjectStore;
  readonly #name: ObjectName;
  readonly #type: OutputType;
  /** Opened when there is something to send: a run may last long before it has as much as that. */
  #upload: ObjectUpload | undefined;
  /** Not bytes yet. */
  #text: string;
  #chunk: Buffer = Buffer.allocUnsafe(0);
  #chunkBytes = 0;
  #flushedBytes = 0;
  #elements = 0;

  constructor(store: ObjectStore, name: ObjectName, type: OutputType) {
    this.#store = store;
    this.#name = name;
    this.#type = type;
    this.#text = LAYOUT[type].open;
  }

  get key(): string {
    return this.#name.key;
  }

  /** Of the finished file, once it is finished. */
  get bytes(): number {
    return this.#flushedBytes + this.#chunkBytes + Buffer.byteLength(this.#text);
  }

  get isEmpty(): boolean {
    return this.#elements === 0;
  }

  /** Whether an element leaves the file within a size. Bytes are counted exactly only where that could matter. */
  hasRoomFor(element: string, bytesMax: number): boolean {
    const { between, close } = LAYOUT[this.#type];
    const around = between.length + close.length;
    const units = this.#text.length + element.length + around;
    if (this.#flushedBytes + this.#chunkBytes + units * UNIT_BYTES_MAX <= bytesMax) return true;
    return this.bytes + Buffer.byteLength(element) + around <= bytesMax;
  }

  /** Something to wait for when a chunk is full. */
  add(element: string): Promise<void> | undefined {
    this.#text += this.#elements === 0 ? element : LAYOUT[this.#type].between + element;
    this.#elements++;
    if (this.#text.length >= TEXT_UNITS) this.#encode();
    return this.#chunkBytes >= CHUNK_BYTES ? this.#flush() : undefined;
  }

  async finish(): Promise<void> {
    if (this.#type === "JSON" || this.#elements > 0) this.#text += LAYOUT[this.#type].close;
    this.#encode();
    await this.#flush();
  }

  async commit(): Promise<void> {
    await (await this.#opened()).commit();
  }

  async abort(): Promise<void> {
    await this.#upload?.abort();
  }

  async #opened(): Promise<ObjectUpload> {
    this.#upload ??= await this.#store.upload(this.#name, LAYOUT[this.#type].contentType);
    return this.#upload;
  }

  #encode(): void {
    const bytesMax = this.#chunkBytes + this.#text.length * UNIT_BYTES_MAX;
    if (bytesMax > this.#chunk.length) {
      const chunk = Buffer.allocUnsafe(Math.max(bytesMax, 2 * this.#chunk.length));
      this.#chunk.copy(chunk, 0, 0, this.#chunkBytes);
      this.#chunk = chunk;
    }
    this.#chunkBytes += this.#chunk.write(this.#text, this.#chunkBytes);
    this.#text = "";
  }

  async #flush(): Promise<void> {
    if (this.#chunkBytes === 0) return;
    const chunk = this.#chunk.subarray(0, this.#chunkBytes);
    this.#flushedBytes += this.#chunkBytes;
    this.#chunkBytes = 0;
    await (await this.#opened()).write(chunk);
  }
}
