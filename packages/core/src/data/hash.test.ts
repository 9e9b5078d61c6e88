import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashHex } from "./hash.ts";

describe("hashHex", () => {
  it.each([
    ["MD5", "md5"],
    ["SHA-1", "sha1"],
    ["SHA-256", "sha256"],
    ["SHA-384", "sha384"],
    ["SHA-512", "sha512"],
  ])("%s agrees with OpenSSL, also outside ASCII", (algorithm, openssl) => {
    for (const text of ["", "input data", "äöü €", "😀".repeat(1000)]) {
      expect(hashHex(algorithm, text)).toBe(createHash(openssl).update(text, "utf8").digest("hex"));
    }
  });

  it("knows no other algorithm", () => {
    for (const name of ["SHA1", "sha-1", "", "constructor"]) expect(hashHex(name, "x")).toBeUndefined();
  });
});
