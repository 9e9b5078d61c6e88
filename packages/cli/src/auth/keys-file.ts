/**
 * `keys.yaml`: who may sign requests, and what each may do.
 *
 *     keys:
 *       - accessKeyId: AKIAEXAMPLEEXAMPLE12
 *         name: deploy
 *         secret: sealed:v1:…            # or secretAccessKey: …, as it is
 *         allow:
 *           - actions: ["states:StartExecution", "states:Describe*"]
 *             resources: ["arn:aws:states:*:*:stateMachine:orders*"]
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import type { AccessKey, AllowRule } from "@stepwell/server";
import { Ajv } from "ajv";
import { isMap, isSeq, parseDocument, type YAMLSeq } from "yaml";
import { parseConfigDocument } from "../config/config-document.ts";
import { ConfigError, type ConfigFinding } from "../config/config-error.ts";
import { makeMasterKey, readMasterKey } from "./master-key.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";
import { seal, unseal } from "./sealed-secret.ts";

/** A key as the file has it. */
export interface StoredKey {
  readonly accessKeyId: string;
  /** Names the caller in refusals: `arn:aws:iam::<account>:user/<name>`. */
  readonly name: string;
  readonly secret?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly allow: readonly AllowRule[];
}

interface KeysFile {
  readonly keys: readonly StoredKey[];
}

const KEYS_MAX = 10_000;
const NAME = "^[A-Za-z0-9+=,.@_-]{1,64}$";

const text = { type: "string", minLength: 1, maxLength: 4096 } as const;
const texts = { type: "array", minItems: 1, maxItems: 1000, items: text } as const;

const validate = new Ajv({ allErrors: true }).compile<KeysFile>({
  type: "object",
  additionalProperties: false,
  required: ["keys"],
  properties: {
    keys: {
      type: "array",
      maxItems: KEYS_MAX,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["accessKeyId", "name", "allow"],
        properties: {
          accessKeyId: { type: "string", pattern: "^[A-Z0-9]{16,128}$" },
          name: { type: "string", pattern: NAME },
          secret: text,
          secretAccessKey: text,
          sessionToken: text,
          allow: {
            type: "array",
            maxItems: 1000,
            items: {
              type: "object",
              additionalProperties: false,
              required: ["actions", "resources"],
              properties: { actions: texts, resources: texts },
            },
          },
        },
      },
    },
  },
});

/** The keys of a file. Throws ConfigError with everything that is wrong with it; no message holds a secret. */
function parseKeys(path: string, content: string): readonly StoredKey[] {
  const document = parseConfigDocument(path, content);
  const value = document.value;
  if (!validate(value)) {
    const findings = (validate.errors ?? []).map(({ instancePath: pointer, message = "is wrong", params }) => {
      const extra = "additionalProperty" in params ? `: ${params["additionalProperty"]}` : "";
      return { place: document.placeOf(pointer), pointer, message: `${message}${extra}` };
    });
    throw new ConfigError(findings);
  }
  const findings = value.keys.flatMap((key, index): ConfigFinding[] => {
    const pointer = `/keys/${index}`;
    const place = document.placeOf(pointer);
    const isDouble = value.keys.findIndex(({ accessKeyId }) => accessKeyId === key.accessKeyId) < index;
    return [
      ...(isDouble ? [{ place, pointer, message: `the accessKeyId ${key.accessKeyId} is there twice` }] : []),
      ...((key.secret === undefined) === (key.secretAccessKey === undefined)
        ? [{ place, pointer, message: "must have exactly one of secret and secretAccessKey" }]
        : []),
    ];
  });
  if (findings.length > 0) throw new ConfigError(findings);
  return value.keys;
}

/** Reads a file of keys with their secrets, by access key id. Throws ConfigError. */
export async function readKeys(
  path: string,
  account: string,
): Promise<{ readonly keys: ReadonlyMap<string, AccessKey>; readonly stamp: string }> {
  const { text: content, stamp } = await readPrivateFile(path);
  const stored = parseKeys(path, content);
  const masterKey = stored.some(({ secret }) => secret !== undefined) ? await readMasterKey(path) : undefined;
  const keys = new Map<string, AccessKey>();
  for (const key of stored) {
    const { accessKeyId, name, sessionToken, allow } = key;
    keys.set(accessKeyId, {
      accessKeyId,
      secretAccessKey: secretOf(path, key, masterKey),
      ...(sessionToken === undefined ? {} : { sessionToken }),
      principalArn: `arn:aws:iam::${account}:user/${name}`,
      allow,
    });
  }
  return { keys, stamp };
}

function secretOf(path: string, key: StoredKey, masterKey: Buffer | undefined): string {
  if (key.secretAccessKey !== undefined) return key.secretAccessKey;
  try {
    return unseal(key.secret ?? "", key.accessKeyId, masterKey ?? Buffer.alloc(0));
  } catch (error) {
    const message = `the secret of ${key.accessKeyId} ${(error as Error).message}`;
    throw new ConfigError([{ place: path, pointer: "", message }]);
  }
}

/** What `stepwell keys list` shows: no secrets. */
export async function listKeys(path: string): Promise<readonly StoredKey[]> {
  return parseKeys(path, (await readPrivateFile(path)).text);
}

export interface NewKey {
  readonly accessKeyId: string;
  /** Shown once; the file has it sealed. */
  readonly secretAccessKey: string;
}

/** Adds a key to the file, which is made when it is not there. What else is in it, comments too, stays. */
export async function addKey(path: string, name: string, allow: readonly AllowRule[]): Promise<NewKey> {
  const content = existsSync(path) ? (await readPrivateFile(path)).text : "keys: []\n";
  parseKeys(path, content);
  const accessKeyId = `AKIA${base32(16)}`;
  const secretAccessKey = randomBytes(30).toString("base64");
  const secret = seal(secretAccessKey, accessKeyId, await makeMasterKey(path));
  const document = parseDocument(content);
  const keys = document.get("keys") as YAMLSeq;
  keys.flow = false;
  keys.add(document.createNode({ accessKeyId, name, secret, allow }));
  const changed = document.toString({ lineWidth: 0 });
  parseKeys(path, changed);
  await writePrivateFile(path, changed);
  return { accessKeyId, secretAccessKey };
}

/** False when there is no such key. */
export async function removeKey(path: string, accessKeyId: string): Promise<boolean> {
  const content = (await readPrivateFile(path)).text;
  const index = parseKeys(path, content).findIndex((key) => key.accessKeyId === accessKeyId);
  if (index < 0) return false;
  const document = parseDocument(content);
  const keys = document.get("keys");
  if (isSeq(keys) && isMap(keys.items[index])) keys.delete(index);
  await writePrivateFile(path, document.toString({ lineWidth: 0 }));
  return true;
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function base32(length: number): string {
  return [...randomBytes(length)].map((byte) => BASE32[byte % BASE32.length]).join("");
}
