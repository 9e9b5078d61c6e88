import type { ObjectContent, ObjectStore } from "@stepwell/engine";
import { ObjectStoreError } from "@stepwell/engine";
import { expect, test, vi } from "vitest";
import { openObject } from "./open-object.ts";

vi.mock("node:timers/promises", () => ({ setTimeout: async () => {} }));

const CONTENT = Buffer.from(Array.from({ length: 1000 }, (_, index) => `line ${index}\n`).join(""));

/** A store of one object whose connections break after so many bytes each. */
function breaking(bytesEach: readonly number[]): { store: ObjectStore; ranges: (number | undefined)[] } {
  const ranges: (number | undefined)[] = [];
  const store = {
    get: async (_, options): Promise<ObjectContent> => {
      const start = options?.range?.start ?? 0;
      const bytes = bytesEach[ranges.length] ?? CONTENT.length;
      ranges.push(options?.range?.start);
      async function* body(): AsyncGenerator<Uint8Array> {
        const end = Math.min(start + bytes, CONTENT.length);
        for (let at = start; at < end; at += 100) yield CONTENT.subarray(at, Math.min(at + 100, end));
        if (end < CONTENT.length) throw new ObjectStoreError("Unavailable", "aborted", { bucket: "b", key: "k" });
      }
      return { bytes: CONTENT.length, etag: "e", lastModifiedMs: 0, body: body() };
    },
  } satisfies Partial<ObjectStore>;
  return { store: store as unknown as ObjectStore, ranges };
}

async function read(store: ObjectStore): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await openObject({ store, ref: { bucket: "b", key: "k" } })).chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("a broken connection is taken up at the same byte", async () => {
  const { store, ranges } = breaking([250, 0, 1000]);
  expect((await read(store)).equals(CONTENT)).toBe(true);
  expect(ranges).toEqual([undefined, 250, 250, 1250]);
});

test("a store that gives nothing any more is given up", async () => {
  const { store, ranges } = breaking(Array.from({ length: 20 }, () => 0));
  await expect(read(store)).rejects.toMatchObject({ code: "Unavailable" });
  expect(ranges).toHaveLength(5);
});
