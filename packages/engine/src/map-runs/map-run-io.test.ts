import { StatesErrorSignal } from "@stepwell/core";
import { describe, expect, test } from "vitest";
import type { MapRunIo, ReadItem, ResultRecord } from "../ports/map-run-io.ts";
import { MapWorld, PASS, processor } from "./map-world.test-support.ts";

const READER = {
  ItemReader: {
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig: { InputType: "JSONL" },
    Parameters: { Bucket: "b", Key: "k" },
  },
};
const WRITER = {
  ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "b", Prefix: "p" } },
};

/** Rows 0 to `rows - 1`, three at once; results in a list that is seen only when the writer is closed. */
class FakeIo implements MapRunIo {
  readonly written: ResultRecord[][] = [];
  readonly reads: number[] = [];
  /** The object is this one; who was reading another one fails. */
  etag = "first";
  rows = 8;
  /** Reading fails behind this row. */
  damagedAt = Number.POSITIVE_INFINITY;
  isWritable = true;
  /** Reading waits behind this row, until it is aborted. */
  waitsAt = Number.POSITIVE_INFINITY;

  unsupportedReader(): undefined {
    return undefined;
  }

  readItems: MapRunIo["readItems"] = (_reader, options) => {
    const from = options?.after?.items ?? 0;
    this.reads.push(from);
    if ((options?.after?.etag ?? this.etag) !== this.etag) this.damagedAt = from;
    const batches = this.#batches(from, options?.signal);
    return { batches: () => batches, [Symbol.asyncIterator]: () => this.#items(batches) };
  };

  async *#batches(from: number, signal: AbortSignal | undefined): AsyncGenerator<ReadItem[]> {
    for (let at = from; at < this.rows; at += 3) {
      if (at >= this.waitsAt) {
        await new Promise((resolve) => signal?.addEventListener("abort", resolve));
        signal?.throwIfAborted();
      }
      const end = Math.min(at + 3, this.rows, this.damagedAt);
      const rows = Array.from({ length: Math.max(0, end - at) }, (_, i) => at + i);
      if (rows.length > 0) yield rows.map((row) => itemOf(row, this.etag));
      if (end === this.damagedAt)
        throw new StatesErrorSignal("States.ItemReaderFailed", `s3://b/k, row ${end}: damaged`);
    }
  }

  async *#items(batches: AsyncIterable<readonly ReadItem[]>): AsyncGenerator<ReadItem> {
    for await (const batch of batches) yield* batch;
  }

  openResultWriter: MapRunIo["openResultWriter"] = async ({ mapRunArn }) => {
    if (!this.isWritable) throw new StatesErrorSignal("States.ResultWriterFailed", "Access Denied");
    const records: ResultRecord[] = [];
    return {
      write: async (more) => void records.push(...more),
      close: async () => {
        this.written.push(records);
        return { MapRunArn: mapRunArn };
      },
      abort: async () => undefined,
    };
  };

  async discardUnfinished(): Promise<void> {}

  combineResults: MapRunIo["combineResults"] = (_writer, outputs) => `[${[...outputs].join(",")}]`;

  async close(): Promise<void> {}
}

function itemOf(row: number, etag: string): ReadItem {
  return { value: { row }, source: "s3://b/k", position: `s3://b/k, row ${row}`, cursor: { items: row + 1, etag } };
}

const FAILS = {
  C: { Type: "Choice", Choices: [{ Variable: "$.row", NumericEquals: 2, Next: "F" }], Default: "P" },
  F: { Type: "Fail", Error: "Bad" },
  P: { Type: "Pass", End: true },
};

