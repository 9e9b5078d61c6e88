/** Java's `String.trim`: takes away control characters and blanks at both ends, but no other white space. */
export function javaTrim(text: string): string {
  return trimOf(
    text,
    (unit) => unit <= 0x20,
    (unit) => unit <= 0x20,
  );
}

/** The text without the code units at its start and end that the two tests name. Time is linear in the text. */
export function trimOf(text: string, atStart: (unit: number) => boolean, atEnd: (unit: number) => boolean): string {
  let start = 0;
  let end = text.length;
  while (start < end && atStart(text.charCodeAt(start))) start++;
  while (end > start && atEnd(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}
