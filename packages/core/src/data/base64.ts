import { utf8ToBytes } from "@noble/hashes/utils.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 (RFC 4648, padded) of the UTF-8 bytes of a text. Core has neither Buffer nor btoa. */
export function base64Encode(text: string): string {
  const bytes = utf8ToBytes(text);
  let encoded = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] as number, bytes[i + 1], bytes[i + 2]];
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    encoded += ALPHABET[bits >> 18]! + ALPHABET[(bits >> 12) & 63]!;
    encoded += b === undefined ? "=" : ALPHABET[(bits >> 6) & 63]!;
    encoded += c === undefined ? "=" : ALPHABET[bits & 63]!;
  }
  return encoded;
}

/** The text a base64 text stands for; `undefined` when it is not base64. Bytes that are not UTF-8 become U+FFFD. */
export function base64Decode(encoded: string): string | undefined {
  const match = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(encoded);
  if (match === null) return undefined;
  const digits = match[1]!;
  if (digits.length % 4 === 1 || (match[2] !== "" && (digits.length + match[2]!.length) % 4 !== 0)) return undefined;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let length = 0;
  for (const digit of digits) {
    bits = ((bits << 6) | ALPHABET.indexOf(digit)) & 0xffffff;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      bytes[length++] = (bits >> bitCount) & 0xff;
    }
  }
  return utf8Text(bytes);
}

/** UTF-8 decoding as the Encoding Standard words it, but that each bad byte gives its own U+FFFD. */
function utf8Text(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i]!;
    const length =
      lead < 0x80
        ? 1
        : lead >= 0xc2 && lead < 0xe0
          ? 2
          : lead >= 0xe0 && lead < 0xf0
            ? 3
            : lead >= 0xf0 && lead < 0xf5
              ? 4
              : 0;
    const point = length === 0 ? undefined : codePoint(bytes, i, length);
    text += point === undefined ? "\ufffd" : String.fromCodePoint(point);
    i += point === undefined ? 1 : length;
  }
  return text;
}

function codePoint(bytes: Uint8Array, at: number, length: number): number | undefined {
  let point = length === 1 ? bytes[at]! : bytes[at]! & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i];
    if (next === undefined || (next & 0xc0) !== 0x80) return undefined;
    point = (point << 6) | (next & 0x3f);
  }
  const overlong = (length === 3 && point < 0x800) || (length === 4 && point < 0x10000);
  return overlong || point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ? undefined : point;
}
