import { expect, test } from "vitest";
import type { Json } from "../json.ts";
import { parseStateMachine } from "./parse-state-machine.ts";

const OBJECT = { Bucket: "b", Key: "k" };

function findings(map: object): readonly string[] {
  const processor = {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
    StartAt: "I",
    States: { I: { Type: "Pass", End: true } },
  };
  const state = { Type: "Map", ItemProcessor: processor, End: true, ...map };
  const { diagnostics } = parseStateMachine(JSON.stringify({ StartAt: "M", States: { M: state } }));
  return diagnostics.map(({ code, message, location }) => {
    expect(code).toBe("SCHEMA_VALIDATION_FAILED");
    return `${message} at ${location?.replace("/States/M/", "")}`;
  });
}

const reader = (action: string, ReaderConfig?: Json, Parameters: Json = OBJECT) => ({
  ItemReader: {
    Resource: `arn:aws:states:::s3:${action}`,
    ...(ReaderConfig === undefined ? {} : { ReaderConfig }),
    Parameters,
  },
});

test.each<[string, Json | undefined]>([
  ["getObject", { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" }],
  ["getObject", { InputType: "CSV", CSVHeaderLocation: "GIVEN", CSVHeaders: ["a"] }],
  ["getObject", { InputType: "JSON", ItemsPointer: "/a~1b/0" }],
  ["getObject", { InputType: "MANIFEST" }],
  ["getObject", { ManifestType: "S3_INVENTORY" }],
  ["getObject", { ManifestType: "S3_INVENTORY", InputType: "MANIFEST" }],
  ["getObject", { ManifestType: "ATHENA_DATA", InputType: "PARQUET" }],
  ["listObjectsV2", undefined],
  ["listObjectsV2", { MaxItems: 5, Transformation: "NONE" }],
  ["listObjectsV2", { Transformation: "LOAD_AND_FLATTEN", InputType: "JSON" }],
])("%s with %j is right", (action, config) => {
  expect(findings(reader(action, config))).toEqual([]);
});

test.each<[string, Json | undefined, string]>([
  ["getObject", undefined, "These fields are required: [InputType] at ItemReader"],
  ["getObject", {}, "These fields are required: [InputType] at ItemReader/ReaderConfig"],
  ["getObject", { InputType: "CSV" }, "These fields are required: [CSVHeaderLocation] at ItemReader/ReaderConfig"],
  [
    "getObject",
    { InputType: "CSV", CSVHeaderLocation: "GIVEN" },
    "These fields are required: [CSVHeaders] at ItemReader/ReaderConfig",
  ],
  [
    "getObject",
    { InputType: "CSV", CSVHeaderLocation: "GIVEN", CSVHeaders: [] },
    "Value cannot be empty at ItemReader/ReaderConfig/CSVHeaders",
  ],
  [
    "getObject",
    { InputType: "JSON", ItemsPointer: "a" },
    "Value must be a valid JSON Pointer at ItemReader/ReaderConfig/ItemsPointer",
  ],
  [
    "getObject",
    { ManifestType: "ATHENA_DATA", InputType: "JSON" },
    "The field 'InputType' should have one of these values: [CSV, JSONL, PARQUET] at ItemReader/ReaderConfig/InputType",
  ],
  [
    "getObject",
    { ManifestType: "S3_INVENTORY", InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
    "An InputType cannot be given with the ManifestType S3_INVENTORY at ItemReader/ReaderConfig/InputType",
  ],
  [
    "getObject",
    { Transformation: "LOAD_AND_FLATTEN", InputType: "JSON" },
    "LOAD_AND_FLATTEN needs the Resource s3:listObjectsV2 at ItemReader/ReaderConfig/Transformation",
  ],
  [
    "listObjectsV2",
    { InputType: "JSON" },
    "An InputType of s3:listObjectsV2 needs the Transformation LOAD_AND_FLATTEN at ItemReader/ReaderConfig/InputType",
  ],
  [
    "listObjectsV2",
    { Transformation: "LOAD_AND_FLATTEN" },
    "These fields are required: [InputType] at ItemReader/ReaderConfig",
  ],
  [
    "listObjectsV2",
    { ManifestType: "ATHENA_DATA" },
    "A ManifestType needs the Resource s3:getObject at ItemReader/ReaderConfig/ManifestType",
  ],
])("%s with %j is refused", (action, config, expected) => {
  expect(findings(reader(action, config))).toEqual([expected]);
});

test("what an action cannot do without is missed where the parameters are written", () => {
  const json = { InputType: "JSON" };
  expect(findings(reader("getObject", json, { "Bucket.$": "$.b" }))).toEqual([
    "The field 'Key' is required but was missing at ItemReader/Parameters",
  ]);
  expect(findings(reader("getObject", json, { "Bucket.$": "$.b", "Key.$": "$.k" }))).toEqual([]);
  const writer = { Resource: "arn:aws:states:::s3:putObject", Parameters: { Prefix: "p" } };
  expect(findings({ ResultWriter: writer })).toEqual([
    "The field 'Bucket' is required but was missing at ResultWriter/Parameters",
  ]);
});

test("parameters of S3 actions are texts", () => {
  expect(findings(reader("getObject", { InputType: "JSON" }, { Bucket: 1, Key: null }))).toEqual([
    "Expected value of type String at ItemReader/Parameters/Bucket",
    "Expected value of type String at ItemReader/Parameters/Key",
  ]);
  const writer = { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "b", Prefix: ["p"] } };
  expect(findings({ ResultWriter: writer })).toEqual([
    "Expected value of type String at ResultWriter/Parameters/Prefix",
  ]);
});

test("a batch holds at least one item and one byte", () => {
  expect(findings({ ItemBatcher: { MaxItemsPerBatch: 0, MaxInputBytesPerBatch: 0 } })).toEqual([
    "Minimum value is 1 at ItemBatcher/MaxItemsPerBatch",
    "Minimum value is 1 at ItemBatcher/MaxInputBytesPerBatch",
  ]);
});
