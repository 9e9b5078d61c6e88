import type { Json } from "../json.ts";

/** A JSON value and, once it was needed, its compact text. Passing a payload on keeps the text: it is made once. */
export interface Payload {
  readonly value: Json;
  text?: string;
}

/** The payload of `value`; `like` is reused when it holds the very same value, so that its text is not made again. */
export function payloadOf(value: Json, like?: Payload): Payload {
  return like !== undefined && like.value === value ? like : { value };
}

export function textOf(payload: Payload): string {
  payload.text ??= JSON.stringify(payload.value);
  return payload.text;
}

/** True when the text takes more than `bytesMax` bytes of UTF-8. */
export function exceedsBytes(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return false;
  return text.length > bytesMax || utf8Bytes(text) > bytesMax;
}

export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length) {
      // A surrogate pair is four bytes for two units.
      bytes += 2;
      i++;
    } else bytes += 2;
  }
  return bytes;
}
