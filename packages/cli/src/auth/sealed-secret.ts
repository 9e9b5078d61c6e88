/**
 * Secrets of keys at rest. Signature Version 4 is made with the secret itself, so the server must be able to read it: a
 * hash would not do. It is sealed with AES-256-GCM under a master key that is kept apart from the file of keys, so that the
 * file alone (a backup, a commit by mistake) tells nothing. Whoever reads both reads the secrets.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const PREFIX = "sealed:v1:";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const MASTER_KEY_BYTES = 32;

/** Bound to its access key id: a secret cannot be moved to another key. */
export function seal(secret: string, accessKeyId: string, masterKey: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, masterKey, nonce).setAAD(Buffer.from(accessKeyId));
  const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
}

/** Throws when the text was not sealed for this key id with this master key. */
export function unseal(text: string, accessKeyId: string, masterKey: Buffer): string {
  const bytes = Buffer.from(text.startsWith(PREFIX) ? text.slice(PREFIX.length) : "", "base64");
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) throw new Error(`must begin with ${PREFIX} and hold a sealed secret`);
  const decipher = createDecipheriv(ALGORITHM, masterKey, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(accessKeyId)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const opened = [decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
    return Buffer.concat(opened).toString("utf8");
  } catch (error) {
    throw new Error("was sealed with another master key, for another key id, or was changed", { cause: error });
  }
}
