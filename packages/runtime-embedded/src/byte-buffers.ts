/** Memory that goes to another thread and comes back: garbage of this kind is large, and collected late. */
const BUFFERS_MAX = 32;
const UNIT_BYTES = 65_536;

export class ByteBuffers {
  readonly #free: ArrayBuffer[] = [];

  /** A copy of the bytes, in a buffer that may be larger. */
  copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= bytes.length);
    const [found] = at < 0 ? [] : this.#free.splice(at, 1);
    const buffer = found ?? new ArrayBuffer(Math.ceil(bytes.length / UNIT_BYTES) * UNIT_BYTES);
    const copy = new Uint8Array(buffer, 0, bytes.length);
    copy.set(bytes);
    return copy;
  }

  /** They are no longer needed. */
  give(buffers: readonly ArrayBuffer[]): void {
    this.#free.push(...buffers.slice(0, BUFFERS_MAX - this.#free.length));
  }
}
