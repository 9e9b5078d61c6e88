import { expect, test } from "vitest";
import { StatesErrorSignal } from "../errors/states-error.ts";
import type { MapRunReader } from "../execution/map-run-plan.ts";
import { readItems } from "./item-source.ts";

const READER: MapRunReader = { resource: "arn:aws:states:::s3:getObject", parameters: {} };

function read(text: string, config: Partial<MapRunReader> = {}) {
  try {
    return readItems(text, { ...READER, ...config });
  } catch (signal) {
    if (!(signal instanceof StatesErrorSignal)) throw signal;
    return `${signal.statesError.error}: ${signal.statesError.cause}`;
  }
}

test("rows of CSV become objects of texts, short ones filled up, long ones cut", () => {
  const csv = { inputType: "CSV", csvHeaderLocation: "FIRST_ROW" } as const;
  expect(read("a,b\n1\n1,2,3\n", csv)).toEqual([
    { a: "1", b: "" },
    { a: "1", b: "2" },
  ]);
  expect(
    read("1|2", { inputType: "CSV", csvHeaderLocation: "GIVEN", csvHeaders: ["x", "y"], csvDelimiter: "PIPE" }),
  ).toEqual([{ x: "1", y: "2" }]);
  expect(read("a,a\n1,2", csv)).toBe("States.ItemReaderFailed: CSV headers cannot contain duplicates.");
});

test("a header called __proto__ is a member like any other", () => {
  const [item] = read("__proto__\nx", { inputType: "CSV", csvHeaderLocation: "FIRST_ROW" }) as object[];
  expect(Object.getPrototypeOf(item)).toBe(Object.prototype);
  expect(Object.entries(item ?? {})).toEqual([["__proto__", "x"]]);
});

test("JSON gives the elements of an array or the members of an object, perhaps further in", () => {
  expect(read("[1, 2]", { inputType: "JSON" })).toEqual([1, 2]);
  expect(read('{"a": 1}', { inputType: "JSON" })).toEqual([{ Key: "a", Value: 1 }]);
  expect(read('{"a/b": [{"c~": [5]}]}', { inputType: "JSON", itemsPointer: "/a~1b/0/c~0" })).toEqual([5]);
  const nowhere = "States.ItemReaderFailed: Attempting to map over non-iterable node.";
  for (const itemsPointer of ["/x", "/a/1", "/a/0/b", "/constructor"]) {
    expect(read('{"a": [{"b": 1}]}', { inputType: "JSON", itemsPointer })).toBe(nowhere);
  }
});

test("JSONL gives a line each, and MaxItems the first ones", () => {
  expect(read('1\r\n\n{"a":2}\n', { inputType: "JSONL" })).toEqual([1, { a: 2 }]);
  expect(read("1\n2\n3", { inputType: "JSONL", maxItems: 2 })).toEqual([1, 2]);
  expect(read("1\nx", { inputType: "JSONL" })).toContain("States.ItemReaderFailed: The data is not valid JSON");
});

test("a listing is JSON, and Parquet cannot be text", () => {
  expect(read('[{"Key":"k"}]')).toEqual([{ Key: "k" }]);
  expect(read("", { inputType: "PARQUET" })).toContain("States.ItemReaderFailed");
});
