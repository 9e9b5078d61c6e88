import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ListRequest, ObjectStore } from "@stepwell/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createObjectStore } from "./create-object-store.ts";
import { onEachStore } from "./store-fixture.test-support.ts";

async function textOf(store: ObjectStore, bucket: string, key: string): Promise<string> {
  return (await bytesOf(store, bucket, key)).toString();
}

async function bytesOf(
  store: ObjectStore,
  bucket: string,
  key: string,
  options?: Parameters<ObjectStore["get"]>[1],
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await store.get({ bucket, key }, options)).body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function keysOf(store: ObjectStore, request: ListRequest): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of store.list(request)) keys.push(...page.map(({ key }) => key));
  return keys;
}

onEachStore("an object store", (fixture) => {
  test("what is put comes back, with its size, etag and time", async () => {
    const { store, bucket } = fixture();
    await store.put({ bucket, key: "put/a.txt" }, "hällo", "text/plain");
    const content = await store.get({ bucket, key: "put/a.txt" });
    expect(content.bytes).toBe(6);
    expect(content.etag).toMatch(/^[0-9a-f-]+$/);
    expect(Math.abs(content.lastModifiedMs - Date.now())).toBeLessThan(60_000);
    expect(await textOf(store, bucket, "put/a.txt")).toBe("hällo");
    const { body: _, ...head } = content;
    expect(await store.head({ bucket, key: "put/a.txt" })).toEqual(head);
  });

  test("a write replaces, and changes the etag", async () => {
    const { store, bucket } = fixture();
    await store.put({ bucket, key: "replaced" }, "one");
    const before = await store.head({ bucket, key: "replaced" });
    await store.put({ bucket, key: "replaced" }, "two, longer");
    expect(await textOf(store, bucket, "replaced")).toBe("two, longer");
    expect((await store.head({ bucket, key: "replaced" })).etag).not.toBe(before.etag);
    const refused = store.get({ bucket, key: "replaced" }, { ifMatch: before.etag });
    await expect(refused).rejects.toMatchObject({ code: "PreconditionFailed", statusCode: 412 });
  });

  test("a range is read alone", async () => {
    const { store, bucket } = fixture();
    await store.put({ bucket, key: "range" }, "0123456789");
    const { bytes } = await store.get({ bucket, key: "range" }, { range: { start: 2, end: 5 } });
    expect(bytes).toBe(10);
    expect((await bytesOf(store, bucket, "range", { range: { start: 2, end: 5 } })).toString()).toBe("234");
    expect((await bytesOf(store, bucket, "range", { range: { start: 8, end: 50 } })).toString()).toBe("89");
    await expect(bytesOf(store, bucket, "range", { range: { start: 10, end: 12 } })).rejects.toMatchObject({
      code: "InvalidRange",
    });
  });

  test("an upload of many chunks is seen when it is committed, not before", async () => {
    const { store, bucket } = fixture();
    const chunks = Array.from({ length: 5 }, () => randomBytes(4_500_000));
    const upload = await store.upload({ bucket, key: "upload/large" }, "application/octet-stream");
    for (const chunk of chunks) await upload.write(chunk);
    expect(await keysOf(store, { bucket, prefix: "upload/" })).toEqual([]);
    await upload.commit();
    await upload.abort();
    expect(await keysOf(store, { bucket, prefix: "upload/" })).toEqual(["upload/large"]);
    expect((await bytesOf(store, bucket, "upload/large")).equals(Buffer.concat(chunks))).toBe(true);
  });

  test("an aborted upload leaves nothing, an empty one an empty object", async () => {
    const { store, bucket } = fixture();
    const given = await store.upload({ bucket, key: "aborted/x" });
    await given.write(randomBytes(9_000_000));
    await given.abort();
    await (await store.upload({ bucket, key: "aborted/empty" })).commit();
    expect(await keysOf(store, { bucket, prefix: "aborted/" })).toEqual(["aborted/empty"]);
    expect(await textOf(store, bucket, "aborted/empty")).toBe("");
  });

  test("uploads that nobody finished can be thrown away", async () => {
    const { store, bucket } = fixture();
    const lost = await store.upload({ bucket, key: "lost/run/SUCCEEDED_0.json" });
    await lost.write(randomBytes(9_000_000));
    const below = await store.upload({ bucket, key: "lost/run/below/x" });
    await below.write(randomBytes(9_000_000));
    await store.discardUploads(bucket, "lost/run/");
    await store.discardUploads(bucket, "never/written/");
    await expect(lost.commit()).rejects.toMatchObject({ name: "ObjectStoreError" });
    await lost.abort();
    expect(await keysOf(store, { bucket, prefix: "lost/" })).toEqual([]);
    // Folders below have uploads of their own.
    await below.commit();
    expect(await keysOf(store, { bucket, prefix: "lost/" })).toEqual(["lost/run/below/x"]);
  });

  test("objects are listed in the order of their keys' bytes, in pages", async () => {
    const { store, bucket } = fixture();
    const keys = ["a", "a-b", "a/b", "a/b/c.csv", "a.", "ab", "b/", "z", "ä", "\u{1F600}", "\uFF5E"].map(
      (key) => `order/${key}`,
    );
    const fitting = keys.filter((key) => key !== "order/a" && key !== "order/a/b");
    for (const key of fitting) await store.put({ bucket, key }, key);
    const sorted = [...fitting].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    expect(await keysOf(store, { bucket, prefix: "order/" })).toEqual(sorted);
    const pages: number[] = [];
    for await (const page of store.list({ bucket, prefix: "order/", pageSize: 4 })) pages.push(page.length);
    expect(pages).toEqual([4, 4, 1]);
    for (const [index, after] of sorted.entries()) {
      expect(await keysOf(store, { bucket, prefix: "order/", after })).toEqual(sorted.slice(index + 1));
    }
    expect(await keysOf(store, { bucket, prefix: "order/a/" })).toEqual(["order/a/b/c.csv"]);
    expect(await keysOf(store, { bucket, prefix: "nothing/" })).toEqual([]);
  });

  test("a listed object has size, etag, time and class", async () => {
    const { store, bucket } = fixture();
    await store.put({ bucket, key: "listed/one" }, "four");
    const head = await store.head({ bucket, key: "listed/one" });
    for await (const [object] of store.list({ bucket, prefix: "listed/" })) {
      expect(object).toMatchObject({ key: "listed/one", bytes: 4, etag: head.etag, storageClass: "STANDARD" });
      expect(Math.trunc((object?.lastModifiedMs ?? 0) / 1000)).toBe(Math.trunc(head.lastModifiedMs / 1000));
    }
  });

  test("keys may have odd characters", async () => {
    const { store, bucket, directory } = fixture();
    const odd = ["with blank", "plus+and%25percent", "quote'\"<&>", "tab\tinside", "a//b", "folder/", "#?;:@=$,"];
    // Clients of S3 and moto's routes make something else of these.
    if (directory !== undefined) odd.push("..", ".", "line\nend");
    for (const key of odd) await store.put({ bucket, key: `odd/${key}` }, key);
    for (const key of odd) expect(await textOf(store, bucket, `odd/${key}`)).toBe(key);
    const expected = odd.map((key) => `odd/${key}`).sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    expect(await keysOf(store, { bucket, prefix: "odd/" })).toEqual(expected);
  });

  test("what is not there is told in S3's words", async () => {
    const { store, bucket } = fixture();
    await expect(store.get({ bucket, key: "no/such" })).rejects.toMatchObject({
      code: "NoSuchKey",
      statusCode: 404,
      message: "The specified key does not exist.",
    });
    await expect(store.head({ bucket, key: "no/such" })).rejects.toMatchObject({ code: "NoSuchKey" });
    await store.delete({ bucket, key: "no/such" });
    if (fixture().directory === undefined) {
      await expect(keysOf(store, { bucket: "no-such-bucket" })).rejects.toMatchObject({ code: "NoSuchBucket" });
      await expect(store.checkWritable({ bucket: "no-such-bucket", key: "x" })).rejects.toMatchObject({
        code: "NoSuchBucket",
      });
    }
  });

  test("a deleted object is gone, and a check to write leaves nothing", async () => {
    const { store, bucket } = fixture();
    await store.put({ bucket, key: "gone" }, "x");
    await store.delete({ bucket, key: "gone" });
    await store.checkWritable({ bucket, key: "gone" });
    await expect(store.head({ bucket, key: "gone" })).rejects.toMatchObject({ code: "NoSuchKey" });
    expect(await keysOf(store, { bucket, prefix: "gone" })).toEqual([]);
  });

  test("objects that are read slowly keep nobody from reading others", async () => {
    const { store, bucket } = fixture();
    const text = "x".repeat(200_000);
    await store.put({ bucket, key: "slow" }, text);
    const READERS = 60;
    const open = await Promise.all(Array.from({ length: READERS }, () => store.get({ bucket, key: "slow" })));
    let bytes = 0;
    for (const { body } of open) for await (const chunk of body) bytes += chunk.byteLength;
    expect(bytes).toBe(READERS * text.length);
  });

  test("reading ends when it is told to", async () => {
    const { store, bucket } = fixture();
    await store.put({ bucket, key: "long" }, randomBytes(3_000_000));
    const controller = new AbortController();
    const { body } = await store.get({ bucket, key: "long" }, { signal: controller.signal });
    const read = async (): Promise<void> => {
      for await (const _ of body) controller.abort();
    };
    await expect(read()).rejects.toMatchObject({ name: "AbortError" });
    for await (const _ of (await store.get({ bucket, key: "long" })).body) break;
  });
});

