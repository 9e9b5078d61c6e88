import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Json, MapRunReader } from "@stepwell/core";
import { type ObjectStore, ObjectStoreError, type ReadItem } from "@stepwell/engine";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { onEachStore } from "../object-store/store-fixture.test-support.ts";
import { readItems } from "./read-items.ts";
import { failureOf, getObject, itemsOf, listObjects, valuesOf } from "./reading.test-support.ts";
import { ReadingThread } from "./reading-thread.ts";

const FIRST_ROW = { inputType: "CSV", csvHeaderLocation: "FIRST_ROW" } as const;

onEachStore("item readers", (fixture) => {
  const put = (key: string, content: string | Uint8Array): Promise<void> =>
    fixture().store.put({ bucket: fixture().bucket, key }, content);
  const read = async (key: string, content: string | Uint8Array, config: Partial<MapRunReader>): Promise<Json[]> => {
    await put(key, content);
    return valuesOf(getObject(fixture().bucket, key, config), fixture().store);
  };
  const failing = async (key: string, content: string | Uint8Array, config: Partial<MapRunReader>) => {
    await put(key, content);
    return failureOf(getObject(fixture().bucket, key, config), fixture().store);
  };

  describe("CSV", () => {
    const odd = ",,,\ntrue,1,'HelloWorld'\nNull,None,\n   \n";

    test("columns are given, short rows are filled, long ones cut (recorded)", async () => {
      const config = { inputType: "CSV", csvHeaderLocation: "GIVEN", csvHeaders: ["H1", "H2", "H3"] } as const;
      expect(await read("given.csv", `Value1,Value2,Value3\n${odd}`, config)).toEqual([
        { H1: "Value1", H2: "Value2", H3: "Value3" },
        { H1: "", H2: "", H3: "" },
        { H1: "true", H2: "1", H3: "'HelloWorld'" },
        { H1: "Null", H2: "None", H3: "" },
        { H1: "   ", H2: "", H3: "" },
      ]);
    });

    test("columns are named in the first row, in the order in which AWS shows them (recorded)", async () => {
      expect(JSON.stringify(await read("typed.csv", `0,True,{}\nValue4,Value5,Value6\n${odd}`, FIRST_ROW))).toBe(
        '[{"0":"Value4","{}":"Value6","True":"Value5"},{"0":"","{}":"","True":""},' +
          `{"0":"true","{}":"'HelloWorld'","True":"1"},{"0":"Null","{}":"","True":"None"},{"0":"   ","{}":"","True":""}]`,
      );
      expect(JSON.stringify(await read("nameless.csv", "H1,\nValue4,Value5,Value6\n", FIRST_ROW))).toBe(
        '[{"":"Value5","H1":"Value4"}]',
      );
    });

    test("columns of one name are refused (recorded)", async () => {
      const config = { inputType: "CSV", csvHeaderLocation: "GIVEN", csvHeaders: ["H1", "H1", "H3"] } as const;
      expect((await failing("twice.csv", "1,2,3", config)).cause).toBe("CSV headers cannot contain duplicates.");
      expect((await failing("twice.csv", "a,b,a\n1,2,3", FIRST_ROW)).cause).toBe(
        "CSV headers cannot contain duplicates.",
      );
    });

    test("a header of more than 10 KiB is refused", async () => {
      const header = Array.from({ length: 2000 }, (_, index) => `column${index}`).join(",");
      expect((await failing("wide.csv", `${header}\n1`, FIRST_ROW)).cause).toMatch(
        /^s3:\/\/a-bucket\/wide\.csv: The CSV header is larger than 10 KiB$/,
      );
    });

    test("a mark at the beginning is not a part of the first name; Windows' line ends are line ends", async () => {
      expect(await read("bom.csv", "\uFEFFa;b\r\n1;2\r\n", { ...FIRST_ROW, csvDelimiter: "SEMICOLON" })).toEqual([
        { a: "1", b: "2" },
      ]);
    });

    test("a column may be called __proto__", async () => {
      const [row] = await read("proto.csv", "__proto__,b\n1,2\n", FIRST_ROW);
      expect(JSON.stringify(row)).toBe('{"__proto__":"1","b":"2"}');
    });

    test("files without rows have no items", async () => {
      expect(await read("empty.csv", "", FIRST_ROW)).toEqual([]);
      expect(await read("header.csv", "a,b", FIRST_ROW)).toEqual([]);
    });
  });

  describe("JSON and JSON Lines", () => {
    test("elements of an array; ItemsPointer leads to an inner one, or to an object's members", async () => {
      expect(await read("a.json", '[["from-bucket-item-0"]]', { inputType: "JSON" })).toEqual([["from-bucket-item-0"]]);
      const text = '{"meta": {"n": 2}, "items": {"x": 1, "y": {"z": 2}}}';
      await put("b.json", text);
      const items = await itemsOf(
        getObject("a-bucket", "b.json", { inputType: "JSON", itemsPointer: "/items" }),
        fixture().store,
      );
      expect(items.map(({ key, value }) => [key, value])).toEqual([
        ["x", { Key: "x", Value: 1 }],
        ["y", { Key: "y", Value: { z: 2 } }],
      ]);
    });

    test.each(["x", "a/b", "/a~2", "$.a"])("%s is no JSON Pointer", async (itemsPointer) => {
      const config = { inputType: "JSON", itemsPointer } as const;
      expect((await failing("pointer.json", '{"x":[1]}', config)).cause).toBe(
        `The ItemsPointer must be a JSON Pointer, such as /orders/items, got '${itemsPointer}'.`,
      );
    });

    test("what cannot be iterated is refused (recorded)", async () => {
      for (const text of ['{"Hello": "world"}', '"x"', "1"]) {
        expect((await failing("not.json", text, { inputType: "JSON" })).cause).toBe(
          "Attempting to map over non-iterable node.",
        );
      }
    });

    test("one value a line", async () => {
      const text = '{"a":1}\r\n\n[2]\n"three"';
      expect(await read("lines.jsonl", text, { inputType: "JSONL" })).toEqual([{ a: 1 }, [2], "three"]);
    });
  });

  describe("compression by the file's name", () => {
    const rows = Array.from({ length: 3000 }, (_, index) => `${index},name ${index}`).join("\n");
    test.each([
      ["x.csv.gz", gzipSync(`id,name\n${rows}`)],
      ["x.csv.GZ", Buffer.concat([gzipSync(`id,name\n${rows.slice(0, 5000)}`), gzipSync(rows.slice(5000))])],
      ["x.csv.zst", zstdCompressSync(`id,name\n${rows}`)],
      [
        "x.zstd",
        Buffer.concat([zstdCompressSync(`id,name\n${rows.slice(0, 5000)}`), zstdCompressSync(rows.slice(5000))]),
      ],
    ])("%s", async (key, content) => {
      const values = await read(key, content, FIRST_ROW);
      expect(values).toHaveLength(3000);
      expect(values.at(-1)).toEqual({ id: "2999", name: "name 2999" });
    });

    test.each([
      [
        "cut.csv.gz",
        gzipSync(`id,name\n${rows}`).subarray(0, 5000),
        /cut\.csv\.gz, row \d+: The file is not a complete gzip file: unexpected end of file$/,
      ],
      [
        "cut.csv.zst",
        zstdCompressSync(`id,name\n${rows}`).subarray(0, 3000),
        /cut\.csv\.zst, row \d+: The file is not a complete Zstandard file/,
      ],
      [
        "not.csv.gz",
        Buffer.from(rows),
        /not\.csv\.gz, row 1: The file is not a complete gzip file: incorrect header check$/,
      ],
    ])("%s is damaged", async (key, content, cause) => {
      expect((await failing(key, content, FIRST_ROW)).cause).toMatch(cause);
    });
  });

  describe("damaged and missing files", () => {
    test.each<[string, string | Uint8Array, Partial<MapRunReader>, number, string]>([
      [
        "utf8.csv",
        Buffer.concat([Buffer.from("a\n1\n2\n3"), Buffer.from([0xff]), Buffer.from("\n4\n")]),
        FIRST_ROW,
        2,
        "row 4: The data is not valid UTF-8",
      ],
      [
        "quote.csv",
        'a,b\n1,2\n3,"4\n5,6\n',
        FIRST_ROW,
        1,
        "row 3: Unterminated quoted field at end of CSV line. Beginning of lost text: [4\n5,6\n]",
      ],
      [
        "broken.json",
        '[{"a":1}, {"a":2}, {"a":}]',
        { inputType: "JSON" },
        2,
        'item 3: The data is not valid JSON: Unexpected token \'}\', "{"a":}" is not valid JSON',
      ],
      ["cut.json", '[{"a":1}, {"a":', { inputType: "JSON" }, 1, "item 2: The JSON text is not complete"],
      [
        "broken.jsonl",
        '{"a":1}\n{"a":2\n',
        { inputType: "JSONL" },
        1,
        "row 2: The data is not valid JSON: Expected ',' or '}' after property value in JSON at position 6 (line 1 column 7)",
      ],
    ])("%s", async (key, content, config, count, cause) => {
      expect(await failing(key, content, config)).toEqual({ read: count, cause: `s3://a-bucket/${key}, ${cause}` });
    });

    test("a file that is not there", async () => {
      const { cause } = await failureOf(getObject("a-bucket", "no/such.csv", FIRST_ROW), fixture().store);
      expect(cause).toMatch(
        /^s3:\/\/a-bucket\/no\/such\.csv: The specified key does not exist\. \(Service: Amazon S3; Status Code: 404; Error Code: NoSuchKey; Request ID: \S+; S3 Extended Request ID: \S+; Proxy: null\)$/,
      );
    });

    test("a file that may not be read", async () => {
      const denied = new ObjectStoreError("AccessDenied", "Access Denied", {
        bucket: "a-bucket",
        key: "x.csv",
        statusCode: 403,
        requestId: "R1",
        extendedRequestId: "X1",
      });
      const refuse = (): never => {
        throw denied;
      };
      const closed: ObjectStore = { ...fixture().store, get: async () => refuse(), head: async () => refuse() };
      const { read: count, cause } = await failureOf(getObject("a-bucket", "x.csv", FIRST_ROW), closed);
      expect(count).toBe(0);
      expect(cause).toBe(
        "s3://a-bucket/x.csv: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: R1; S3 Extended Request ID: X1; Proxy: null)",
      );
    });

    test("parameters that are no names", async () => {
      const reader = { ...getObject("a-bucket", "x", FIRST_ROW), parameters: { Bucket: "a-bucket", Key: 7 } };
      expect((await failureOf(reader, fixture().store)).cause).toBe("The ItemReader's 'Key' must be a string, got 7.");
      const empty = { ...getObject("a-bucket", "x", FIRST_ROW), parameters: { Key: "x" } };
      expect((await failureOf(empty, fixture().store)).cause).toMatch(/'Bucket' must be a string with at least one/);
    });
  });

  describe("MaxItems", () => {
    test("0 reads all, more than there is reads all, fewer reads fewer (recorded)", async () => {
      const text = "Col1,Col2\nValue1,Value2\nValue3,Value4\nValue5,Value6\n";
      const counts: number[] = [];
      for (const maxItems of [0, 2, 3, 100_000_000, 100_000_001]) {
        counts.push((await read("max.csv", text, { ...FIRST_ROW, maxItems })).length);
      }
      expect(counts).toEqual([3, 2, 3, 3, 3]);
      expect((await failing("max.csv", text, { ...FIRST_ROW, maxItems: -1 })).cause).toBe(
        "field MaxItems must be positive",
      );
    });
  });

  describe("listings", () => {
    test("objects as AWS shows them, those of folders too", async () => {
      const { store, bucket } = fixture();
      await put("list/", "");
      await put("list/b.txt", "four");
      await put("list/a/c.txt", "");
      const head = await store.head({ bucket, key: "list/b.txt" });
      const items = await itemsOf(listObjects(bucket, "list/"), store);
      expect(items.map(({ value }) => (value as { Key: string }).Key)).toEqual(["list/", "list/a/c.txt", "list/b.txt"]);
      expect(JSON.stringify(items[2]?.value)).toBe(
        JSON.stringify({
          Etag: `"${head.etag}"`,
          Key: "list/b.txt",
          LastModified: Math.floor(head.lastModifiedMs / 1000),
          Size: 4,
          StorageClass: "STANDARD",
        }),
      );
      expect(items[2]).toMatchObject({ source: "s3://a-bucket", position: "s3://a-bucket/list/b.txt" });
      expect(await valuesOf(listObjects(bucket, "list/", { maxItems: 1 }), store)).toHaveLength(1);
      expect(await valuesOf(listObjects(bucket, "nothing/"), store)).toEqual([]);
    });

    test("LOAD_AND_FLATTEN gives the rows of all of them, one behind the other", async () => {
      await put("flat/", "");
      await put("flat/1.csv", "a,b\n1,2\n3,4\n");
      await put("flat/2.csv.gz", gzipSync("a,b\n5,6\n"));
      await put("flat/3.csv", "a,b\n");
      await put("flat/4.csv", "b,a\n7,8\n");
      const reader = listObjects("a-bucket", "flat/", { ...FIRST_ROW, transformation: "LOAD_AND_FLATTEN" });
      const items = await itemsOf(reader, fixture().store);
      expect(items.map(({ value }) => value)).toEqual([
        { a: "1", b: "2" },
        { a: "3", b: "4" },
        { a: "5", b: "6" },
        { a: "8", b: "7" },
      ]);
      expect(items.map(({ source }) => source)).toEqual([
        "s3://a-bucket/flat/1.csv",
        "s3://a-bucket/flat/1.csv",
        "s3://a-bucket/flat/2.csv.gz",
        "s3://a-bucket/flat/4.csv",
      ]);
      expect(items[1]?.position).toBe("s3://a-bucket/flat/1.csv, row 3");
      await put("flat/2.csv.gz", "broken");
      expect(await failureOf(reader, fixture().store)).toEqual({
        read: 2,
        cause: "s3://a-bucket/flat/2.csv.gz, row 1: The file is not a complete gzip file: incorrect header check",
      });
    });
  });

  describe("manifests", () => {
    const inventory = (changes: Record<string, Json> = {}): string =>
      JSON.stringify({
        sourceBucket: "source",
        destinationBucket: "arn:aws:s3:::a-bucket",
        version: "2016-11-30",
        fileFormat: "CSV",
        fileSchema: "Bucket, Key, Size, LastModifiedDate",
        files: [
          { key: "inventory/data/1.csv.gz", size: 10, MD5checksum: "" },
          { key: "inventory/data/2.csv.gz", size: 10, MD5checksum: "" },
        ],
        ...changes,
      });

    test("an S3 inventory's rows are strings by the columns of its schema", async () => {
      await put(
        "inventory/data/1.csv.gz",
        gzipSync('"source","a%20b.txt","7","2026-01-01T00:00:00.000Z"\n"source","c","","x"\n'),
      );
      await put("inventory/data/2.csv.gz", gzipSync('"source","d","1","y"\n'));
      for (const config of [{ inputType: "MANIFEST" }, { manifestType: "S3_INVENTORY" }] as const) {
        const values = await read("inventory/manifest.json", inventory(), config);
        expect(values).toHaveLength(3);
        expect(values[0]).toEqual({
          Bucket: "source",
          Key: "a%20b.txt",
          Size: "7",
          LastModifiedDate: "2026-01-01T00:00:00.000Z",
        });
      }
    });

    test.each<[string, string, RegExp]>([
      ["no JSON", "Bucket,Key", /manifest\.json: The inventory's manifest is not valid JSON/],
      [
        "an array",
        "[]",
        /manifest\.json: The file is not the manifest of an S3 inventory in CSV: it must be a JSON object$/,
      ],
      ["another format", inventory({ fileFormat: "ORC" }), /its fileFormat must be "CSV", got "ORC"$/],
      ["no files", inventory({ files: null }), /its files must be an array$/],
      ["a file without key", inventory({ files: [{}] }), /its files\[0\]\.key must be a string$/],
      [
        "a file that is not there",
        inventory({ files: [{ key: "gone.csv" }] }),
        /^s3:\/\/a-bucket\/gone\.csv: The specified key does not exist\./,
      ],
    ])("a wrong manifest: %s", async (_, text, cause) => {
      expect((await failing("wrong/manifest.json", text, { inputType: "MANIFEST" })).cause).toMatch(cause);
    });

    test("an Athena manifest names the files of an UNLOAD", async () => {
      await put("unload/part-1.gz", gzipSync('{"a":1}\n{"a":2}\n'));
      await put("unload/part-2", '{"a":3}\n');
      const manifest = "s3://a-bucket/unload/part-1.gz\ns3://a-bucket/unload/part-2\n";
      const config = { manifestType: "ATHENA_DATA", inputType: "JSONL" } as const;
      expect(await read("unload/x-manifest.csv", manifest, config)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
      expect(await failing("unload/x-manifest.csv", `${manifest}part-3\n`, config)).toEqual({
        read: 3,
        cause:
          's3://a-bucket/unload/x-manifest.csv, row 3: A line of an Athena manifest must be an address s3://bucket/key, got "part-3"',
      });
    });
  });

  describe("Parquet", () => {
    const parquet = (codec: "SNAPPY" | "UNCOMPRESSED" | "GZIP" | "ZSTD"): Uint8Array =>
      new Uint8Array(
        parquetWriteBuffer({
          codec,
          compressors: { GZIP: (bytes) => gzipSync(bytes), ZSTD: (bytes) => zstdCompressSync(bytes) },
          rowGroupSize: 700,
          columnData: [
            { name: "id", data: Array.from({ length: 2000 }, (_, index) => BigInt(index)), type: "INT64" },
            {
              name: "name",
              data: Array.from({ length: 2000 }, (_, index) => (index % 3 ? `name ${index}` : null)),
              type: "STRING",
            },
            { name: "at", data: Array.from({ length: 2000 }, (_, index) => new Date(index * 1000)), type: "TIMESTAMP" },
            { name: "tags", data: Array.from({ length: 2000 }, (_, index) => ({ n: [index, 0.5] })), type: "JSON" },
          ],
        }),
      );

    test.each(["SNAPPY", "UNCOMPRESSED", "GZIP", "ZSTD"] as const)("rows, compressed inside as %s", async (codec) => {
      const values = await read(`p/${codec}.parquet`, parquet(codec), { inputType: "PARQUET" });
      expect(values).toHaveLength(2000);
      expect(values[1999]).toEqual({
        id: 1999,
        name: "name 1999",
        at: "1970-01-01T00:33:19.000Z",
        tags: { n: [1999, 0.5] },
      });
      expect(values[0]).toMatchObject({ id: 0, name: null });
    });

    test("reading goes on in the middle of a row group", async () => {
      await put("p/more.parquet", parquet("SNAPPY"));
      const reader = getObject("a-bucket", "p/more.parquet", { inputType: "PARQUET" });
      const items = await itemsOf(reader, fixture().store);
      for (const index of [0, 699, 700, 1250, 1998, 1999]) {
        const rest = await itemsOf(reader, fixture().store, { after: items[index]?.cursor ?? { items: -1 } });
        expect(rest.map(({ value }) => value)).toEqual(items.slice(index + 1).map(({ value }) => value));
      }
      expect(items[699]?.position).toBe("s3://a-bucket/p/more.parquet, row 700");
    });

    test.each<[string, (file: Uint8Array) => Uint8Array, RegExp]>([
      ["short", () => Buffer.from("PAR1"), /it is too short$/],
      ["text", () => Buffer.from("id,name\n1,2\n3,4\n"), /it does not end with PAR1$/],
      ["cut", (file) => file.subarray(0, file.length - 100), /is not a valid Parquet file/],
      [
        "overwritten",
        (file) => new Uint8Array(file).fill(0xee, 200, 2000),
        /overwritten\.parquet, row 1: The file is not a valid Parquet file/,
      ],
      [
        "a large footer",
        (file) => Buffer.concat([file.subarray(0, -8), Buffer.from([0, 0, 0x60, 0]), Buffer.from("PAR1")]),
        /The Parquet footer is larger than 5 MB$/,
      ],
    ])("a damaged file: %s", async (name, damage, cause) => {
      const failure = await failing(`p/${name}.parquet`, damage(parquet("SNAPPY")), { inputType: "PARQUET" });
      expect(failure.cause).toMatch(cause);
    });
  });

  describe("cursors", () => {
    const rest = async (reader: MapRunReader, store: ObjectStore): Promise<void> => {
      const items = await itemsOf(reader, store);
      expect(items.length).toBeGreaterThan(3);
      for (const [index, { cursor }] of items.entries()) {
        const expected = items.slice(index + 1);
        expect(cursor.items).toBe(index + 1);
        const resumed = await itemsOf(reader, store, { after: JSON.parse(JSON.stringify(cursor)) });
        const counted = await itemsOf(reader, store, { after: { items: index + 1 } });
        for (const found of [resumed, counted]) {
          expect(found.map(({ value }) => value)).toEqual(expected.map(({ value }) => value));
          expect(found.map((item) => item.cursor)).toEqual(expected.map((item) => item.cursor));
          expect(found.map(({ position }) => position)).toEqual(expected.map(({ position }) => position));
        }
      }
    };

    test("after any item, the others follow", async () => {
      const { store, bucket } = fixture();
      await put("cursor/1.csv", "a\n1\n2\n3\n");
      await put("cursor/2.csv", "a\n");
      await put("cursor/3.csv", 'a\n4\n"5\n5"\n');
      await put("cursor.json", '{"x": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}}');
      await put("cursor.jsonl", "1\n2\n\n3\n4\n");
      const file = (key: string) => ({ key: `cursor/${key}`, size: 1, MD5checksum: "" });
      const manifest = {
        fileFormat: "CSV",
        fileSchema: "n",
        destinationBucket: bucket,
        files: ["1.csv", "3.csv", "1.csv"].map(file),
      };
      await put("cursor-manifest.json", JSON.stringify(manifest));
      await rest(getObject(bucket, "cursor.jsonl", { inputType: "JSONL", maxItems: 4 }), store);
      await rest(getObject(bucket, "cursor.json", { inputType: "JSON", itemsPointer: "/x" }), store);
      await rest(listObjects(bucket, "cursor"), store);
      await rest(
        listObjects(bucket, "cursor/", { ...FIRST_ROW, transformation: "LOAD_AND_FLATTEN", maxItems: 4 }),
        store,
      );
      await rest(getObject(bucket, "cursor-manifest.json", { inputType: "MANIFEST" }), store);
    });

    test("an object that has changed meanwhile is refused", async () => {
      const { store, bucket } = fixture();
      await put("changing.csv", "a\n1\n2\n");
      const reader = getObject(bucket, "changing.csv", FIRST_ROW);
      const [first] = await itemsOf(reader, store);
      await put("changing.csv", "a\nother\nrows\nnow\n");
      const { cursor } = first ?? { cursor: { items: 0 } };
      await expect(itemsOf(reader, store, { after: cursor })).rejects.toThrow(
        "States.ItemReaderFailed: s3://a-bucket/changing.csv: The object was changed while its items were read",
      );
    });
  });

  test("the items of a large file are the same when a thread reads them", async () => {
    const { store, bucket } = fixture();
    const rows = Array.from({ length: 100_000 }, (_, index) => `${index},"é ${index}"`);
    await put("large.csv", `n,text\n${rows.join("\n")}`);
    const reader = getObject(bucket, "large.csv", FIRST_ROW);
    const thread = new ReadingThread(2);
    onTestFinished(() => thread.close());
    await vi.waitUntil(() => thread.isReady, { timeout: 60_000 });
    const shown = ({ value, source, position, cursor }: ReadItem): object => ({ value, source, position, cursor });
    const here = (await itemsOf(reader, store, { asTexts: true })).map(shown);
    let given = 0;
    for await (const item of readItems(reader, store, { asTexts: true, thread })) {
      if (item.text !== JSON.stringify(item.value)) throw new Error(`${item.position}: ${item.text}`);
      if (given % 1_000 === 0) expect(shown(item)).toEqual(here[given]);
      given++;
    }
    expect(given).toBe(rows.length);
    const after = (await itemsOf(reader, store))[99_997]?.cursor ?? { items: 0 };
    const rest: object[] = [];
    for await (const item of readItems(reader, store, { asTexts: true, thread, after })) rest.push(shown(item));
    expect(rest).toEqual(here.slice(-2));
  });

  test("reading can be left early and stopped from outside", async () => {
    const { store, bucket } = fixture();
    await put("many.csv.gz", gzipSync(`n\n${Array.from({ length: 200_000 }, (_, index) => index).join("\n")}`));
    const reader = getObject(bucket, "many.csv.gz", FIRST_ROW);
    for await (const { value } of readItems(reader, store)) {
      expect(value).toEqual({ n: "0" });
      break;
    }
    const controller = new AbortController();
    const stopped = async (): Promise<void> => {
      for await (const _ of readItems(reader, store, { signal: controller.signal }).batches()) controller.abort();
    };
    await expect(stopped()).rejects.toMatchObject({ name: "AbortError" });
  });
});
