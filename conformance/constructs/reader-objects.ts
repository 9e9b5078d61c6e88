/** Objects in S3 for the readers of Distributed Maps: two items, in the form that each reader asks for. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";

const DELIMITERS: Readonly<Record<string, string>> = { COMMA: ",", PIPE: "|", SEMICOLON: ";", SPACE: " ", TAB: "\t" };

/** By `bucket/key`. */
export function readerObjects(definition: Json, input: Json): Map<string, Buffer> {
  const objects = new Map<string, Buffer>();
  visit(definition, (reader) => {
    const { InputType } = (reader["ReaderConfig"] ?? {}) as JsonObject;
    const parameters = (reader["Parameters"] ?? reader["Arguments"] ?? {}) as JsonObject;
    const bucket = told(parameters, "Bucket", input);
    const key = told(parameters, "Key", input);
    if (InputType === "MANIFEST") inventory(bucket, key, objects);
    else objects.set(`${bucket}/${key}`, Buffer.from(contentOf(reader)));
  });
  return objects;
}

function visit(value: Json, found: (reader: JsonObject) => void): void {
  if (isJsonArray(value)) for (const item of value) visit(item, found);
  if (!isJsonObject(value)) return;
  if (isJsonObject(value["ItemReader"])) found(value["ItemReader"]);
  for (const item of Object.values(value)) visit(item, found);
}

/** A literal, a path, or an expression that is one. */
function told(parameters: JsonObject, name: string, input: Json): string {
  const given = String(parameters[name] ?? parameters[`${name}.$`] ?? "");
  const [, path] = /^(?:\$|\{%\s*\$states\.input)((?:\.\w+)+)/.exec(given) ?? [];
  if (path === undefined) return given;
  let value: Json | undefined = input;
  for (const step of path.split(".").slice(1)) value = isJsonObject(value) ? value[step] : undefined;
  return String(value);
}

function contentOf({ ReaderConfig }: JsonObject): string {
  const {
    InputType,
    CSVDelimiter = "COMMA",
    CSVHeaderLocation,
  } = (ReaderConfig ?? {}) as Readonly<Record<string, string>>;
  const items = [
    { a: "1", b: "x" },
    { a: "2", b: "y" },
  ];
  if (InputType === "JSON") return JSON.stringify(items);
  if (InputType === "JSONL") return items.map((item) => JSON.stringify(item)).join("\n");
  const rows = [...(CSVHeaderLocation === "GIVEN" ? [] : [["a", "b"]]), ...items.map(({ a, b }) => [a, b])];
  return rows.map((row) => row.join(DELIMITERS[CSVDelimiter] ?? ",")).join("\n");
}

/** Amazon S3, "Amazon S3 Inventory": the manifest and its one file. */
function inventory(bucket: string, key: string, objects: Map<string, Buffer>): void {
  const data = gzipSync(`"${bucket}","one"\n"${bucket}","two"\n`);
  const file = {
    key: "inventory/data/rows.csv.gz",
    size: data.byteLength,
    MD5checksum: createHash("md5").update(data).digest("hex"),
  };
  const manifest = {
    sourceBucket: bucket,
    destinationBucket: `arn:aws:s3:::${bucket}`,
    version: "2016-11-30",
    creationTimestamp: "1700000000000",
    fileFormat: "CSV",
    fileSchema: "Bucket, Key",
    files: [file],
  };
  objects.set(`${bucket}/${key}`, Buffer.from(JSON.stringify(manifest)));
  objects.set(`${bucket}/${file.key}`, data);
}
