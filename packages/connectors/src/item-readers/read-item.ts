import type { Json } from "@stepwell/core";
import type { ItemCursor, ListedObject, ReadItem } from "@stepwell/engine";
import { type RowBatch, rowsIn } from "./row-batch.ts";

/** What the items of one file, or of one listing, have in common. */
export interface Origin {
  /** `s3://bucket/key`, or `s3://bucket` for a listing. */
  readonly source: string;
  readonly unit: "row" | "item";
  /** The number of the first row, as a spreadsheet would show it. */
  readonly firstNumber: number;
  /** What a cursor calls the file, where there are several. */
  readonly object?: string;
  readonly etag?: string;
}

/** Items before they have their numbers: rows of one file, or listed objects. */
export type FoundItems =
  | { readonly origin: Origin; readonly batch: RowBatch; readonly firstRow: number }
  | { readonly bucket: string; readonly objects: readonly ListedObject[] };

export function itemsIn(found: FoundItems): number {
  return "objects" in found ? found.objects.length : rowsIn(found.batch);
}

/** The items from `from` up to `end` of what was found; `before` items were given before the first of them. */
export function numbered(found: FoundItems, from: number, end: number, before: number): ReadItem[] {
  const items: ReadItem[] = [];
  if ("objects" in found) {
    const source = `s3://${found.bucket}`;
    for (const object of found.objects.slice(from, end))
      items.push(new ObjectItem(object, source, before + items.length + 1));
    return items;
  }
  const { origin, batch, firstRow } = found;
  if ("texts" in batch) {
    for (let index = from; index < end; index++) {
      items.push(new TextItem(batch.texts[index] as string, origin, firstRow + index, before + items.length + 1));
    }
    return items;
  }
  for (let index = from; index < end; index++) {
    const value = batch.values[index] as Json;
    const item = new RowItem(value, origin, firstRow + index, before + items.length + 1);
    items.push(batch.keys === undefined ? item : Object.assign(item, { key: batch.keys[index] as string }));
  }
  return items;
}

/** A million of them are made: what is seldom asked for is made when it is asked for. */
abstract class Row {
  readonly #origin: Origin;
  readonly #row: number;
  readonly #items: number;

  constructor(origin: Origin, row: number, items: number) {
    this.#origin = origin;
    this.#row = row;
    this.#items = items;
  }

  get source(): string {
    return this.#origin.source;
  }

  get position(): string {
    const { source, unit, firstNumber } = this.#origin;
    return `${source}, ${unit} ${this.#row + firstNumber}`;
  }

  get cursor(): ItemCursor {
    const { object, etag } = this.#origin;
    return {
      items: this.#items,
      ...(object === undefined ? {} : { object, rows: this.#row + 1 }),
      ...(etag === undefined ? {} : { etag }),
    };
  }
}

class RowItem extends Row implements ReadItem {
  readonly value: Json;

  constructor(value: Json, origin: Origin, row: number, items: number) {
    super(origin, row, items);
    this.value = value;
  }
}

class TextItem extends Row implements ReadItem {
  readonly text: string;

  constructor(text: string, origin: Origin, row: number, items: number) {
    super(origin, row, items);
    this.text = text;
  }

  get value(): Json {
    return JSON.parse(this.text) as Json;
  }
}

/** One line of a listing, as recorded on AWS: no bucket, the etag in its quotes, the time in whole seconds. */
class ObjectItem implements ReadItem {
  readonly value: Json;
  readonly source: string;
  readonly #key: string;
  readonly #items: number;

  constructor(object: ListedObject, source: string, items: number) {
    this.value = {
      Etag: `"${object.etag}"`,
      Key: object.key,
      LastModified: Math.floor(object.lastModifiedMs / 1000),
      Size: object.bytes,
      StorageClass: object.storageClass,
    };
    this.source = source;
    this.#key = object.key;
    this.#items = items;
  }

  get position(): string {
    return `${this.source}/${this.#key}`;
  }

  get cursor(): ItemCursor {
    return { items: this.#items, object: this.#key };
  }
}
