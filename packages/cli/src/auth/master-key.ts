import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { ConfigError } from "../config/config-error.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";
import { MASTER_KEY_BYTES } from "./sealed-secret.ts";

const VARIABLE = "STEPWELL_MASTER_KEY";

/**
 * What seals the secrets of a file of keys: 32 bytes in base64, from STEPWELL_MASTER_KEY or from the file beside it,
 * `<keys file>.master`. Throws ConfigError when there is none, or it is no such key.
 */
export async function readMasterKey(keysFile: string): Promise<Buffer> {
  const given = process.env[VARIABLE];
  if (given) return parse(VARIABLE, given);
  const path = masterKeyFile(keysFile);
  return parse(path, (await readPrivateFile(path)).text);
}

/** The same; makes the file when there is none. */
export async function makeMasterKey(keysFile: string): Promise<Buffer> {
  const path = masterKeyFile(keysFile);
  if (!process.env[VARIABLE] && !existsSync(path)) {
    await writePrivateFile(path, `${randomBytes(MASTER_KEY_BYTES).toString("base64")}\n`);
  }
  return readMasterKey(keysFile);
}

function masterKeyFile(keysFile: string): string {
  return `${keysFile}.master`;
}

function parse(place: string, text: string): Buffer {
  const key = Buffer.from(text.trim(), "base64");
  if (key.length === MASTER_KEY_BYTES) return key;
  throw new ConfigError([{ place, pointer: "", message: `must be ${MASTER_KEY_BYTES} bytes in base64` }]);
}
