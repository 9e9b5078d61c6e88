import type { Json, MapRunReader } from "@stepwell/core";
import { CsvItems, type CsvItemsState } from "@stepwell/core/rows";
import { JsonLines, type JsonLinesState } from "./json-lines.ts";
import { placed } from "./located-text.ts";
import { Utf8Decoder, type Utf8State } from "./utf8-text.ts";

/** Formats whose rows are parts of the text, one behind the other. */
export type RowFormat =
  | ({ readonly kind: "csv" } & Pick<MapRunReader, "csvDelimiter" | "csvHeaderLocation" | "csvHeaders">)
  | { readonly kind: "jsonl" };

/** Where the reading of a file stands between two chunks: plain data, from which another thread goes on. */
export interface RowParserState {
  readonly format: RowFormat;
  readonly text: Utf8State;
  readonly rows: CsvItemsState | JsonLinesState;
}

/** The texts of more bytes would be large objects of V8's, which are dear. */
const PIECE_BYTES = 65_536;

/** A chunk in parts of a size that is parsed best. */
export function* piecesOf(chunk: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES);
}

/** The bytes of one file, chunk by chunk, as rows; what a row is, the core says. */
export class RowParser {
  readonly #format: RowFormat;
  readonly #decoder: Utf8Decoder;
  readonly #rows: CsvItems | JsonLines;

  private constructor(format: RowFormat, decoder: Utf8Decoder, rows: CsvItems | JsonLines) {
    this.#format = format;
    this.#decoder = decoder;
    this.#rows = rows;
  }

  /** `skip`: rows to pass over at the beginning. */
  static begin(format: RowFormat, skip: number): RowParser {
    const rows = format.kind === "csv" ? new CsvItems(format, skip) : new JsonLines(skip);
    return new RowParser(format, new Utf8Decoder(), rows);
  }

  static goOn({ format, text, rows }: RowParserState): RowParser {
    const found =
      format.kind === "csv" ? new CsvItems(format, rows as CsvItemsState) : new JsonLines(rows as JsonLinesState);
    return new RowParser(format, new Utf8Decoder(text), found);
  }

  /** Not after a failure. */
  get state(): RowParserState {
    return { format: this.#format, text: this.#decoder.state, rows: this.#rows.state };
  }

  /** Where an error would be now: `row 7`. */
  get place(): string {
    return this.#rows.place;
  }

  /** Adds the rows that end in this chunk, then throws what stops it: DamagedData, or wrong headers as a StatesErrorSignal. */
  push(chunk: Uint8Array, rows: Json[]): void {
    const texts: string[] = [];
    let damage: unknown;
    try {
      this.#decoder.push(chunk, texts);
    } catch (error) {
      damage = error;
    }
    for (const text of texts) this.#rows.push(text, rows);
    if (damage !== undefined) throw placed(damage, () => this.place);
  }

  /** The bytes have ended: a last row needs no line end. */
  end(rows: Json[]): void {
    try {
      this.#decoder.end();
    } catch (error) {
      throw placed(error, () => this.place);
    }
    this.#rows.end(rows);
  }
}
