/**
 * Splits CSV text into records, chunk by chunk, by the rules of the parser whose behaviour AWS documents ("How Step
 * Functions parses input CSV files"):
 *
 * C1. Lines end with LF, CRLF or CR; inside quotes each becomes LF and belongs to the field. Empty lines are no records.
 * C2. A quote begins and ends a quoted part. Inside a field, quoted or not, `""` is one quote.
 * C3. A backslash keeps a following backslash, quote or delimiter; before anything else it is dropped.
 * C4. A quote in the middle of a field (`ab"c"d`) stays, unless only blanks were before it: then both go, and the field is
 *     quoted. Among a line's first three characters it goes, too.
 *
 * Fields of a line without quotes and backslashes are cut out at once: that is what makes large files fast.
 */
import { exceedsBytes } from "../execution/payload.ts";
import { DamagedData } from "./damaged-data.ts";

/** AWS's quota of an item. features.md A.12. */
const ROW_BYTES_MAX = 8 * 1_024 ** 2;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** C4's beginning of a line: the place behind the quote is compared. */
const LINE_BEGINNING = 3;
const SHOWN_MAX = 100;

/** Between two texts: another object goes on from it. */
export interface CsvRecordsState {
  /** The beginning of a line whose end has not come. */
  readonly rest: string;
  /** Fields of a record whose last field is still inside quotes, and that field's text. */
  readonly fields: readonly string[];
  readonly openField: string | undefined;
  readonly inField: boolean;
  readonly recordUnits: number;
  /** Lines that have ended. */
  readonly lines: number;
  readonly records: number;
}

const AT_BEGINNING: CsvRecordsState = {
  rest: "",
  fields: [],
  openField: undefined,
  inField: false,
  recordUnits: 0,
  lines: 0,
  records: 0,
};

export class CsvRecords {
  readonly #delimiter: string;
  readonly #delimiterCode: number;
  #rest: string;
  #fields: string[];
  #openField: string | undefined;
  #inField: boolean;
  #recordUnits: number;
  #lines: number;
  #records: number;

  /** One character. */
  constructor(delimiter: string, state: CsvRecordsState = AT_BEGINNING) {
    this.#delimiter = delimiter;
    this.#delimiterCode = delimiter.charCodeAt(0);
    this.#rest = state.rest;
    this.#fields = [...state.fields];
    this.#openField = state.openField;
    this.#inField = state.inField;
    this.#recordUnits = state.recordUnits;
    this.#lines = state.lines;
    this.#records = state.records;
  }

