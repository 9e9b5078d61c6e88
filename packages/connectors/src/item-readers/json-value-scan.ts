const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
/** Each bracket is its brace without the bit 0x20. */
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Finds where a JSON value ends in text that may come in pieces. It follows quotes and brackets, and checks no more. */
export class JsonValueScan {
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #hasBegun = false;

  /** The place behind the value, which begins at `from` or goes on there; -1 when all was seen and it has not ended. */
  end(text: string, from: number): number {
    let at = from;
    while (at < text.length) {
      if (this.#inString) {
        at = this.#stringEnd(text, at);
        if (at < 0) return -1;
        if (this.#depth === 0) return this.#ended(at);
      }
      at = this.#nextMark(text, at);
      if (at === text.length) return -1;
      const code = text.charCodeAt(at);
      if (code === QUOTE) this.#inString = true;
      else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#depth++;
      // What is at depth 0 ends a number or word, and is not part of it.
      else if (this.#depth === 0) return this.#ended(at);
      else if (code !== COMMA && --this.#depth === 0) return this.#ended(at + 1);
      this.#hasBegun = true;
      at++;
    }
    return -1;
  }

  /** The place behind the quote that ends the string; -1 when it has not come. */
  #stringEnd(text: string, from: number): number {
    let at = this.#isEscaped ? from + 1 : from;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#inString = false;
        this.#isEscaped = false;
        return at + 1;
      }
      if (code === BACKSLASH) at++;
    }
    // A backslash at the very end escapes what comes next.
    this.#isEscaped = at > text.length;
    return -1;
  }

  /** The next character that structures; at depth 0 also a blank behind the value's beginning. */
  #nextMark(text: string, from: number): number {
    const isBare = this.#depth === 0;
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE || code === COMMA || (code | 0x20) === OPEN_BRACE || (code | 0x20) === CLOSE_BRACE) return at;
      if (!isBare) continue;
      if (!isBlank(code)) this.#hasBegun = true;
      else if (this.#hasBegun) return at;
    }
    return text.length;
  }

  #ended(at: number): number {
    this.#hasBegun = false;
    return at;
  }
}

export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
