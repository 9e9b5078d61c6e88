import { readdir } from "node:fs/promises";
import type { MapRunPlan } from "@stepwell/core";
import { type ObjectStore, ObjectStoreError, type ResultRecord, ResultsUnavailable } from "@stepwell/engine";
import { describe, expect, test } from "vitest";
import { createObjectStore } from "../object-store/create-object-store.ts";
import { onEachStore } from "../object-store/store-fixture.test-support.ts";
import { discardUnfinished, openResultWriter } from "./open-result-writer.ts";

const UUID = "5d2f1f0e-3a6b-4c1d-9a0e-000000000001";

type Writer = NonNullable<MapRunPlan["writer"]>;

function record(status: ResultRecord["status"], index: number, rest: Partial<ResultRecord> = {}): ResultRecord {
  const child = {
    executionArn: `arn:aws:states:us-east-1:123456789012:execution:m/Map:${index}`,
    stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:m/Map",
    name: String(index),
    startedAt: Date.UTC(2026, 0, 1, 12),
    stoppedAt: Date.UTC(2026, 0, 1, 12, 0, 1, 5),
    redriveCount: 0,
  };
  const ended =
    status === "SUCCEEDED"
      ? {
          output: `{"n":${index}}`,
          redriveStatus: "NOT_REDRIVABLE",
          redriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
        }
      : { error: "Oops", cause: "It broke", redriveStatus: "REDRIVABLE_BY_MAP_RUN" };
  return status === "PENDING"
    ? { status, input: `${index}` }
    : { status, input: `${index}`, ...child, ...ended, ...rest };
}

