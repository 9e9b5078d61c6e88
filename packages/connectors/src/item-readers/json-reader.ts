import type { Json, MapRunReader } from "@stepwell/core";
import { JsonElementReader } from "./json-elements.ts";
import { beforeDamage, locatedText } from "./located-text.ts";
import type { RowBatch, RowOptions } from "./row-batch.ts";

/** The elements of an array, or where an ItemsPointer leads, the members of an object as `{Key, Value}`. */
export async function* readJson(
  chunks: AsyncIterable<Uint8Array>,
  { itemsPointer }: Pick<MapRunReader, "itemsPointer">,
  { skip }: RowOptions,
): AsyncGenerator<RowBatch> {
  const reader = new JsonElementReader(itemsPointer, skip);
  for await (const text of locatedText(chunks, () => reader.place)) {
    const keys: string[] = [];
    for (const values of beforeDamage<Json>((found) => reader.push(text, { values: found, keys }))) {
      yield keys.length === 0 ? { values } : { values, keys };
    }
    if (reader.isDone) return;
  }
  reader.end();
}
