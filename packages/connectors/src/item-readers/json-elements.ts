/**
 * Finds the elements of one array, or the members of one object, in JSON text that comes in chunks, without holding more
 * than one of them. It follows the structure only; each element is then parsed, and so checked, by JSON.parse.
 *
 * Ours because it was measured: @streamparser/json, which builds values token by token, takes about three times as long (28
 * MB in 1.5 s instead of 0.55 s), and knows how large an item is only when it has been built.
 */
import type { Json } from "@stepwell/core";
import { isBlank, JsonValueScan } from "./json-value-scan.ts";
import { ITEM_BYTES_MAX, isTooLarge } from "./limits.ts";
import { DamagedData, readerFailed } from "./reader-failure.ts";

export interface JsonElements {
  readonly values: Json[];
  /** Filled when they are an object's members. */
  readonly keys: string[];
}

/**
 * What the text must go on with. `way` is a value on the pointer's way, `entry` the first element or member of the open
 * container or its end.
 */
type Expected = "way" | "entry" | "nextEntry" | "colon" | "value" | "separator" | "end" | "nothing";

const SHOWN_MAX = 40;

export class JsonElementReader {
  readonly #path: string[];
  readonly #isWhole: boolean;
  readonly #takesObjects: boolean;
  readonly #scan = new JsonValueScan();
  #toSkip: number;
  #text = "";
  #at = 0;
  /** How far the value at `#at` has been scanned. */
  #scannedTo = 0;
  #expected: Expected = "way";
  #isArrived = false;
  #isObject = false;
  #key = "";
  /** Entries of the open container that have begun. */
  #entries = 0;

  /**
   * `pointer`: RFC 6901; what it leads to may be an array or an object. Without one the document must be an array (recorded:
   * an object is refused). `skip`: how many elements to pass over.
   */
  constructor(pointer: string | undefined, skip: number) {
    this.#path = (pointer ?? "").split("/").slice(1).map(decodeToken);
    this.#isWhole = this.#path.length === 0;
    this.#takesObjects = pointer !== undefined;
    this.#toSkip = skip;
  }

  /** No more text is needed: what the pointer leads to has ended. */
  get isDone(): boolean {
    return this.#expected === "nothing";
  }

  /** `item 7`, counted from 1: the one that an error would be in. */
  get place(): string | undefined {
    return this.#isArrived && this.#entries > 0 ? `item ${this.#entries}` : undefined;
  }