test("a local bucket is the account's: another expected owner is refused", async () => {
  const directory = await mkdtemp(join(tmpdir(), "stepwell-owned-"));
  const store = createObjectStore({ buckets: { b: directory }, accountId: "123456789012", env: {} });
  await store.put({ bucket: "b", key: "k" }, "x");
  const expectedBucketOwner = "999999999999";
  const denied = { code: "AccessDenied", statusCode: 403 };
  await expect(store.get({ bucket: "b", key: "k", expectedBucketOwner })).rejects.toMatchObject(denied);
  await expect(store.head({ bucket: "b", key: "k", expectedBucketOwner })).rejects.toMatchObject(denied);
  await expect(keysOf(store, { bucket: "b", expectedBucketOwner })).rejects.toMatchObject(denied);
  expect(await keysOf(store, { bucket: "b", expectedBucketOwner: "123456789012" })).toEqual(["k"]);
  await rm(directory, { recursive: true });
});

onEachStore("a local bucket", (fixture) => {
  test("no key reaches a file outside", async () => {
    const { store, bucket, directory } = fixture();
    if (directory === undefined) return;
    const outside = `${directory}-outside`;
    await mkdir(outside);
    await writeFile(join(outside, "secret"), "secret");
    const name = outside.split("/").at(-1);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("..", ".", "", "x", `${name}`, "secret"), { maxLength: 5 }),
        async (path) => {
          const key = [...path, "..", `${name}`, "secret"].join("/");
          await expect(store.get({ bucket, key })).rejects.toMatchObject({ code: "NoSuchKey" });
          await expect(store.get({ bucket, key: join(outside, "secret") })).rejects.toMatchObject({
            code: "NoSuchKey",
          });
        },
      ),
      { numRuns: 50 },
    );
    await symlink(outside, join(directory, "link"));
    await symlink(join(outside, "secret"), join(directory, "file-link"));
    await expect(store.get({ bucket, key: "link/secret" })).rejects.toMatchObject({ code: "AccessDenied" });
    await expect(store.get({ bucket, key: "file-link" })).rejects.toMatchObject({ code: "AccessDenied" });
    await expect(store.put({ bucket, key: "link/deep/new" }, "x")).rejects.toMatchObject({ code: "AccessDenied" });
    expect(await readdir(outside)).toEqual(["secret"]);
    expect(await keysOf(store, { bucket })).toEqual([]);
  });

  test("a link that stays inside is an object, a dangling one is not", async () => {
    const { store, bucket, directory } = fixture();
    if (directory === undefined) return;
    await store.put({ bucket, key: "links/real" }, "here");
    await symlink("real", join(directory, "links/alias"));
    await symlink("nowhere", join(directory, "links/dangling"));
    await symlink("..", join(directory, "links/circle"));
    expect(await textOf(store, bucket, "links/alias")).toBe("here");
    expect(await keysOf(store, { bucket, prefix: "links/" })).toEqual(["links/alias", "links/real"]);
  });

  test("keys that cannot be files are refused", async () => {
    const { store, bucket, directory } = fixture();
    if (directory === undefined) return;
    await store.put({ bucket, key: "file" }, "x");
    await store.put({ bucket, key: "dir/file" }, "x");
    for (const key of ["", "null\0", "file/below", "dir", ".stepwell-upload-x", "k".repeat(1025)]) {
      await expect(store.put({ bucket, key }, "x"), key).rejects.toMatchObject({
        code: "InvalidRequest",
        statusCode: 400,
      });
    }
    await expect(store.put({ bucket, key: "k".repeat(300) }, "x")).rejects.toMatchObject({ code: "KeyTooLongError" });
    await expect(store.get({ bucket, key: "dir" })).rejects.toMatchObject({ code: "NoSuchKey" });
    await expect(store.get({ bucket, key: "file/below" })).rejects.toMatchObject({ code: "NoSuchKey" });
    await expect(store.get({ bucket, key: "file", versionId: "2" })).rejects.toMatchObject({ code: "NoSuchVersion" });
  });

  test("a file that is replaced while it waits to be read is refused", async () => {
    const { store, bucket, directory } = fixture();
    if (directory === undefined) return;
    await store.put({ bucket, key: "swap" }, "one");
    const { body } = await store.get({ bucket, key: "swap" });
    await writeFile(join(directory, "other"), "two, longer");
    await rename(join(directory, "other"), join(directory, "swap"));
    const read = async (): Promise<void> => {
      for await (const _ of body) expect.unreachable();
    };
    await expect(read()).rejects.toMatchObject({ code: "PreconditionFailed" });
  });
});