onEachStore("the result writer", (fixture) => {
  let runs = 0;
  const setUp = (config: Partial<Writer> = {}) => {
    const { store, bucket } = fixture();
    const prefix = `results-${runs++}`;
    const mapRunArn = `arn:aws:states:us-east-1:123456789012:mapRun:m/Map:${UUID}`;
    const writer: Writer = {
      outputType: "JSON",
      transformation: "NONE",
      parameters: { Bucket: bucket, Prefix: prefix },
      ...config,
    };
    const open = (redriveCount = 0, fileBytesMax?: number) =>
      openResultWriter({
        store,
        writer,
        mapRunArn,
        redriveCount,
        ...(fileBytesMax === undefined ? {} : { fileBytesMax }),
      });
    const text = async (name: string): Promise<string> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of (await store.get({ bucket, key: `${prefix}/${UUID}/${name}` })).body)
        chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };
    const names = async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const page of store.list({ bucket, prefix: `${prefix}/` })) {
        found.push(...page.map(({ key }) => key.slice(`${prefix}/${UUID}/`.length)));
      }
      return found;
    };
    const write = async (records: readonly ResultRecord[], redriveCount = 0, fileBytesMax?: number) => {
      const results = await open(redriveCount, fileBytesMax);
      await results.write(records);
      return results.close();
    };
    const discard = (redriveCount = 0) => discardUnfinished({ store, writer, mapRunArn, redriveCount });
    return { store, bucket, prefix, mapRunArn, open, text, names, write, discard };
  };

  test("children with their metadata, a file for each end, and the manifest", async () => {
    const { write, text, names, bucket, prefix, mapRunArn } = setUp();
    const output = await write([
      record("SUCCEEDED", 0),
      record("FAILED", 1),
      record("SUCCEEDED", 2),
      record("PENDING", 3),
      record("ABORTED", 4),
      record("TIMED_OUT", 5),
    ]);
    expect(JSON.stringify(output)).toBe(
      JSON.stringify({
        MapRunArn: mapRunArn,
        ResultWriterDetails: { Bucket: bucket, Key: `${prefix}/${UUID}/manifest.json` },
      }),
    );
    expect(await names()).toEqual(["FAILED_0.json", "PENDING_0.json", "SUCCEEDED_0.json", "manifest.json"]);
    const succeeded = await text("SUCCEEDED_0.json");
    expect(succeeded).toMatch(
      /^\[\{"ExecutionArn":"[^"]+:0","Input":"0","InputDetails":\{"Included":true\},"Name":"0",/,
    );
    expect(JSON.parse(succeeded)).toHaveLength(2);
    expect(succeeded.slice(1, succeeded.indexOf("},{") + 1)).toBe(
      JSON.stringify({
        ExecutionArn: "arn:aws:states:us-east-1:123456789012:execution:m/Map:0",
        Input: "0",
        InputDetails: { Included: true },
        Name: "0",
        Output: '{"n":0}',
        OutputDetails: { Included: true },
        RedriveCount: 0,
        RedriveStatus: "NOT_REDRIVABLE",
        RedriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
        StartDate: "2026-01-01T12:00:00.000Z",
        StateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:m/Map",
        Status: "SUCCEEDED",
        StopDate: "2026-01-01T12:00:01.005Z",
      }),
    );
    const failed = JSON.parse(await text("FAILED_0.json")) as Record<string, unknown>[];
    expect(failed.map(({ Status }) => Status)).toEqual(["FAILED", "ABORTED", "TIMED_OUT"]);
    expect(Object.keys(failed[0] ?? {}).slice(0, 3)).toEqual(["Cause", "Error", "ExecutionArn"]);
    expect(failed[0]).not.toHaveProperty("OutputDetails");
    expect(await text("PENDING_0.json")).toBe('[{"Input":"3","InputDetails":{"Included":true},"Status":"PENDING"}]');
    const file = async (name: string) => ({ Key: `${prefix}/${UUID}/${name}`, Size: (await text(name)).length });
    expect(await text("manifest.json")).toBe(
      JSON.stringify({
        DestinationBucket: bucket,
        MapRunArn: mapRunArn,
        ResultFiles: {
          FAILED: [await file("FAILED_0.json")],
          PENDING: [await file("PENDING_0.json")],
          SUCCEEDED: [await file("SUCCEEDED_0.json")],
        },
      }),
    );
  });

  test("outputs alone, whole or flat, as an array or as lines; failures always with their metadata", async () => {
    const records = [
      record("SUCCEEDED", 0, { output: "[1,[2]]" }),
      record("SUCCEEDED", 1, { output: "1.50" }),
      record("SUCCEEDED", 2, { output: "[]" }),
      record("FAILED", 3),
    ];
    const expected = [
      ["JSON", "COMPACT", "[[1,[2]],1.50,[]]"],
      ["JSON", "FLATTEN", "[1,[2],1.50]"],
      ["JSONL", "COMPACT", "[1,[2]]\n1.50\n[]\n"],
      ["JSONL", "FLATTEN", "1\n[2]\n1.50\n"],
    ] as const;
    for (const [outputType, transformation, content] of expected) {
      const { write, text } = setUp({ outputType, transformation });
      await write(records);
      const extension = outputType === "JSON" ? "json" : "jsonl";
      expect(await text(`SUCCEEDED_0.${extension}`)).toBe(content);
      expect(await text(`FAILED_0.${extension}`)).toContain('"Status":"FAILED"');
    }
  });

  test("a run without children has a manifest without files", async () => {
    const { write, names, text } = setUp();
    await write([]);
    expect(await names()).toEqual(["manifest.json"]);
    expect(JSON.parse(await text("manifest.json")).ResultFiles).toEqual({ FAILED: [], PENDING: [], SUCCEEDED: [] });
  });

  test("no file grows beyond its size, and the manifest tells all sizes", async () => {
    const { write, names, text, store, bucket } = setUp({ transformation: "COMPACT" });
    const records = Array.from({ length: 10 }, (_, index) =>
      record("SUCCEEDED", index, { output: `"${"é".repeat(10)}${index}"` }),
    );
    await write(records, 0, 60);
    expect((await names()).filter((name) => name !== "manifest.json")).toEqual(
      [0, 1, 2, 3, 4].map((n) => `SUCCEEDED_${n}.json`),
    );
    const { SUCCEEDED } = JSON.parse(await text("manifest.json")).ResultFiles;
    let all: unknown[] = [];
    for (const [index, { Key, Size }] of SUCCEEDED.entries()) {
      expect((await store.head({ bucket, key: Key })).bytes).toBe(Size);
      expect(Size).toBeLessThanOrEqual(60);
      all = [...all, ...JSON.parse(await text(`SUCCEEDED_${index}.json`))];
    }
    expect(all).toEqual(records.map(({ output }) => JSON.parse(output ?? "")));
  });

  test("outputs of any length and script arrive whole, and the manifest tells their bytes", async () => {
    const { store, write, text, bucket } = setUp({ transformation: "COMPACT", outputType: "JSONL" });
    const outputs = Array.from({ length: 3_000 }, (_, i) => JSON.stringify("aé€𝄞".repeat(i % 97)));
    outputs.push(JSON.stringify("€".repeat(400_000)), '"short"');
    await write(outputs.map((output, i) => record("SUCCEEDED", i, { output })));
    expect((await text("SUCCEEDED_0.jsonl")) === `${outputs.join("\n")}\n`).toBe(true);
    const [{ Key, Size }] = JSON.parse(await text("manifest.json")).ResultFiles.SUCCEEDED;
    expect((await store.head({ bucket, key: Key })).bytes).toBe(Size);
  });

  describe("redrives", () => {
    test("have folders of their own; the manifest lists all successes and only the last failures", async () => {
      const { write, names, text, prefix } = setUp();
      await write([record("SUCCEEDED", 0), record("FAILED", 1), record("FAILED", 2), record("PENDING", 3)]);
      const first = await text("manifest.json");
      const output = await write([record("SUCCEEDED", 1), record("FAILED", 2)], 1);
      expect(output["ResultWriterDetails"]).toMatchObject({ Key: `${prefix}/${UUID}/Redrive-1/manifest.json` });
      await write([record("SUCCEEDED", 2)], 2);
      expect(await text("manifest.json")).toBe(first);
      expect((await names()).filter((name) => name.startsWith("Redrive-"))).toEqual([
        "Redrive-1/FAILED_0.json",
        "Redrive-1/SUCCEEDED_0.json",
        "Redrive-1/manifest.json",
        "Redrive-2/SUCCEEDED_0.json",
        "Redrive-2/manifest.json",
      ]);
      const keys = async (name: string) => {
        const files: Record<string, { Key: string }[]> = JSON.parse(await text(name)).ResultFiles;
        return Object.fromEntries(
          Object.entries(files).map(([group, list]) => [
            group,
            list.map(({ Key }) => Key.slice(prefix.length + UUID.length + 2)),
          ]),
        );
      };
      expect(await keys("Redrive-1/manifest.json")).toEqual({
        FAILED: ["Redrive-1/FAILED_0.json"],
        PENDING: [],
        SUCCEEDED: ["SUCCEEDED_0.json", "Redrive-1/SUCCEEDED_0.json"],
      });
      expect(await keys("Redrive-2/manifest.json")).toEqual({
        FAILED: [],
        PENDING: [],
        SUCCEEDED: ["SUCCEEDED_0.json", "Redrive-1/SUCCEEDED_0.json", "Redrive-2/SUCCEEDED_0.json"],
      });
    });

    test("without a success write an empty file when there were successes before", async () => {
      const { write, text } = setUp();
      await write([record("SUCCEEDED", 0), record("FAILED", 1)]);
      await write([record("FAILED", 1)], 1);
      expect(await text("Redrive-1/SUCCEEDED_0.json")).toBe("[]");
      const lines = setUp({ outputType: "JSONL" });
      await lines.write([record("SUCCEEDED", 0), record("FAILED", 1)]);
      await lines.write([record("FAILED", 1)], 1);
      expect(await lines.text("Redrive-1/SUCCEEDED_0.jsonl")).toBe("");
      const never = setUp();
      await never.write([record("FAILED", 1)]);
      await never.write([record("FAILED", 1)], 1);
      await expect(never.text("Redrive-1/SUCCEEDED_0.json")).rejects.toMatchObject({ code: "NoSuchKey" });
    });

    test("go on from the last generation that has a manifest", async () => {
      const { write, text } = setUp();
      await write([record("SUCCEEDED", 0), record("FAILED", 1)]);
      await write([record("SUCCEEDED", 1)], 3);
      expect(JSON.parse(await text("Redrive-3/manifest.json")).ResultFiles.SUCCEEDED).toHaveLength(2);
    });
  });

  test("a crash leaves nothing visible; written again, all is there", async () => {
    const { open, write, names, text, bucket, discard } = setUp({ transformation: "COMPACT" });
    const crashed = await open();
    const large = JSON.stringify("x".repeat(3_000_000));
    for (let index = 0; index < 4; index++) await crashed.write([record("SUCCEEDED", index, { output: large })]);
    expect(await names()).toEqual([]);
    await write([record("SUCCEEDED", 0)]);
    expect(await names()).toEqual(["SUCCEEDED_0.json", "manifest.json"]);
    expect(await text("SUCCEEDED_0.json")).toBe('[{"n":0}]');
    await discard();
    const gone = expect(crashed.close()).rejects;
    await gone.toMatchObject({ statesError: { error: "States.ResultWriterFailed" } });
    await gone.toBeInstanceOf(ResultsUnavailable);
    expect(await text("SUCCEEDED_0.json")).toBe('[{"n":0}]');
    const { directory } = fixture();
    if (directory !== undefined) {
      const left = await readdir(directory, { recursive: true });
      expect(left.filter((name) => name.includes(".stepwell-"))).toEqual([]);
    }
    const given = await open();
    await given.write([record("FAILED", 0)]);
    await given.abort();
    expect(await names()).toEqual(["SUCCEEDED_0.json", "manifest.json"]);
    expect(bucket).toBe("a-bucket");
  });

  test("a writer that opens late leaves those of others alone, and so does what tidies up another generation", async () => {
    const { open, text, names, discard } = setUp({ transformation: "COMPACT" });
    const large = (index: number) => record("SUCCEEDED", index, { output: JSON.stringify("x".repeat(3_000_000)) });
    const [owner, redrive] = [await open(), await open(1)];
    for (const results of [owner, redrive]) {
      for (let index = 0; index < 4; index++) await results.write([large(index)]);
    }
    const late = await open();
    for (let index = 0; index < 4; index++) await late.write([large(index)]);
    await owner.close();
    const shown = await text("SUCCEEDED_0.json");
    expect(shown).toHaveLength(4 * 3_000_003 + 1);
    await discard(0);
    await redrive.close();
    await expect(late.close()).rejects.toBeInstanceOf(ResultsUnavailable);
    await late.abort();
    expect(await text("SUCCEEDED_0.json")).toBe(shown);
    const files = ["SUCCEEDED_0.json", "manifest.json"];
    expect(await names()).toEqual([...files.map((name) => `Redrive-1/${name}`), ...files]);
  });

  test("without a prefix, the run's id is the folder; a slash at a prefix' end is no folder more", async () => {
    const { store, bucket, mapRunArn } = setUp();
    for (const [parameters, key] of [
      [{ Bucket: bucket }, `${UUID}/manifest.json`],
      [{ Bucket: bucket, Prefix: "a/b/" }, `a/b/${UUID}/manifest.json`],
    ] as const) {
      const writer = { outputType: "JSON", transformation: "NONE", parameters } as const;
      const results = await openResultWriter({ store, writer, mapRunArn, redriveCount: 0 });
      expect((await results.close())["ResultWriterDetails"]).toEqual({ Bucket: bucket, Key: key });
    }
  });
});

