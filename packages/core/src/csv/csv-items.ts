import { setOwn } from "../data/own-property.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import type { MapRunReader } from "../execution/map-run-plan.ts";
import { exceedsBytes } from "../execution/payload.ts";
import type { Json } from "../json.ts";
import { CsvRecords, type CsvRecordsState } from "./csv-records.ts";
import { DamagedData } from "./damaged-data.ts";
import { javaMapOrder } from "./java-map-order.ts";

type CsvConfig = Pick<MapRunReader, "csvDelimiter" | "csvHeaderLocation" | "csvHeaders">;

const DELIMITERS = { COMMA: ",", PIPE: "|", SEMICOLON: ";", SPACE: " ", TAB: "\t" } as const;
/** features.md A.12. */
const HEADER_BYTES_MAX = 10 * 1_024;

/** Where the reading of CSV text stands between two chunks: plain data, from which another object goes on. */
export interface CsvItemsState {
  readonly records: CsvRecordsState;
  /** Once they are known. */
  readonly headers?: readonly string[];
  /** Rows still to pass over. */
  readonly toSkip: number;
}

/**
 * The rows of CSV text, chunk by chunk, as objects of strings. A short row is filled with empty strings, what a long row
 * has too much is left out (AWS, "How Step Functions parses input CSV files"). Throws `DamagedData`, after what could be
 * read was added; wrong headers are States.ItemReaderFailed.
 */
export class CsvItems {
  readonly #records: CsvRecords;
  #headers: readonly string[] | undefined;
  #toItem: ((record: readonly string[]) => Json) | undefined;
  #toSkip: number;

  /** `from`: rows to pass over at the beginning, or where another object stood. */
  constructor(
    { csvDelimiter = "COMMA", csvHeaderLocation, csvHeaders = [] }: CsvConfig,
    from: number | CsvItemsState = 0,
  ) {
    const state = typeof from === "number" ? undefined : from;
    this.#records = new CsvRecords(DELIMITERS[csvDelimiter], state?.records);
    const headers = state?.headers ?? (csvHeaderLocation === "GIVEN" ? csvHeaders : undefined);
    if (headers !== undefined) this.#begin(headers);
    this.#toSkip = typeof from === "number" ? from : from.toSkip;
  }

  /** Not after a failure. */
  get state(): CsvItemsState {
    const headers = this.#headers;
    return { records: this.#records.state, ...(headers && { headers }), toSkip: this.#toSkip };
  }

  #begin(headers: readonly string[]): void {
    this.#toItem = itemMaker(headers);
    this.#headers = headers;
  }

  /** Where an error would be now: `row 7`. */
  get place(): string {
    return this.#records.place;
  }

  /** Adds the rows that end in this text. */
  push(text: string, items: Json[]): void {
    this.#add(items, (found) => this.#records.push(text, found));
  }

  /** The text has ended. */
  end(items: Json[]): void {
    this.#add(items, (found) => this.#records.end(found));
  }

  #add(items: Json[], read: (found: string[][]) => void): void {
    const found: string[][] = [];
    try {
      read(found);
    } finally {
      let at = 0;
      if (this.#toItem === undefined && found.length > 0) this.#begin(found[at++] as string[]);
      const passed = Math.min(this.#toSkip, found.length - at);
      this.#toSkip -= passed;
      const toItem = this.#toItem;
      if (toItem !== undefined) for (at += passed; at < found.length; at++) items.push(toItem(found[at] as string[]));
    }
  }
}

function itemMaker(headers: readonly string[]): (record: readonly string[]) => Json {
  if (new Set(headers).size < headers.length) {
    throw new StatesErrorSignal("States.ItemReaderFailed", "CSV headers cannot contain duplicates.");
  }
  if (exceedsBytes(headers.join(","), HEADER_BYTES_MAX)) throw new DamagedData("The CSV header is larger than 10 KiB");
  const order = javaMapOrder(headers);
  const names = order.map((position) => headers[position] as string);
  const hasProto = headers.includes("__proto__");
  return (record) => {
    const row: { [name: string]: Json } = {};
    for (let index = 0; index < names.length; index++) {
      const value = record[order[index] as number] ?? "";
      if (hasProto) setOwn(row, names[index] as string, value);
      else row[names[index] as string] = value;
    }
    return row;
  };
}
