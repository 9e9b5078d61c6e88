import type { Json } from "@stepwell/core";
import { ITEM_BYTES_MAX, isTooLarge } from "./limits.ts";
import { DamagedData } from "./reader-failure.ts";

/** Between two texts: another object goes on from it. */
export interface JsonLinesState {
  /** The beginning of a line whose end has not come. */
  readonly rest: string;
  readonly lines: number;
  readonly toSkip: number;
}

/** One value a line. Empty lines are none. */
export class JsonLines {
  #toSkip: number;
  #rest = "";
  #lines = 0;

  /** `from`: values to pass over at the beginning, or where another object stood. */
  constructor(from: number | JsonLinesState) {
    this.#toSkip = typeof from === "number" ? from : from.toSkip;
    if (typeof from === "number") return;
    this.#rest = from.rest;
    this.#lines = from.lines;
  }

  get state(): JsonLinesState {
    return { rest: this.#rest, lines: this.#lines, toSkip: this.#toSkip };
  }

  get place(): string {
    return `row ${this.#lines + 1}`;
  }

  push(text: string, values: Json[]): void {
    const whole = this.#rest + text;
    let at = 0;
    for (let end = whole.indexOf("\n"); end >= 0; end = whole.indexOf("\n", at)) {
      this.#add(whole.slice(at, end), values);
      at = end + 1;
    }
    this.#rest = whole.slice(at);
    if (this.#rest.length > ITEM_BYTES_MAX) throw this.#tooLarge();
  }

  end(values: Json[]): void {
    this.#add(this.#rest, values);
  }

  #add(line: string, values: Json[]): void {
    if (line.trim() !== "") {
      if (isTooLarge(line)) throw this.#tooLarge();
      if (this.#toSkip > 0) this.#toSkip--;
      else values.push(this.#parse(line));
    }
    this.#lines++;
  }

  #parse(line: string): Json {
    try {
      return JSON.parse(line) as Json;
    } catch (error) {
      throw new DamagedData(`The data is not valid JSON: ${(error as Error).message}`, this.place, error);
    }
  }

  #tooLarge(): DamagedData {
    return new DamagedData("The row is larger than 8 MB", this.place);
  }
}