test("a local directory is made by the first write, and missing before", async () => {
  const { mkdtemp, rm } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const base = await mkdtemp(join(tmpdir(), "stepwell-base-"));
  const store = createObjectStore({ buckets: { made: "out/data" }, baseDirectory: base, env: {} });
  await expect(store.get({ bucket: "made", key: "x" })).rejects.toMatchObject({ code: "NoSuchBucket" });
  await expect(keysOf(store, { bucket: "made" })).rejects.toMatchObject({ code: "NoSuchBucket" });
  await store.put({ bucket: "made", key: "x" }, "1");
  expect(await readdir(join(base, "out/data"))).toEqual(["x"]);
  await rm(base, { recursive: true });
});

test.skipIf(process.getuid?.() === 0)("files that may not be read are AccessDenied", async () => {
  const { mkdtemp, rm } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const directory = await mkdtemp(join(tmpdir(), "stepwell-denied-"));
  const store = createObjectStore({ buckets: { b: directory }, env: {} });
  await store.put({ bucket: "b", key: "x" }, "1");
  await chmod(join(directory, "x"), 0);
  await expect(textOf(store, "b", "x")).rejects.toMatchObject({ code: "AccessDenied" });
  await rm(directory, { recursive: true });
});

test("a bucket that is neither local nor reachable says so at once", async () => {
  const store = createObjectStore({ buckets: {}, env: { HOME: "/nonexistent" } });
  const refused = store.get({ bucket: "my-data", key: "x" });
  await expect(refused).rejects.toMatchObject({ code: "Unavailable" });
  await expect(refused).rejects.toThrow(/'my-data' cannot be reached: it is not among the local buckets/);
});

test("a store that nobody runs is unavailable", async () => {
  const store = createObjectStore({ env: { AWS_ENDPOINT_URL: "http://127.0.0.1:9" } });
  await expect(store.get({ bucket: "b", key: "k" })).rejects.toMatchObject({ code: "Unavailable", isTransient: true });
  await store.close();
});
