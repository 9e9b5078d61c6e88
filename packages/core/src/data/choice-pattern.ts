/**
 * Patterns of StringMatches: `*` stands for any number of any characters, `\*` and `\\` for a star and a backslash. Takes
 * time in proportion to the text, whatever the pattern: the first and the last piece are fixed to the ends, and those
 * between may be taken leftmost one after the other.
 */

/** Below this length a plain search is quick even at its worst. */
const SHORT_PIECE = 16;

/** The test of a pattern; it is true for texts that match as a whole. */
export function compilePattern(pattern: string): (text: string) => boolean {
  const pieces = splitPattern(pattern);
  const first = pieces[0]!;
  if (pieces.length === 1) return (text) => text === first;
  const last = pieces.at(-1)!;
  const searches = pieces.slice(1, -1).map((piece) => ({ search: compileSearch(piece), length: piece.length }));
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const { search, length } of searches) {
      const found = search(text, at);
      if (found < 0) return false;
      at = found + length;
      if (at > end) return false;
    }
    return true;
  };
}

/** The texts between the stars. */
function splitPattern(pattern: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    const next = pattern[at + 1];
    if (character === "\\" && (next === "*" || next === "\\")) {
      piece += next;
      at++;
    } else if (character === "*") {
      pieces.push(piece);
      piece = "";
    } else piece += character;
  }
  pieces.push(piece);
  return pieces;
}

function compileSearch(piece: string): (text: string, from: number) => number {
  if (piece.length < SHORT_PIECE) return (text, from) => text.indexOf(piece, from);
  const borders = longestBorders(piece);
  return (text, from) => {
    let matched = 0;
    for (let at = from; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      while (matched > 0 && piece.charCodeAt(matched) !== unit) matched = borders[matched - 1]!;
      if (piece.charCodeAt(matched) === unit) matched++;
      if (matched === piece.length) return at - matched + 1;
    }
    return -1;
  };
}

/** For each start of the piece the length of its longest proper start that is also its end (Knuth, Morris, Pratt). */
function longestBorders(piece: string): Int32Array {
  const borders = new Int32Array(piece.length);
  let length = 0;
  for (let at = 1; at < piece.length; at++) {
    while (length > 0 && piece[at] !== piece[length]) length = borders[length - 1]!;
    if (piece[at] === piece[length]) length++;
    borders[at] = length;
  }
  return borders;
}
