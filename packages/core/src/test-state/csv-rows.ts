/**
 * The rows of a CSV text. Fields may stand in quotes and then hold line ends and delimiters; `""` in quotes is one quote.
 * A backslash escapes itself, a quote and the delimiter, and is dropped before anything else. Empty lines are no rows.
 * features.md A.12.
 */
export function readCsvRows(text: string, delimiter: string): string[][] {
  const reader = new CsvReader(text.replace(/^\uFEFF/, ""), delimiter);
  const rows: string[][] = [];
  for (let row = reader.next(); row !== undefined; row = reader.next()) {
    if (row.length > 1 || row[0] !== "") rows.push(row);
  }
  return rows;
}

class CsvReader {
  readonly #text: string;
  readonly #delimiter: string;
  #at = 0;

  constructor(text: string, delimiter: string) {
    this.#text = text;
    this.#delimiter = delimiter;
  }

  next(): string[] | undefined {
    if (this.#at >= this.#text.length) return undefined;
    const row = [this.#field()];
    while (this.#text[this.#at] === this.#delimiter) {
      this.#at++;
      row.push(this.#field());
    }
    // A line ends with LF, CRLF or the text.
    if (this.#text[this.#at] === "\r") this.#at++;
    this.#at++;
    return row;
  }

  /** Up to the delimiter or the end of the line, which are left. */
  #field(): string {
    let field = "";
    let quoted = false;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] as string;
      if (character === "\\") field += this.#escaped();
      else if (character === '"') {
        if (quoted && this.#text[this.#at + 1] === '"') {
          field += '"';
          this.#at++;
        } else quoted = !quoted;
      } else if (!quoted && this.#endsField(character)) return field;
      else field += character;
    }
    return field;
  }

  #escaped(): string {
    const next = this.#text[this.#at + 1];
    if (next !== "\\" && next !== '"' && next !== this.#delimiter) return "";
    this.#at++;
    return next;
  }

  #endsField(character: string): boolean {
    if (character === this.#delimiter || character === "\n") return true;
    return character === "\r" && this.#text[this.#at + 1] === "\n";
  }
}
