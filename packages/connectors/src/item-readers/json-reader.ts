import type { Json, MapRunReader } from "@stepwell/core";
import { JsonElementReader } from "./json-elements.ts";
import { ITEM_BYTES_MAX, isTooLarge } from "./limits.ts";
import { beforeDamage, locatedText } from "./located-text.ts";
import { DamagedData } from "./reader-failure.ts";
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

/** One value a line. Empty lines are none. */
export async function* readJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  { skip }: RowOptions,
): AsyncGenerator<RowBatch> {
  const reader = new LineReader(skip);
  for await (const text of locatedText(chunks, () => reader.place)) {
    for (const values of beforeDamage<Json>((found) => reader.push(text, found))) yield { values };
  }
  for (const values of beforeDamage<Json>((found) => reader.end(found))) yield { values };
}

class LineReader {
  #toSkip: number;
  #rest = "";
  #lines = 0;

  constructor(skip: number) {
    this.#toSkip = skip;
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
