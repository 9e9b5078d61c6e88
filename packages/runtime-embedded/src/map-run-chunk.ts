/**
 * Children that began and succeeded in one commit, some hundred in one blob: a row each is what most of the time of a
 * short child would go to. What is in a chunk never changes: only what failed or runs is ever written again.
 *
 * K1. A chunk's children have consecutive indexes and items, without a gap, and are of one generation.
 * K2. A blob is the number of bytes of the numbers (32 bits, little-endian), the numbers of each child, then the texts of
 *     all in UTF-8, one behind the other. Numbers are unsigned LEB128, six of each child: its items; how long after the
 *     chunk's first child it started; its duration; the lengths, in UTF-16 units, of key (+ 1; 0: none), input, and output
 *     (+ 1; 0: the same text as the input).
 */
import type { BegunChild, ChildEnd, StoredChild } from "@stepwell/engine";

export interface PackedChild extends Omit<BegunChild, "end"> {
  readonly end: ChildEnd & { readonly output: string };
}

/** As it is stored. The index of its last child is `first + children - 1`. */
export interface Chunk {
  readonly first: number;
  readonly firstItem: number;
  readonly generation: number;
  /** Of the first child. */
  readonly started: number;
  readonly children: number;
  readonly items: number;
  readonly slowest_ms: number;
  readonly data: Uint8Array;
}

const CHILDREN_MAX = 512;
/** Of texts: what reading one child costs. */
const CHARACTERS_MAX = 262_144;
const HEAD_BYTES = 4;
const NUMBERS_PER_CHILD = 6;
/** They are below 2^53. */
const NUMBER_BYTES_MAX = 8;

export function isPackable(child: BegunChild): child is PackedChild {
  const { startedAt, end } = child;
  if (end?.status !== "SUCCEEDED" || end.stoppedAt < startedAt) return false;
  return end.output !== undefined && end.error === undefined && end.cause === undefined;
}

/** Collects what goes into one chunk, and into the next: it writes into the same memory again. */
export class ChunkWriter {
  readonly #numbers: Buffer = Buffer.allocUnsafe(CHILDREN_MAX * NUMBERS_PER_CHILD * NUMBER_BYTES_MAX);
  #data: Buffer = Buffer.allocUnsafe(0);
  #numberBytes = 0;
  #texts: string[] = [];
  #characters = 0;
  #first: PackedChild | undefined;
  #children = 0;
  #items = 0;
  #slowestMs = 0;

  /** Whether the chunk may hold this child, too. */
  hasRoomFor({ index, firstItem, generation, startedAt }: PackedChild): boolean {
    const first = this.#first;
    if (first === undefined) return true;
    if (this.#children >= CHILDREN_MAX || this.#characters >= CHARACTERS_MAX) return false;
    if (index !== first.index + this.#children || firstItem !== first.firstItem + this.#items) return false;
    return generation === first.generation && startedAt >= first.startedAt;
  }

  add(child: PackedChild): void {
    const { input, key, items, end } = child;
    this.#first ??= child;
    const durationMs = end.stoppedAt - child.startedAt;
    const isSame = end.output === input;
    this.#number(items);
    this.#number(child.startedAt - this.#first.startedAt);
    this.#number(durationMs);
    this.#number(key === undefined ? 0 : key.length + 1);
    this.#number(input.length);
    this.#number(isSame ? 0 : end.output.length + 1);
    if (key !== undefined) this.#text(key);
    this.#text(input);
    if (!isSame) this.#text(end.output);
    this.#children += 1;
    this.#items += items;
    if (durationMs > this.#slowestMs) this.#slowestMs = durationMs;
  }

  #number(number: number): void {
    let rest = number;
    // Bitwise operators are good for 31 bits.
    for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 0x80)) this.#byte((rest % 0x80) | 0x80);
    for (; rest > 0x7f; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest);
  }

  #byte(byte: number): void {
    this.#numbers[this.#numberBytes++] = byte;
  }

  #text(text: string): void {
    this.#texts.push(text);
    this.#characters += text.length;
  }

  #room(bytes: number): Buffer {
    if (this.#data.length < bytes) this.#data = Buffer.allocUnsafe(bytes);
    return this.#data.subarray(0, bytes);
  }

  /** Forgets what was collected. */
  clear(): void {
    this.#first = undefined;
    this.#texts = [];
    this.#numberBytes = this.#characters = this.#children = this.#items = this.#slowestMs = 0;
    // One long text is no reason to keep as much memory for ever.
    if (this.#data.length > CHARACTERS_MAX * 2) this.#data = Buffer.allocUnsafe(0);
  }

  /** What was collected; `undefined` when that is nothing. Its data is good until this is called again. Begins anew. */
  take(): Chunk | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    const texts = this.#texts.join("");
    const textsAt = HEAD_BYTES + this.#numberBytes;
    const data = this.#room(textsAt + Buffer.byteLength(texts));
    data.writeUInt32LE(this.#numberBytes);
    this.#numbers.copy(data, HEAD_BYTES, 0, this.#numberBytes);
    data.write(texts, textsAt);
    const chunk = {
      first: first.index,
      firstItem: first.firstItem,
      generation: first.generation,
      started: first.startedAt,
      children: this.#children,
      items: this.#items,
      slowest_ms: this.#slowestMs,
      data,
    };
    this.clear();
    return chunk;
  }
}

/** The children of a chunk, in order. Without texts an input is "" and there is no output. */
export function unpackChunk(chunk: Omit<Chunk, "items" | "slowest_ms">, withTexts: boolean): StoredChild[] {
  const { data, generation } = chunk;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const numbers = new NumberReader(bytes, HEAD_BYTES);
  const texts = bytes.toString("utf8", HEAD_BYTES + bytes.readUInt32LE());
  const children: StoredChild[] = [];
  let firstItem = chunk.firstItem;
  let at = 0;
  for (let index = chunk.first; index < chunk.first + chunk.children; index++) {
    const items = numbers.next();
    const startedAt = chunk.started + numbers.next();
    const stoppedAt = startedAt + numbers.next();
    const keyAt = at;
    const keyLength = numbers.next();
    const inputAt = keyLength === 0 ? at : at + keyLength - 1;
    const outputAt = inputAt + numbers.next();
    const outputLength = numbers.next();
    at = outputLength === 0 ? outputAt : outputAt + outputLength - 1;
    const input = withTexts ? texts.slice(inputAt, outputAt) : "";
    const output = outputLength === 0 ? input : texts.slice(outputAt, at);
    const child: StoredChild = {
      index,
      status: "SUCCEEDED",
      firstItem,
      items,
      startedAt,
      stoppedAt,
      redriveCount: 0,
      generation,
      input,
      ...(withTexts ? { output } : undefined),
      ...(keyLength === 0 ? undefined : { key: texts.slice(keyAt, inputAt) }),
    };
    children.push(child);
    firstItem += items;
  }
  return children;
}

class NumberReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  next(): number {
    let byte = this.#bytes[this.#at++] as number;
    if (byte < 0x80) return byte;
    let number = byte & 0x7f;
    for (let weight = 0x80; byte >= 0x80; weight *= 0x80) {
      byte = this.#bytes[this.#at++] as number;
      number += (byte & 0x7f) * weight;
    }
    return number;
  }
}
