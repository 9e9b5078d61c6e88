import type { Json, JsonObject, MapRunReader } from "@stepwell/core";
import { CsvRecords } from "./csv-records.ts";
import { javaMapOrder } from "./java-map-order.ts";
import { CSV_HEADER_BYTES_MAX } from "./limits.ts";
import { beforeDamage, locatedText } from "./located-text.ts";
import { DamagedData, readerFailed } from "./reader-failure.ts";
import type { RowBatch, RowOptions } from "./row-batch.ts";

type CsvConfig = Pick<MapRunReader, "csvDelimiter" | "csvHeaderLocation" | "csvHeaders">;

const DELIMITERS = { COMMA: ",", PIPE: "|", SEMICOLON: ";", SPACE: " ", TAB: "\t" } as const;

/**
 * Rows as objects of strings. A short row is filled with empty strings, what a long row has too much is left out (AWS, "How
 * Step Functions parses input CSV files").
 */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  config: CsvConfig,
  { skip }: RowOptions,
): AsyncGenerator<RowBatch> {
  const records = new CsvRecords(DELIMITERS[config.csvDelimiter ?? "COMMA"]);
  let toRow = config.csvHeaderLocation === "GIVEN" ? rowMaker(config.csvHeaders ?? []) : undefined;
  let toSkip = skip;
  for await (const found of recordBatches(chunks, records)) {
    let from = 0;
    toRow ??= rowMaker(found[from++] as string[]);
    const passed = Math.min(toSkip, found.length - from);
    toSkip -= passed;
    from += passed;
    if (from < found.length) yield { values: found.slice(from).map(toRow) };
  }
}

async function* recordBatches(chunks: AsyncIterable<Uint8Array>, records: CsvRecords): AsyncGenerator<string[][]> {
  for await (const text of locatedText(chunks, () => records.place)) {
    yield* beforeDamage<string[]>((found) => records.push(text, found));
  }
  yield* beforeDamage<string[]>((found) => records.end(found));
}

function rowMaker(headers: readonly string[]): (record: readonly string[]) => Json {
  if (new Set(headers).size < headers.length) throw readerFailed("CSV headers cannot contain duplicates.");
  if (Buffer.byteLength(headers.join(",")) > CSV_HEADER_BYTES_MAX) {
    throw new DamagedData("The CSV header is larger than 10 KiB");
  }
  const order = javaMapOrder(headers);
  const names = order.map((position) => headers[position] as string);
  if (headers.includes("__proto__")) {
    return (record) => Object.fromEntries(names.map((name, index) => [name, record[order[index] as number] ?? ""]));
  }
  return (record) => {
    const row: { [name: string]: Json } = {};
    for (let index = 0; index < names.length; index++) {
      row[names[index] as string] = record[order[index] as number] ?? "";
    }
    return row satisfies JsonObject;
  };
}
