import { isUtf8 } from "node:buffer";
import { DamagedData } from "./reader-failure.ts";

/** Between two chunks: another decoder goes on from it. */
export interface Utf8State {
  /** The beginning of a character whose rest has not come. */
  readonly carried: Uint8Array;
  readonly isBeginning: boolean;
}

/** Bytes as text, chunk by chunk, without a byte order mark at the beginning. */
export class Utf8Decoder {
  #carried: Buffer;
  #isBeginning: boolean;

  constructor(state?: Utf8State) {
    this.#carried = Buffer.from(state?.carried ?? []);
    this.#isBeginning = state?.isBeginning ?? true;
  }

  get state(): Utf8State {
    return { carried: Uint8Array.from(this.#carried), isBeginning: this.#isBeginning };
  }

  /** Adds a text, if there is any. Where bytes are no UTF-8, DamagedData is thrown after what is before them was added. */
  push(chunk: Uint8Array, texts: string[]): void {
    const bytes =
      this.#carried.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
        : Buffer.concat([this.#carried, chunk]);
    const complete = bytes.subarray(0, bytes.length - unfinishedBytes(bytes));
    this.#carried = Buffer.from(bytes.subarray(complete.length));
    const isValid = isUtf8(complete);
    let text = isValid ? complete.toString() : textBeforeDamage(complete);
    if (this.#isBeginning && text.length > 0) {
      if (text.startsWith("\uFEFF")) text = text.slice(1);
      this.#isBeginning = false;
    }
    if (text !== "") texts.push(text);
    if (!isValid) throw notUtf8();
  }

  /** The bytes have ended. Throws DamagedData when a character has not. */
  end(): void {
    if (this.#carried.length > 0) throw notUtf8();
  }
}

function notUtf8(): DamagedData {
  return new DamagedData("The data is not valid UTF-8");
}

/** How many bytes at the end begin a character whose rest has not come. */
function unfinishedBytes(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? back : 0;
  }
  return 0;
}

/** Decoding puts U+FFFD for what is wrong; a U+FFFD that the bytes themselves hold is right. */
function textBeforeDamage(bytes: Buffer): string {
  const text = bytes.toString();
  let offset = 0;
  let from = 0;
  for (let at = text.indexOf("\uFFFD"); at >= 0; at = text.indexOf("\uFFFD", from)) {
    offset += Buffer.byteLength(text.slice(from, at));
    if (bytes.readUIntBE(offset, Math.min(3, bytes.length - offset)) !== 0xefbfbd) return text.slice(0, at);
    offset += 3;
    from = at + 1;
  }
  return text;
}
