import { CsvItems, type Json, type MapRunReader } from "@stepwell/core";
import { beforeDamage, locatedText } from "./located-text.ts";
import type { RowBatch, RowOptions } from "./row-batch.ts";

/** The rows of a CSV file, as they come; what a row is, the core says. */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  config: Pick<MapRunReader, "csvDelimiter" | "csvHeaderLocation" | "csvHeaders">,
  { skip }: RowOptions,
): AsyncGenerator<RowBatch> {
  const items = new CsvItems(config, skip);
  for await (const text of locatedText(chunks, () => items.place)) {
    for (const values of beforeDamage<Json>((found) => items.push(text, found))) yield { values };
  }
  for (const values of beforeDamage<Json>((found) => items.end(found))) yield { values };
}
