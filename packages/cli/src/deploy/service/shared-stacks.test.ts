import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MemoryCatalogStore } from "@stepwell/engine/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SharedStacks } from "./shared-stacks.ts";
import { CODE_KIND, StoredCode } from "./stored-code.ts";

let root: string;
let records: MemoryCatalogStore;
const problems: string[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stepwell-shared-"));
  records = new MemoryCatalogStore();
  problems.length = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function node(name: string, others: readonly string[] = []): SharedStacks {
  return new SharedStacks({
    records,
    directory: join(root, name, "deployed"),
    self: name,
    others: () => new Set(others),
    onProblem: (problem, about) => void problems.push(`${about}: ${(problem as Error).message}`),
  });
}

function write(file: string, text: string | Buffer, mode?: number): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  if (mode !== undefined) chmodSync(file, mode);
}

/** As `stepwell deploy` leaves it. */
function deployed(at: string, stack: string, version: string, files: Readonly<Record<string, string | Buffer>>): void {
  const directory = join(root, at, "deployed", stack);
  for (const [path, text] of Object.entries(files)) write(join(directory, "functions", "F", version, path), text);
  const functions = { F: { handler: `functions/F/${version}/index.js#handler` } };
  write(join(directory, "service.json"), JSON.stringify({ format: 1, functions, buckets: {} }));
  write(join(directory, "stack.json"), JSON.stringify({ format: 1, stackName: stack, version }));
}

const read = (at: string, ...path: string[]): string => readFileSync(join(root, at, "deployed", ...path), "utf8");
const pieces = async (): Promise<number> => (await records.records(CODE_KIND, "", undefined, 1_000)).length;

it("what is deployed at one node comes to the others, with its code; what is destroyed at one goes everywhere", async () => {
  const [a, b] = [node("a"), node("b")];
  const big = randomBytes(1_500_000);
  deployed("a", "Shop", "v1", { "index.js": "one", "lib/big.bin": big, empty: "" });
  write(join(root, "a/deployed/Shop/functions/F/v1/bin/run"), "#!/bin/sh\necho ran\n", 0o755);
  symlinkSync("bin/run", join(root, "a/deployed/Shop/functions/F/v1/link"));
  await a.exchange();
  await b.exchange();
  expect(read("b", "Shop", "functions", "F", "v1", "index.js")).toBe("one");
  expect(readFileSync(join(root, "b/deployed/Shop/functions/F/v1/lib/big.bin")).equals(big)).toBe(true);
  expect(read("b", "Shop", "functions", "F", "v1", "empty")).toBe("");
  expect(execFileSync(join(root, "b/deployed/Shop/functions/F/v1/link"), { encoding: "utf8" })).toBe("ran\n");
  for (const file of ["service.json", "stack.json"]) expect(read("b", "Shop", file)).toBe(read("a", "Shop", file));
  expect([await a.isBehind(), await b.isBehind()]).toEqual([false, true]);
  // Its own writes are looked at once.
  await b.exchange();
  expect(await b.isBehind()).toBe(false);

  // Deployed again, at the other one: the old code goes everywhere.
  deployed("b", "Shop", "v20", { "index.js": "two" });
  expect(await b.isBehind()).toBe(true);
  await b.exchange();
  expect(await a.isBehind()).toBe(true);
  await a.exchange();
  expect(read("a", "Shop", "functions", "F", "v20", "index.js")).toBe("two");
  expect(readdirSync(join(root, "a/deployed/Shop/functions/F"))).toEqual(["v20"]);
  expect(await pieces()).toBe(2);

  // A node that comes later has it from the database, whoever is left.
  const c = node("c");
  await c.exchange();
  expect(read("c", "Shop", "functions", "F", "v20", "index.js")).toBe("two");
  rmSync(join(root, "c/deployed/Shop"), { recursive: true });
  await c.exchange();
  await a.exchange();
  expect(existsSync(join(root, "a/deployed/Shop"))).toBe(false);
  expect(await pieces()).toBe(0);
  expect(problems).toEqual([]);
});