describe.each(["STANDARD", "EXPRESS"] as const)("items from a reader, for %s children", (type) => {
  test("all rows are run, in order, and shown with their source", async () => {
    const io = new FakeIo();
    const w = new MapWorld({ io });
    const map = { ...READER, ItemSelector: { "s.$": "$$.Map.Item.Source", "r.$": "$$.Map.Item.Value.row" } };
    const arn = await w.startMap({ ...map, ItemProcessor: processor(PASS, type) }, {});
    const { output } = await w.engine.describe(arn);
    expect(JSON.parse(output ?? "")).toEqual(Array.from({ length: 8 }, (_, r) => ({ s: "s3://b/k", r })));
  });

  test("a file that is damaged fails the run; a redrive goes on behind the last child", async () => {
    const io = new FakeIo();
    io.damagedAt = 5;
    const w = new MapWorld({ io });
    const arn = await w.startMap({ ...READER, ItemProcessor: processor(PASS, type) }, {});
    expect(await w.engine.describe(arn)).toMatchObject({
      status: "FAILED",
      error: "States.ItemReaderFailed",
      cause: "s3://b/k, row 5: damaged",
    });
    const { position } = (await w.mapRunStore.ofExecution(arn, 1))[0] ?? {};
    io.damagedAt = Number.POSITIVE_INFINITY;
    io.etag = "mended";
    const redriven = w.engine.redrive(arn);
    await w.settle();
    await redriven;
    expect(io.reads.at(-1)).toBe(position?.items);
    const { output } = await w.engine.describe(arn);
    expect(JSON.parse(output ?? "")).toEqual(Array.from({ length: 8 }, (_, row) => ({ row })));
  });

  test("results are written in order; of a run that failed, with what was never begun", async () => {
    const io = new FakeIo();
    const w = new MapWorld({ io });
    const map = { ...READER, ...WRITER, MaxConcurrency: 1, ItemProcessor: processor(FAILS, type) };
    const arn = await w.startMap(map, {});
    expect((await w.engine.describe(arn)).error).toBe("States.ExceedToleratedFailureThreshold");
    expect(io.written).toHaveLength(1);
    expect(io.written[0]?.map(({ status, input }) => [status, input])).toEqual([
      ["SUCCEEDED", '{"row":0}'],
      ["SUCCEEDED", '{"row":1}'],
      ["FAILED", '{"row":2}'],
      ...[3, 4, 5, 6, 7].map((row) => ["PENDING", `{"row":${row}}`]),
    ]);
    expect(io.written[0]?.[2]).toMatchObject({ error: "Bad", redriveStatus: "REDRIVABLE_BY_MAP_RUN" });
  });

  test("a redrive writes what succeeded in it, not what had before", async () => {
    const io = new FakeIo();
    io.damagedAt = 5;
    const w = new MapWorld({ io });
    const arn = await w.startMap({ ...READER, ...WRITER, ItemProcessor: processor(PASS, type) }, {});
    const before = io.written[0]?.length ?? 0;
    io.damagedAt = Number.POSITIVE_INFINITY;
    const redriven = w.engine.redrive(arn);
    await w.settle();
    await redriven;
    expect((await w.engine.describe(arn)).status).toBe("SUCCEEDED");
    expect(io.written.map((records) => records.length)).toEqual([before, 8 - before]);
  });
});

describe.each(["STANDARD", "EXPRESS"] as const)("a stopped run of %s children", (type) => {
  const WAITS = {
    C: { Type: "Choice", Choices: [{ Variable: "$.row", NumericEquals: 2, Next: "W" }], Default: "P" },
    W: { Type: "Wait", Seconds: 100, End: true },
    P: { Type: "Pass", End: true },
  };
  const stopped = async (w: MapWorld, arn: string): Promise<void> => {
    const stopping = w.engine.stop(arn);
    await w.settle();
    await stopping;
  };
  const shown = (io: FakeIo) => io.written.at(-1)?.map(({ status, input }) => `${status} ${JSON.parse(input).row}`);
  const pending = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `PENDING ${from + i}`);

  test("shows all items that were never begun", async () => {
    const io = new FakeIo();
    io.rows = 2_000;
    const w = new MapWorld({ io });
    const map = { ...READER, ...WRITER, MaxConcurrency: 1, ItemProcessor: processor(WAITS, type) };
    const arn = await w.startMap(map, {});
    await stopped(w, arn);
    expect((await w.engine.describe(arn)).status).toBe("ABORTED");
    expect(await w.run(arn)).toMatchObject({ status: "ABORTED", areResultsWritten: true });
    expect(shown(io)).toEqual(["SUCCEEDED 0", "SUCCEEDED 1", "ABORTED 2", ...pending(3, 2_000)]);
    expect(w.problems).toEqual([]);
  });

  test("shows items of the state's input, in batches as children would have got them", async () => {
    const io = new FakeIo();
    const w = new MapWorld({ io });
    const ItemBatcher = { MaxItemsPerBatch: 2 };
    const states = { W: { Type: "Wait", Seconds: 100, End: true } };
    const map = { ...WRITER, ItemBatcher, MaxConcurrency: 1, ItemProcessor: processor(states, type) };
    const arn = await w.startMap(map, [1, 2, 3, 4, 5]);
    await stopped(w, arn);
    expect(io.written.at(-1)?.map(({ status, input }) => [status, JSON.parse(input).Items])).toEqual([
      ["ABORTED", [1, 2]],
      ["PENDING", [3, 4]],
      ["PENDING", [5]],
    ]);
  });

  test("begins none when its items were being read; what cannot be read is not shown", async () => {
    const io = new FakeIo();
    io.waitsAt = 3;
    const w = new MapWorld({ io });
    const arn = await w.startMap({ ...READER, ...WRITER, ItemProcessor: processor(WAITS, type) }, {});
    expect((await w.engine.describe(arn)).status).toBe("RUNNING");
    io.damagedAt = 5;
    io.waitsAt = Number.POSITIVE_INFINITY;
    await stopped(w, arn);
    expect((await w.engine.describe(arn)).status).toBe("ABORTED");
    expect(await w.run(arn)).toMatchObject({ status: "ABORTED", areResultsWritten: true });
    expect(shown(io)).toEqual(pending(0, 5));
    expect(w.problems).toHaveLength(1);
  });

  test("has ended for its parent before the rest is read", async () => {
    const io = new FakeIo();
    io.rows = 100;
    const w = new MapWorld({ io });
    const map = { ...READER, ...WRITER, MaxConcurrency: 1, ItemProcessor: processor(WAITS, type) };
    const arn = await w.startMap(map, {});
    io.waitsAt = 9;
    await stopped(w, arn);
    expect((await w.engine.describe(arn)).status).toBe("ABORTED");
    expect((await w.run(arn)).status).toBe("RUNNING");
    // It ends its reading, too, when the process does.
    w.mapRuns.stop();
    await w.settle();
    expect([io.written, w.problems]).toEqual([[], []]);
    // Nobody has the request any more: what was begun is shown.
    await w.restart();
    expect(await w.run(arn)).toMatchObject({ status: "ABORTED", areResultsWritten: true });
    expect(shown(io)).toEqual(["SUCCEEDED 0", "SUCCEEDED 1", "ABORTED 2"]);
  });
});