  /** Adds the elements that end in this text. */
  push(text: string, found: JsonElements): void {
    const rest = this.#text.slice(this.#at);
    this.#scannedTo -= this.#at;
    this.#at = 0;
    this.#text = rest + text;
    while (this.#skipBlanks() && this.#step(found));
    if (this.#text.length - this.#at > ITEM_BYTES_MAX && !this.isDone) throw this.#tooLarge();
  }

  end(): void {
    if (this.#expected !== "end" && !this.isDone) throw new DamagedData("The JSON text is not complete", this.place);
  }

  /** False at the end of the text. */
  #skipBlanks(): boolean {
    while (this.#at < this.#text.length && isBlank(this.#text.charCodeAt(this.#at))) this.#at++;
    if (this.#scannedTo < this.#at) this.#scannedTo = this.#at;
    return this.#at < this.#text.length;
  }

  /** False when more text is needed. */
  #step(found: JsonElements): boolean {
    const character = this.#text[this.#at] as string;
    switch (this.#expected) {
      case "way":
        return this.#enter(character);
      case "entry":
      case "nextEntry":
        return this.#beginEntry(character);
      case "colon":
        this.#take(character, ":", "value");
        return true;
      case "value":
        return this.#isArrived ? this.#takeElement(found) : this.#passValue();
      case "separator":
        return this.#separate(character);
      case "end":
        throw this.#unexpected(character);
      case "nothing":
        return false;
    }
  }

  #enter(character: string): boolean {
    if (character !== "[" && character !== "{") {
      if (/["\-0-9tfn]/.test(character)) throw nonIterable();
      throw this.#unexpected(character);
    }
    this.#isArrived = this.#path.length === 0;
    this.#isObject = character === "{";
    if (this.#isArrived && this.#isObject && !this.#takesObjects) throw nonIterable();
    this.#entries = 0;
    this.#at++;
    this.#expected = "entry";
    return true;
  }

  #beginEntry(character: string): boolean {
    if (character === (this.#isObject ? "}" : "]")) {
      if (this.#expected === "nextEntry") throw this.#unexpected(character);
      return this.#close();
    }
    if (this.#isObject) return this.#takeKey(character);
    this.#key = String(this.#entries);
    this.#entries++;
    this.#expected = "value";
    return true;
  }

  #takeKey(character: string): boolean {
    if (character !== '"') throw this.#unexpected(character);
    const text = this.#takeValue();
    if (text === undefined) return false;
    this.#entries++;
    this.#key = this.#parse(text) as string;
    this.#expected = "colon";
    return true;
  }

  #takeElement(found: JsonElements): boolean {
    const text = this.#takeValue();
    if (text === undefined) return false;
    this.#expected = "separator";
    if (this.#toSkip > 0) this.#toSkip--;
    else if (!this.#isObject) found.values.push(this.#parse(text));
    else {
      found.keys.push(this.#key);
      found.values.push({ Key: this.#key, Value: this.#parse(text) });
    }
    return true;
  }

  /** A value beside the pointer's way is not held. */
  #passValue(): boolean {
    if (this.#isOnTheWay()) {
      this.#expected = "way";
      return true;
    }
    const end = this.#scan.end(this.#text, this.#at);
    this.#at = end < 0 ? this.#text.length : end;
    if (end >= 0) this.#expected = "separator";
    return end >= 0;
  }

  #separate(character: string): boolean {
    if (character !== (this.#isObject ? "}" : "]")) this.#take(character, ",", "nextEntry");
    else return this.#close();
    return true;
  }

  #close(): boolean {
    if (!this.#isArrived) throw nonIterable();
    this.#at++;
    this.#expected = this.#isWhole ? "end" : "nothing";
    return true;
  }

  /** Takes the pointer's next step when the entry that has begun is the one it names. */
  #isOnTheWay(): boolean {
    if (this.#path.length === 0 || this.#path[0] !== this.#key) return false;
    this.#path.shift();
    return true;
  }

  /** The value at hand, whole; `undefined` when its end has not come. */
  #takeValue(): string | undefined {
    const end = this.#scan.end(this.#text, this.#scannedTo);
    this.#scannedTo = end < 0 ? this.#text.length : end;
    if (end < 0) return undefined;
    const text = this.#text.slice(this.#at, end);
    if (isTooLarge(text)) throw this.#tooLarge();
    this.#at = end;
    return text;
  }

  #take(character: string, wanted: string, next: Expected): void {
    if (character !== wanted) throw this.#unexpected(character);
    this.#at++;
    this.#expected = next;
  }

  #parse(text: string): Json {
    try {
      return JSON.parse(text) as Json;
    } catch (error) {
      throw new DamagedData(`The data is not valid JSON: ${(error as Error).message}`, this.place, error);
    }
  }

  #unexpected(character: string): DamagedData {
    const shown = this.#text.slice(this.#at, this.#at + SHOWN_MAX);
    return new DamagedData(`The data is not valid JSON: Unexpected token '${character}' before "${shown}"`, this.place);
  }

  #tooLarge(): DamagedData {
    return new DamagedData("The item is larger than 8 MB", this.place);
  }
}

function decodeToken(token: string): string {
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Recorded on AWS: what is neither, and what the pointer does not find. */
function nonIterable(): Error {
  return readerFailed("Attempting to map over non-iterable node.");
}
