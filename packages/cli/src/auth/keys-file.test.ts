import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { ConfigError } from "../config/config-error.ts";
import { openKeyRing } from "./key-ring.ts";
import { addKey, listKeys, readKeys, removeKey } from "./keys-file.ts";

const directory = mkdtempSync(join(tmpdir(), "stepwell-keys-"));
afterAll(() => rmSync(directory, { recursive: true }));

const ALLOW = [{ actions: ["states:*"], resources: ["*"] }];
const ACCOUNT = "123456789012";
let count = 0;
let path: string;

beforeEach(() => {
  count += 1;
  path = join(directory, `keys-${count}.yaml`);
});

async function problem(text: string): Promise<string> {
  writeFileSync(path, text, { mode: 0o600 });
  const error = await readKeys(path, ACCOUNT).then(
    () => new Error("The file must be refused"),
    (refusal: Error) => refusal,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return error.message.replaceAll(`${directory}/`, "");
}

describe("a file of keys", () => {
  test("holds secrets sealed, for its owner alone, and gives them back", async () => {
    const { accessKeyId, secretAccessKey } = await addKey(path, "deploy", ALLOW);
    expect(accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(secretAccessKey).toHaveLength(40);
    expect(readFileSync(path, "utf8")).not.toContain(secretAccessKey);
    for (const file of [path, `${path}.master`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    const { keys } = await readKeys(path, ACCOUNT);
    const principalArn = "arn:aws:iam::123456789012:user/deploy";
    expect(keys.get(accessKeyId)).toEqual({ accessKeyId, secretAccessKey, principalArn, allow: ALLOW });
  });

  test("keeps what else is in it when keys are added and removed", async () => {
    writeFileSync(path, "# Who may do what\nkeys: []\n", { mode: 0o600 });
    const first = await addKey(path, "one", ALLOW);
    const second = await addKey(path, "two", [{ actions: ["states:List*"], resources: ["*"] }]);
    expect((await listKeys(path)).map(({ name }) => name)).toEqual(["one", "two"]);
    expect(await removeKey(path, first.accessKeyId)).toBe(true);
    expect(await removeKey(path, first.accessKeyId)).toBe(false);
    expect([...(await readKeys(path, ACCOUNT)).keys.keys()]).toEqual([second.accessKeyId]);
    expect(readFileSync(path, "utf8")).toMatch(/^# Who may do what\n/);
  });

  test("may hold secrets as they are", async () => {
    const text = "keys:\n  - { accessKeyId: AKIAAAAAAAAAAAAAAAAA, name: a, secretAccessKey: plain, allow: [] }\n";
    writeFileSync(path, text, { mode: 0o600 });
    expect((await readKeys(path, ACCOUNT)).keys.get("AKIAAAAAAAAAAAAAAAAA")?.secretAccessKey).toBe("plain");
  });

  test("is refused when others may read it or its master key", async () => {
    await addKey(path, "deploy", ALLOW);
    chmodSync(`${path}.master`, 0o640);
    await expect(readKeys(path, ACCOUNT)).rejects.toThrow(/\.master: .*its mode is 0640; chmod 600/);
    chmodSync(path, 0o644);
    await expect(readKeys(path, ACCOUNT)).rejects.toThrow(/\.yaml: .*its mode is 0644/);
  });

  test("is refused with a sealed secret of another key, or another master key", async () => {
    const { accessKeyId } = await addKey(path, "deploy", ALLOW);
    const text = readFileSync(path, "utf8");
    expect(await problem(text.replace(accessKeyId, "AKIABBBBBBBBBBBBBBBB"))).toContain("for another key id");
    writeFileSync(`${path}.master`, Buffer.alloc(32).toString("base64"), { mode: 0o600 });
    expect(await problem(text)).toContain("sealed with another master key");
    writeFileSync(`${path}.master`, "short", { mode: 0o600 });
    expect(await problem(text)).toContain("must be 32 bytes in base64");
  });

  test.each([
    [
      "keys: [{ accessKeyId: short, name: a, secretAccessKey: s, allow: [] }]",
      "/keys/0/accessKeyId: must match pattern",
    ],
    ["keys: [{ accessKeyId: AKIAAAAAAAAAAAAAAAAA, name: a, allow: [] }]", "exactly one of secret and secretAccessKey"],
    ["keys: []\nusers: []", "must NOT have additional properties: users"],
    ["[]", "must be object"],
    [
      "keys:\n  - &k { accessKeyId: AKIAAAAAAAAAAAAAAAAA, name: a, secretAccessKey: secr3t, allow: [] }\n  - *k",
      "is there twice",
    ],
  ])("says what is wrong with %s", async (text, expected) => {
    const message = await problem(text);
    expect(message).toContain(expected);
    expect(message).not.toContain("secr3t");
  });
});

describe("a key ring", () => {
  test("follows its file, and keeps its keys while the file cannot be used", async () => {
    let time = 0;
    const problems: string[] = [];
    const first = await addKey(path, "one", ALLOW);
    const onProblem = (error: unknown, about: string): void => void problems.push(`${about}: ${error}`);
    const ring = await openKeyRing({ path, account: ACCOUNT, onProblem, now: () => time });
    const second = await addKey(path, "two", ALLOW);
    await removeKey(path, first.accessKeyId);
    expect(await ring.find(second.accessKeyId)).toBeUndefined();
    time += 1_000;
    expect((await ring.find(second.accessKeyId))?.secretAccessKey).toBe(second.secretAccessKey);
    expect(await ring.find(first.accessKeyId)).toBeUndefined();
    writeFileSync(path, "keys: nonsense\n");
    utimesSync(path, 1, 1);
    for (let look = 0; look < 3; look++) {
      time += 1_000;
      expect(await ring.find(second.accessKeyId)).toBeDefined();
    }
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("the keys read before stay in force");
  });
});
