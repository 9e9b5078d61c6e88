/**
 * Arrays as PostgreSQL's binary format has them: for node-postgres a parameter that is a Buffer is binary. Its own text
 * arrays escape every string, which costs more than all the rest of a commit (spec/engine-bakeoff.md, pitfall 5).
 */

const OID = { int4: 23, int8: 20, text: 25, bytea: 17, bool: 16 } as const;
const HEADER_BYTES = 20;
const NULL_LENGTH = -1;

type Value = number | string | boolean | Buffer;

/** One column of rows on their way to the database: nullable values of one type. */
export class Column<T extends Value = Value> {
  readonly type: keyof typeof OID;
  readonly #values: (T | null)[] = [];

  constructor(type: keyof typeof OID) {
    this.type = type;
  }

  get length(): number {
    return this.#values.length;
  }

  push(value: T | null | undefined): void {
    this.#values.push(value ?? null);
  }

  /** As a parameter for `$n::<type>[]`. */
  encode(): Buffer {
    const values = this.#values;
    let bytes = HEADER_BYTES;
    for (const value of values) bytes += 4 + bytesOf(this.type, value);
    const buffer = Buffer.allocUnsafe(bytes);
    buffer.writeInt32BE(1, 0);
    buffer.writeInt32BE(1, 4);
    buffer.writeInt32BE(OID[this.type], 8);
    buffer.writeInt32BE(values.length, 12);
    buffer.writeInt32BE(1, 16);
    let at = HEADER_BYTES;
    for (const value of values) at = write(buffer, at, this.type, value);
    return buffer;
  }
}

function bytesOf(type: keyof typeof OID, value: Value | null): number {
  if (value === null) return 0;
  if (type === "int4") return 4;
  if (type === "int8") return 8;
  if (type === "bool") return 1;
  return type === "text" ? Buffer.byteLength(value as string) : (value as Buffer).length;
}

function write(buffer: Buffer, at: number, type: keyof typeof OID, value: Value | null): number {
  if (value === null) return buffer.writeInt32BE(NULL_LENGTH, at);
  switch (type) {
    case "int4":
      return buffer.writeInt32BE(value as number, buffer.writeInt32BE(4, at));
    case "int8":
      return writeInt8(buffer, value as number, buffer.writeInt32BE(8, at));
    case "bool":
      return buffer.writeInt8(value === true ? 1 : 0, buffer.writeInt32BE(1, at));
    case "bytea":
      buffer.writeInt32BE((value as Buffer).length, at);
      return at + 4 + (value as Buffer).copy(buffer, at + 4);
    case "text": {
      const bytes = buffer.write(value as string, at + 4);
      buffer.writeInt32BE(bytes, at);
      return at + 4 + bytes;
    }
  }
}

/** Without a BigInt: it would be made for each number. */
function writeInt8(buffer: Buffer, value: number, at: number): number {
  buffer.writeInt32BE(Math.floor(value / 2 ** 32), at);
  return buffer.writeUInt32BE(value >>> 0, at + 4);
}

/** An array made in one go. */
export function arrayOf<T extends Value>(type: keyof typeof OID, values: Iterable<T | null>): Buffer {
  const column = new Column<T>(type);
  for (const value of values) column.push(value);
  return column.encode();
}
