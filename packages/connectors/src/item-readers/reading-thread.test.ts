import { type Json, StatesErrorSignal } from "@stepwell/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { DamagedData } from "./reader-failure.ts";
import { ReadingThread } from "./reading-thread.ts";
import { type RowFormat, RowParser } from "./row-parser.ts";
import { readRows } from "./row-reader.ts";

const CSV: RowFormat = { kind: "csv", csvHeaderLocation: "FIRST_ROW" };
const CORES = 2;
const thread = new ReadingThread(CORES);

async function untilReady(started: ReadingThread): Promise<void> {
  await vi.waitUntil(() => started.isReady, { timeout: 60_000 });
}

beforeAll(() => untilReady(thread), 60_000);
afterAll(() => thread.close());

async function* cutAt(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Read {
  readonly rows: Json[];
  readonly failure: string | undefined;
}

/** What comes of a file: its rows, read here or, from the chunk on before which it is switched on, by the thread. */
async function read(
  chunks: AsyncIterable<Uint8Array>,
  format: RowFormat,
  { skip = 0, switchAt = Number.POSITIVE_INFINITY } = {},
): Promise<Read> {
  const rows: Json[] = [];
  let asked = 0;
  const switched = {
    get isReady(): boolean {
      return asked++ >= switchAt;
    },
    read: thread.read.bind(thread),
  };
  try {
    for await (const batch of readRows(chunks, RowParser.begin(format, skip), switched)) {
      if ("texts" in batch) rows.push(...batch.texts.map((text) => JSON.parse(text) as Json));
      else rows.push(...batch.values);
    }
  } catch (error) {
    return { rows, failure: shown(error) };
  }
  return { rows, failure: undefined };
}

function shown(error: unknown): string {
  if (error instanceof DamagedData) return `damaged: ${error.message} at ${error.place}`;
  if (error instanceof StatesErrorSignal) return `${error.statesError.error}: ${error.statesError.cause}`;
  throw error;
}

const CSV_TEXT = fc
  .array(fc.constantFrom("a", "é", "1", ",", '"', '""', "\\", "\n", "\r\n", "\r", " ", "__proto__", "\u{1F600}"), {
    maxLength: 60,
  })
  .map((parts) => `x,y\n${parts.join("")}`);
const JSON_LINES = fc
  .array(fc.oneof(fc.json({ maxDepth: 2 }), fc.constantFrom("", " ", "{broken")), { maxLength: 12 })
  .map((lines) => lines.join("\n"));

test.each<[RowFormat, fc.Arbitrary<string>]>([
  [CSV, CSV_TEXT],
  [{ kind: "csv", csvHeaderLocation: "GIVEN", csvHeaders: ["b", "a"], csvDelimiter: "PIPE" }, CSV_TEXT],
  [{ kind: "jsonl" }, JSON_LINES],
])("%j: the thread gives what is read here, from any chunk on, broken data included", async (format, texts) => {
  const damage = fc.option(fc.nat(200), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 30 }), fc.nat(8), fc.nat(3), damage, async (...drawn) => {
      const [text, size, switchAt, skip, damagedAt] = drawn;
      const bytes = Buffer.from(text);
      if (damagedAt !== undefined && damagedAt < bytes.length) bytes[damagedAt] = 0xff;
      const here = await read(cutAt(bytes, size), format, { skip });
      expect(await read(cutAt(bytes, size), format, { skip, switchAt })).toEqual(here);
    }),
    { numRuns: 150 },
  );
});

test("wrong headers are States.ItemReaderFailed", async () => {
  const failure = "States.ItemReaderFailed: CSV headers cannot contain duplicates.";
  expect(await read(cutAt(Buffer.from("a,a\n1,2\n"), 100), CSV, { switchAt: 0 })).toEqual({ rows: [], failure });
});

test("what stops the bytes comes behind the rows of those before, with the row", async () => {
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("n\n1\n2\n3");
    throw new DamagedData("The file is not complete");
  }
  const failure = "damaged: The file is not complete at row 4";
  expect(await read(breaking(), CSV, { switchAt: 0 })).toEqual({ rows: [{ n: "1" }, { n: "2" }], failure });
  expect(await read(breaking(), CSV)).toEqual({ rows: [{ n: "1" }, { n: "2" }], failure });
});

test("files are read beside each other, and no further than their readers want", async () => {
  const taken = { slow: 0, quick: 0 };
  async function* lines(of: keyof typeof taken): AsyncGenerator<Uint8Array> {
    yield Buffer.from("n\n");
    for (; taken[of] < 1_000; taken[of]++) yield Buffer.from(`${taken[of]}\n`);
  }
  const slow = readRows(lines("slow"), RowParser.begin(CSV, 0), thread);
  expect((await slow.next()).value).toEqual({ texts: ['{"n":"0"}'] });
  const quick = await read(lines("quick"), CSV, { switchAt: 0 });
  expect(quick.rows).toHaveLength(1_000);
  expect(taken.slow).toBeLessThan(20);
  let rest = 0;
  for await (const batch of slow) rest += "texts" in batch ? batch.texts.length : 0;
  expect(rest).toBe(999);
});

test("a file that is left early is closed", async () => {
  let isClosed = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from("n\n");
      for (;;) yield Buffer.from("1\n");
    } finally {
      isClosed = true;
    }
  }
  for await (const _ of readRows(endless(), RowParser.begin(CSV, 0), thread)) break;
  expect(isClosed).toBe(true);
});

test("a memory that others use is not given away", async () => {
  const shared = Buffer.from("n\n1\n2\n");
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield shared.subarray(0, 4);
    yield shared.subarray(4);
  }
  const { rows } = await read(parts(), CSV, { switchAt: 0 });
  expect(rows).toEqual([{ n: "1" }, { n: "2" }]);
  expect(shared.toString()).toBe("n\n1\n2\n");
});

test("a thread that ends is told to who reads, and one that is closed is not started again", async () => {
  const lost = new ReadingThread(CORES);
  await untilReady(lost);
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("n\n");
    for (;;) yield Buffer.from("1\n");
  }
  const reading = async (): Promise<void> => {
    for await (const _ of readRows(endless(), RowParser.begin(CSV, 0), lost)) await lost.close();
  };
  await expect(reading()).rejects.toThrow("the reading thread ended");
  expect(lost.isReady).toBe(false);
});

test("where there is one core, nothing is gained by a thread", async () => {
  const none = new ReadingThread(1);
  expect(none.isReady).toBe(false);
  await none.close();
});
