import { describe, expect, it } from "vitest";
import { compileJsonata } from "./jsonata.ts";

const facts = { now: 0, random: () => 0.5, uuid: () => "6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b" };

function run(text: string): unknown {
  return compileJsonata(text).evaluate({ input: {}, context: {}, variables: {}, facts });
}

describe("functions that Step Functions adds", () => {
  it.each([
    ["$partition([1, 2, 3, 4, 5], 2)", [[1, 2], [3, 4], [5]]],
    ["$partition([1, 2, 3], 2.9)", [[1, 2], [3]]],
    ["$partition([1, 2], 5)", [[1, 2]]],
    ["$range(0, 6, 2)", [0, 2, 4, 6]],
    ["$range(1, 6, 2)", [1, 3, 5]],
    ["$range(5, 1, -2)", [5, 3, 1]],
    ["$range(1, 9, 9)", 1],
    ["$range(-1.7, 2.9, 1.2)", [-1, 0, 1, 2]],
    ["$hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"],
    ["$hash('input')", "140f86aae51ab9e1cda9b4254fe98a74eb54c1a1"],
    ["$hash('', 'MD5')", "d41d8cd98f00b204e9800998ecf8427e"],
    ["$random(42)", 0.7275636800328681],
    ["$random(42.9)", 0.7275636800328681],
    ["$random()", 0.5],
    ["$uuid()", "6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b"],
    ['$parse(\'{"a": [1, {"__proto__": 2}]}\').a[0]', 1],
    ["$map(['[1]', '2'], $parse)", [[1], 2]],
    ["'x' ~> $hash('MD5')", "9dd4e461268c8034f5c8564e155c67a6"],
  ])("%s", (text, value) => {
    expect(run(text)).toEqual(value);
  });

  it.each([
    "$partition([1], 0)",
    "$partition($no, 2)",
    "$range(5, 1, 1)",
    "$range(1, 5, 0)",
    "$range(1, 2, $no)",
    "$hash($no)",
    "$parse($no)",
  ])("%s gives nothing", (text) => {
    expect(run(text)).toBeUndefined();
  });

  it.each([
    ["$partition([1], -1)", "Chunk size of $partition"],
    ["$partition([1], 'a')", 'Argument 2 of function "partition"'],
    ["$hash(5, 'MD5')", 'Argument 1 of function "hash"'],
    ["$random('a')", 'Argument 1 of function "random"'],
    ["$parse('{')", "Argument of $parse is not JSON"],
    ["$eval('1')", "Attempted to invoke a non-function"],
  ])("%s fails", (text, message) => {
    expect(() => run(text)).toThrow(message);
  });
});