test("an item that cannot become an input ends the run; those before it are shown", async () => {
  const io = new FakeIo();
  const w = new MapWorld({ io });
  const states = { W: { Type: "Wait", Seconds: 1, End: true } };
  const ItemSelector = { "r.$": "States.ArrayGetItem(States.Array(0, 1, 2, 3, 4), $$.Map.Item.Value.row)" };
  const map = { ...READER, ...WRITER, ItemSelector, MaxConcurrency: 1, ItemProcessor: processor(states) };
  const arn = await w.startMap(map, {});
  await w.passAll();
  expect(await w.run(arn)).toMatchObject({ status: "FAILED", areResultsWritten: true });
  const shown = io.written[0]?.map(({ status, input }) => `${status} ${JSON.parse(input).r}`);
  expect(shown).toEqual(["SUCCEEDED 0", "SUCCEEDED 1", "SUCCEEDED 2", "SUCCEEDED 3", "SUCCEEDED 4"]);
  expect(w.problems).toEqual([]);
});

test("a rerun writes its own results as the first run did", async () => {
  const io = new FakeIo();
  const w = new MapWorld({ io });
  const map = { ...READER, ...WRITER, ToleratedFailureCount: 1, ItemProcessor: processor(FAILS, "EXPRESS") };
  const arn = await w.startMap(map, {});
  const { mapRunArn: first } = await w.run(arn);
  expect(await w.mapRuns.errors(first, 9)).toEqual([{ error: "Bad", children: 1, firstIndex: 2 }]);
  expect(await w.mapRuns.slowest(first, 1)).toMatchObject([{ index: 0, durationMs: 0 }]);
  expect([...(await w.mapRuns.cells(first, 0, 9))]).toEqual([2, 2, 3, 2, 2, 2, 2, 2, 0]);
  const rerun = w.mapRuns.rerun({ mapRunArn: first, indexes: [[2, 3]], inputPatch: '{"row":7}' });
  await w.settle();
  const { mapRunArn } = await rerun;
  expect(await w.mapRuns.describe(mapRunArn)).toMatchObject({ status: "SUCCEEDED", areResultsWritten: true });
  expect(io.written[1]?.map(({ status, input }) => [status, input])).toEqual([
    ["SUCCEEDED", '{"row":7}'],
    ["SUCCEEDED", '{"row":7}'],
  ]);
});

describe("a percentage of items that nobody has counted", () => {
  const map = (more: object): object => ({
    ...READER,
    MaxConcurrency: 1,
    ItemProcessor: processor({ F: { Type: "Fail", Error: "Bad" } }),
    ...more,
  });

  test("is exceeded when the last item is known", async () => {
    const io = new FakeIo();
    const w = new MapWorld({ io });
    const arn = await w.startMap(map({ ToleratedFailurePercentage: 50 }), {});
    expect(await w.run(arn)).toMatchObject({ status: "FAILED", childCounts: { FAILED: 8 } });
  });

  test("is exceeded earlier when MaxItems says how many there are at most", async () => {
    const io = new FakeIo();
    const w = new MapWorld({ io });
    const ItemReader = { ...READER.ItemReader, ReaderConfig: { InputType: "JSONL", MaxItems: 8 } };
    const arn = await w.startMap(map({ ItemReader, ToleratedFailurePercentage: 25 }), {});
    const { status, childCounts } = await w.run(arn);
    expect([status, childCounts.FAILED]).toEqual(["FAILED", 3]);
  });

  test("is not exceeded by the first of many", async () => {
    const io = new FakeIo();
    const w = new MapWorld({ io });
    const arn = await w.startMap(map({ ToleratedFailurePercentage: 100 }), {});
    expect(await w.run(arn)).toMatchObject({ status: "SUCCEEDED", childCounts: { FAILED: 8 } });
  });
});

test("a bucket that cannot be written ends the run before any child", async () => {
  const io = new FakeIo();
  io.isWritable = false;
  const w = new MapWorld({ io });
  const arn = await w.startMap({ ...READER, ...WRITER, ItemProcessor: processor(PASS) }, {});
  expect(await w.engine.describe(arn)).toMatchObject({ error: "States.ResultWriterFailed", cause: "Access Denied" });
  expect(io.reads).toEqual([]);
  expect((await w.run(arn)).childCounts).toMatchObject({ SUCCEEDED: 0, ABORTED: 0 });
});
