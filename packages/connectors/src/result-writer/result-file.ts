import type { ObjectName, ObjectStore, ObjectUpload } from "@stepwell/engine";

const BUFFER_UNITS = 65_536;

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
  #bytes: number;

  private constructor(key: string, upload: ObjectUpload, type: OutputType) {
    this.key = key;
    this.#upload = upload;
    this.#type = type;
    this.#pending = LAYOUT[type].open;
    this.#bytes = this.#pending.length;
  }

  static async open(store: ObjectStore, name: ObjectName, type: OutputType): Promise<ResultFile> {
    return new ResultFile(name.key, await store.upload(name, LAYOUT[type].contentType), type);
  }

  /** Of the finished file, once it is finished. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#elements === 0;
  }

  /** Whether an element of this many bytes leaves the file within a size. */
  hasRoomFor(bytes: number, bytesMax: number): boolean {
    const { between, close } = LAYOUT[this.#type];
    return this.#bytes + between.length + bytes + close.length <= bytesMax;
  }

  async add(element: string): Promise<void> {
    await this.#write(this.#elements === 0 ? element : LAYOUT[this.#type].between + element);
    this.#elements++;
  }

  async finish(): Promise<void> {
    if (this.#type === "JSON" || this.#elements > 0) await this.#write(LAYOUT[this.#type].close);
    await this.#flush();
  }

  async commit(): Promise<void> {
    await this.#upload.commit();
  }

  async abort(): Promise<void> {
    await this.#upload.abort();
  }

  async #write(text: string): Promise<void> {
    this.#bytes += Buffer.byteLength(text);
    this.#pending += text;
    if (this.#pending.length >= BUFFER_UNITS) await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#pending === "") return;
    const chunk = Buffer.from(this.#pending);
    this.#pending = "";
    await this.#upload.write(chunk);
  }
}
