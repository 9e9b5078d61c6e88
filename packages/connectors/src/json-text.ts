/** JSON as text: checked and made compact without changing how numbers are written or members ordered. */

export function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The same JSON without white space between tokens, escapes written the shortest way. Parsing and writing again would
 * lose `1.0`, digits of large numbers, and the order of members whose names look like numbers.
 */
export function compactJson(text: string): string {
  let compact = "";
  let index = 0;
  while (index < text.length) {
    if (text[index] === '"') {
      const end = stringEnd(text, index);
      const token = text.slice(index, end);
      compact += token.includes("\\") ? JSON.stringify(JSON.parse(token)) : token;
      index = end;
    } else {
      const next = text.indexOf('"', index);
      const end = next < 0 ? text.length : next;
      compact += text.slice(index, end).replace(/[ \t\r\n]+/g, "");
      index = end;
    }
  }
  return compact;
}

/** The index behind the quote that ends the string which begins at `start`. */
function stringEnd(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote > 0) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return text.length;
}
