import { crc32 } from "node:zlib";

interface Entry {
  readonly name: string;
  readonly text: string;
  /** Unix mode with the file's type. */
  readonly mode?: number;
}

/** An archive with the entries stored as they are, also such that no tool would write. */
export function zipOf(entries: readonly Entry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, text, mode = 0o100644 } of entries) {
    const data = Buffer.from(text);
    const sums = Buffer.alloc(12);
    sums.writeUInt32LE(crc32(data), 0);
    sums.writeUInt32LE(data.length, 4);
    sums.writeUInt32LE(data.length, 8);
    const lengths = Buffer.from([name.length, 0, 0, 0]);
    const local = Buffer.concat([
      Buffer.from("504b03040a0000000000000000 00".replace(" ", ""), "hex"),
      sums,
      lengths,
      Buffer.from(name),
      data,
    ]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    centrals.push(
      Buffer.concat([
        Buffer.from("504b01021e030a0000000000 00000000".replace(" ", ""), "hex"),
        sums,
        lengths,
        tail,
        Buffer.from(name),
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}