it("a node remembers, over restarts, what it had in common with the database", async () => {
  deployed("a", "Shop", "v1", { "index.js": "one" });
  await node("a").exchange();
  const b = node("b");
  await b.exchange();
  deployed("b", "Shop", "v20", { "index.js": "two" });
  await b.exchange();
  // Old here, new there.
  await node("a").exchange();
  expect(read("a", "Shop", "functions", "F", "v20", "index.js")).toBe("two");
  // Deployed while the service was away.
  deployed("a", "Shop", "v3", { "index.js": "three" });
  await node("a").exchange();
  await b.exchange();
  expect(read("b", "Shop", "functions", "F", "v3", "index.js")).toBe("three");
  // Another database knows nothing of it: nothing is taken away for that.
  records = new MemoryCatalogStore();
  await node("a").exchange();
  expect(read("a", "Shop", "functions", "F", "v3", "index.js")).toBe("three");
  await node("d").exchange();
  expect(read("d", "Shop", "functions", "F", "v3", "index.js")).toBe("three");
});

it("a deployment knows which nodes do not have it yet", async () => {
  const [a, b] = [node("a", ["b"]), node("b", ["a"])];
  deployed("a", "Shop", "v1", { "index.js": "one" });
  await a.exchange();
  await a.sayTaken();
  expect(await a.waitingFor()).toEqual(["b"]);
  await b.exchange();
  await b.sayTaken();
  expect(await a.waitingFor()).toEqual([]);
  await b.leave();
  expect(await a.waitingFor()).toEqual(["b"]);
  // One that was killed said nothing when it went.
  await b.sayTaken();
  deployed("a", "Shop", "v20", { "index.js": "two" });
  await node("a").exchange();
  expect(await records.record("deployed-seen", "b")).toBeUndefined();
});

it("a stack that cannot be exchanged does not keep the others", async () => {
  const [a, b] = [node("a"), node("b")];
  deployed("a", "Bad", "v1", { "index.js": "one" });
  deployed("a", "Good", "v1", { "index.js": "good" });
  await a.exchange();
  // What anybody could write into the database.
  const bad = await records.record("deployed-stack", "Bad");
  const hash = Object.values(bad?.value["code"] as Record<string, string>)[0] ?? "";
  await records.commitRecord("deployed-stack", "Bad", bad?.etag, {
    kind: "deployed-stack",
    key: "Bad",
    etag: "x",
    value: { service: "{}", code: { "functions/../../outside": hash } },
  });
  await b.exchange();
  expect(problems).toEqual(["deployed stack Bad: functions/../../outside: is no folder of code"]);
  expect(read("b", "Good", "functions", "F", "v1", "index.js")).toBe("good");
  expect(existsSync(join(root, "b/outside"))).toBe(false);
});

it.each([
  ["a file outside", [{ path: "../out.js", bytes: 1 }], /must lie inside/],
  ["a link that leads out", [{ path: "link", link: "../../.." }], /symbolic link must stay inside/],
  [
    "a file through a link",
    [
      { path: "link", link: "." },
      { path: "link/x", bytes: 1 },
    ],
    undefined,
  ],
  ["less than it says", [{ path: "a.js", bytes: 5 }], /cut in the middle/],
  ["too much", [{ path: "a.js", bytes: 300 * 1024 * 1024 }], /at most/],
])("code that holds %s is refused", async (_, entries, message) => {
  const { gzipSync } = await import("node:zlib");
  const { createHash } = await import("node:crypto");
  const archive = Buffer.from(
    entries.map((entry) => `${JSON.stringify(entry)}\n${"bytes" in entry ? "x" : ""}`).join(""),
  );
  const hash = createHash("sha256").update(archive).digest("hex");
  const put = (key: string, value: Record<string, string>): Promise<boolean> =>
    records.commitRecord(CODE_KIND, key, undefined, { kind: CODE_KIND, key, etag: "e", value });
  await put(`${hash}/whole`, { sending: "s" });
  await put(`${hash}/s/000000`, { data: gzipSync(archive).toString("base64") });
  const place = join(root, "deep", "place");
  mkdirSync(place, { recursive: true });
  const unpacking = new StoredCode(records).unpack(hash, place);
  await (message === undefined ? expect(unpacking).rejects.toThrow() : expect(unpacking).rejects.toThrow(message));
  expect(readdirSync(root)).toEqual(["deep"]);
});