test("what cannot be written fails when it is opened", async () => {
  const store = createObjectStore({ buckets: {}, env: { HOME: "/nonexistent" } });
  const open = (parameters: Record<string, string | number>) =>
    openResultWriter({
      store,
      writer: { outputType: "JSON", transformation: "NONE", parameters },
      mapRunArn: `arn:aws:states:us-east-1:123456789012:mapRun:m/Map:${UUID}`,
      redriveCount: 0,
    });
  await expect(open({ Bucket: "nowhere" })).rejects.toMatchObject({
    statesError: {
      error: "States.ResultWriterFailed",
      cause: expect.stringMatching(/^s3:\/\/nowhere\/.*manifest\.json: The bucket 'nowhere' cannot be reached/),
    },
  });
  await expect(open({ Bucket: 7 })).rejects.toThrow("The ResultWriter's 'Bucket' must be a string.");
  await expect(open({ Bucket: "b", Prefix: 7 })).rejects.toThrow("The ResultWriter's 'Prefix' must be a string.");
});

describe("a store that fails while results are written", () => {
  const place = { bucket: "b", key: "k" };
  const network = (name: string, code?: string) => Object.assign(new Error("failed"), { name, code });
  const failures: [string, boolean, ObjectStoreError][] = [
    ["503 SlowDown", true, new ObjectStoreError("SlowDown", "", { ...place, statusCode: 503 })],
    ["500", true, new ObjectStoreError("InternalError", "", { ...place, statusCode: 500 })],
    ["400 RequestTimeout", true, new ObjectStoreError("RequestTimeout", "", { ...place, statusCode: 400 })],
    ["reset", true, new ObjectStoreError("Unavailable", "", { ...place, cause: network("Error", "ECONNRESET") })],
    ["no answer", true, new ObjectStoreError("Unavailable", "", { ...place, cause: network("TimeoutError") })],
    ["no upload", true, new ObjectStoreError("NoSuchUpload", "", { ...place, statusCode: 404 })],
    ["denied", false, new ObjectStoreError("AccessDenied", "", { ...place, statusCode: 403 })],
    ["no bucket", false, new ObjectStoreError("NoSuchBucket", "", { ...place, statusCode: 404 })],
    ["not implemented", false, new ObjectStoreError("NotImplemented", "", { ...place, statusCode: 501 })],
    ["no endpoint", false, new ObjectStoreError("Unavailable", "", place)],
    [
      "no keys",
      false,
      new ObjectStoreError("Unavailable", "", { ...place, cause: network("CredentialsProviderError") }),
    ],
    ["full disk", false, new ObjectStoreError("Unavailable", "", { ...place, cause: network("Error", "ENOSPC") })],
  ];

  test.each(failures)("%s: worth another try: %s", async (_name, isPassing, failure) => {
    const store = {
      checkWritable: async () => undefined,
      put: async () => {
        throw failure;
      },
    } as Partial<ObjectStore> as ObjectStore;
    const writer = { outputType: "JSON", transformation: "NONE", parameters: { Bucket: "b" } } as const;
    const results = await openResultWriter({ store, writer, mapRunArn: `m:${UUID}`, redriveCount: 0 });
    const error: unknown = await results.close().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ statesError: { error: "States.ResultWriterFailed" } });
    expect(error instanceof ResultsUnavailable).toBe(isPassing);
  });
});