  get state(): CsvRecordsState {
    return {
      rest: this.#rest,
      fields: [...this.#fields],
      openField: this.#openField,
      inField: this.#inField,
      recordUnits: this.#recordUnits,
      lines: this.#lines,
      records: this.#records,
    };
  }

  /** Where an error would be now: records count from 1. */
  get place(): string {
    const [row, line] = [this.#records + 1, this.#lines + 1];
    return row === line ? `row ${row}` : `row ${row} (line ${line})`;
  }

  /** Adds the records that end in this text. */
  push(text: string, records: string[][]): void {
    const whole = this.#rest === "" ? text : this.#rest + text;
    const marks = new Marks(whole);
    let at = 0;
    for (let end = marks.lineEnd(at); end >= 0; end = marks.lineEnd(at)) {
      const line = whole.slice(at, end);
      if (this.#openField === undefined && marks.isPlain(at, end)) this.#addPlain(line, records);
      else this.#addLine(line, records);
      this.#lines++;
      at = marks.behindLine(end);
    }
    this.#rest = whole.slice(at);
    if (this.#rest.length > ROW_BYTES_MAX) throw this.#tooLarge();
  }

  /** The text has ended: a last line needs no line end. */
  end(records: string[][]): void {
    const line = this.#rest.endsWith("\r") ? this.#rest.slice(0, -1) : this.#rest;
    if (this.#rest !== "") this.#addLine(line, records);
    this.#rest = "";
    if (this.#openField === undefined) return;
    const lost = this.#openField.slice(0, SHOWN_MAX);
    throw new DamagedData(
      `Unterminated quoted field at end of CSV line. Beginning of lost text: [${lost}]`,
      `row ${this.#records + 1}`,
    );
  }

  #addPlain(line: string, records: string[][]): void {
    if (line === "") return;
    if (exceedsBytes(line, ROW_BYTES_MAX)) throw this.#tooLarge();
    records.push(line.split(this.#delimiter));
    this.#records++;
  }

  #addLine(line: string, records: string[][]): void {
    if (line === "" && this.#openField === undefined) return;
    this.#recordUnits += line.length + 1;
    if (this.#recordUnits > ROW_BYTES_MAX || exceedsBytes(line, ROW_BYTES_MAX)) throw this.#tooLarge();
    this.#parse(line);
    if (this.#openField !== undefined) return;
    records.push(this.#fields);
    this.#records++;
    this.#fields = [];
    this.#recordUnits = 0;
  }

  #parse(line: string): void {
    let field = this.#openField ?? "";
    let isQuoted = this.#openField !== undefined;
    let at = 0;
    while (at < line.length) {
      const code = line.charCodeAt(at);
      const next = line.charCodeAt(at + 1);
      if (code === BACKSLASH) {
        this.#inField = true;
        const isEscape = next === BACKSLASH || next === QUOTE || next === this.#delimiterCode;
        if (isEscape) field += line[at + 1];
        at += isEscape ? 2 : 1;
      } else if (code === QUOTE) {
        if ((isQuoted || this.#inField) && next === QUOTE) {
          field += '"';
          at += 2;
        } else {
          isQuoted = !isQuoted;
          at++;
          if (this.#staysInField(line, at)) field = field !== "" && field.trim() === "" ? "" : `${field}"`;
        }
        this.#inField = !this.#inField;
      } else if (code === this.#delimiterCode && !isQuoted) {
        this.#fields.push(field);
        field = "";
        this.#inField = false;
        at++;
      } else {
        const end = this.#runEnd(line, at + 1, isQuoted);
        field += line.slice(at, end);
        this.#inField = true;
        at = end;
      }
    }
    if (isQuoted) this.#openField = `${field}\n`;
    else {
      this.#openField = undefined;
      this.#inField = false;
      this.#fields.push(field);
    }
  }

  /** C4; `behind` is the place behind the quote. */
  #staysInField(line: string, behind: number): boolean {
    if (behind <= LINE_BEGINNING || behind >= line.length) return false;
    return line.charCodeAt(behind - 2) !== this.#delimiterCode && line.charCodeAt(behind) !== this.#delimiterCode;
  }

  #runEnd(line: string, from: number, isQuoted: boolean): number {
    let end = from;
    for (; end < line.length; end++) {
      const code = line.charCodeAt(end);
      if (code === QUOTE || code === BACKSLASH || (code === this.#delimiterCode && !isQuoted)) break;
    }
    return end;
  }

  #tooLarge(): DamagedData {
    return new DamagedData("The row is larger than 8 MB", this.place);
  }
}

/** The next of each character that matters in a text, looked for once each: all places asked about only go forward. */
class Marks {
  readonly #text: string;
  #lineFeed = -1;
  #carriageReturn = -1;
  #quote = -1;
  #backslash = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the line ends that begins at `from`; -1 when its end has not come. */
  lineEnd(from: number): number {
    if (this.#lineFeed < from) this.#lineFeed = this.#next("\n", from);
    if (this.#carriageReturn < from) this.#carriageReturn = this.#next("\r", from);
    const end = Math.min(this.#lineFeed, this.#carriageReturn);
    // A CR at the very end may be half of a CRLF.
    const isOpen = end > this.#text.length || (end === this.#carriageReturn && end === this.#text.length - 1);
    return isOpen ? -1 : end;
  }

  behindLine(end: number): number {
    return end === this.#carriageReturn && this.#lineFeed === end + 1 ? end + 2 : end + 1;
  }

  isPlain(from: number, end: number): boolean {
    if (this.#quote < from) this.#quote = this.#next('"', from);
    if (this.#backslash < from) this.#backslash = this.#next("\\", from);
    return this.#quote >= end && this.#backslash >= end;
  }

  /** Infinite where there is none. */
  #next(searched: string, from: number): number {
    const index = this.#text.indexOf(searched, from);
    return index < 0 ? Number.POSITIVE_INFINITY : index;
  }
}
