import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

const ALGORITHMS: ReadonlyMap<string, (data: Uint8Array) => Uint8Array> = new Map([
  ["MD5", md5],
  ["SHA-1", sha1],
  ["SHA-256", sha256],
  ["SHA-384", sha384],
  ["SHA-512", sha512],
]);

/**
 * The hash of the text's UTF-8 bytes in lower-case hexadecimal; undefined for an algorithm that is not one of
 * MD5, SHA-1, SHA-256, SHA-384, SHA-512 (written exactly so). AWS, "Intrinsic functions", States.Hash.
 */
export function hashHex(algorithm: string, text: string): string | undefined {
  const hash = ALGORITHMS.get(algorithm);
  return hash === undefined ? undefined : bytesToHex(hash(utf8ToBytes(text)));
}
