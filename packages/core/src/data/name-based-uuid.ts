import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** A version 3 UUID of a text, as Java's `UUID.nameUUIDFromBytes` makes it: MD5 of the bytes, no name space. */
export function nameBasedUuid(name: string): string {
  const bytes = md5(utf8ToBytes(name));
  bytes[6] = (bytes[6]! & 0x0f) | 0x30;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytesToHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
