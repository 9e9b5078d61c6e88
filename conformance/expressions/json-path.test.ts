import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  compileJsonPath,
  compileReferencePath,
  type Json,
  JsonPathSyntaxError,
  StatesErrorSignal,
} from "@stepwell/core";
import { expect, test } from "vitest";
import { recordScore } from "../score.ts";

/*
 * Rows of four suites, all data: README.md and index.json in conformance/data/corpus say where they come from. Where
 * Jayway 2 and 3 answer differently, the answer of 2 is expected, because AWS runs it (core/src/data/json-path-parser.ts).
 */

/** The bar of every suite; `recordScore` also holds each to the best score it ever had. */
const PASS_RATE_MIN = 0.99;

const DATA = join(import.meta.dirname, "../data/corpus/expressions");

interface Row {
  readonly id: string;
}

/** What a path gave: a value, or `InvalidPath` (it does not compile), `PathNotFound`, `Evaluation:<Java exception>`. */
type Answer = { readonly value: Json } | { readonly error: string };

interface ReadRow extends Row {
  readonly path: string;
  readonly doc: Json;
  readonly definite: boolean | null;
  readonly expected: Answer;
  readonly jayway2: Answer | null;
  readonly versionsAgree: boolean;
}

interface Rfc9535Row extends Row {
  readonly path: string;
  /** null where the suite has no document: the recorded answers were computed on `{}`. */
  readonly doc: Json;
  readonly jayway: Answer;
  readonly jayway2: Answer | null;
}

interface CompileRow extends Row {
  readonly path: string;
  readonly jayway2: { readonly compiles: boolean; readonly definite: boolean | null };
}

interface WriteRow extends Row {
  readonly referencePath: string;
  readonly input: Json;
  readonly value: Json;
  readonly expected: Answer;
}

/** Rows of floe, another engine, where AWS's documented rules say otherwise: id, reason. */
const KNOWN_DEVIATIONS: ReadonlyMap<string, string> = new Map([
  ["faf0f9437bc5", "a reference path names a place in the input; $$ is the context object, which cannot be written"],
  ["ff5645bdfbea", "a reference path names a place in the input; $$ is the context object, which cannot be written"],
]);

function rows<T extends Row>(file: string): readonly T[] {
  const lines = readFileSync(join(DATA, file), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}

function read(path: string, doc: Json): Answer {
  try {
    const result = compileJsonPath(path).read(doc);
    return result.found ? { value: result.value } : { error: "not found" };
  } catch (error) {
    if (error instanceof JsonPathSyntaxError) return { error: "InvalidPath" };
    throw error;
  }
}

/** Core has one way to say that a read gave nothing; Java throws PathNotFoundException or whatever broke. */
function isExpected(expected: Answer, got: Answer): boolean {
  if ("value" in expected) return isDeepStrictEqual(got, expected);
  return "error" in got && got.error === (expected.error === "InvalidPath" ? "InvalidPath" : "not found");
}

function write(row: WriteRow): Answer {
  try {
    return { value: compileReferencePath(row.referencePath).write(row.input, row.value) };
  } catch (error) {
    if (error instanceof JsonPathSyntaxError || error instanceof StatesErrorSignal) return { error: error.message };
    throw error;
  }
}

function compiles(row: CompileRow): boolean {
  try {
    const { definite } = compileJsonPath(row.path);
    return row.jayway2.compiles && definite === row.jayway2.definite;
  } catch (error) {
    if (error instanceof JsonPathSyntaxError) return !row.jayway2.compiles;
    throw error;
  }
}

/** Runs a suite, says its score and the ids that failed, and gives the part that passed. */
function run<T extends Row>(name: string, cases: readonly T[], passes: (row: T) => boolean): number {
  const failed = cases.filter((row) => !passes(row));
  for (const row of failed) console.log(`${name}: failed ${row.id} ${KNOWN_DEVIATIONS.get(row.id) ?? ""}`.trimEnd());
  recordScore(name, cases.length - failed.length, failed.length);
  return (cases.length - failed.length) / cases.length;
}

const passesRead = (row: ReadRow): boolean => isExpected(row.jayway2 ?? row.expected, read(row.path, row.doc));

test("paths on which all versions of Jayway agree", () => {
  const agreed = rows<ReadRow>("jsonpath-jayway.jsonl").filter((row) => row.versionsAgree);
  expect(run("jsonpath-jayway (versionsAgree)", agreed, passesRead)).toBeGreaterThanOrEqual(PASS_RATE_MIN);
});

test("paths on which the versions differ", () => {
  const differing = rows<ReadRow>("jsonpath-jayway.jsonl").filter((row) => !row.versionsAgree);
  expect(run("jsonpath-jayway (jayway 2)", differing, passesRead)).toBeGreaterThanOrEqual(PASS_RATE_MIN);
});

test("RFC 9535's compliance suite, with Jayway's answers", () => {
  const passes = (row: Rfc9535Row): boolean => isExpected(row.jayway2 ?? row.jayway, read(row.path, row.doc ?? {}));
  expect(
    run("jsonpath-rfc9535 (jayway column)", rows<Rfc9535Row>("jsonpath-rfc9535-vs-jayway.jsonl"), passes),
  ).toBeGreaterThanOrEqual(PASS_RATE_MIN);
});

test("every path of the real definitions of the corpus compiles as in Jayway", () => {
  expect(
    run("jsonpath-compile-realworld", rows<CompileRow>("jsonpath-compile-realworld.jsonl"), compiles),
  ).toBeGreaterThanOrEqual(PASS_RATE_MIN);
});

test("writing through reference paths, but for the known deviations", () => {
  const cases = rows<WriteRow>("resultpath-set-peers.jsonl");
  const failed = new Set<string>();
  run("resultpath-set-peers", cases, (row) => {
    const passes = isExpected(row.expected, write(row));
    if (!passes) failed.add(row.id);
    return passes;
  });
  expect(failed).toEqual(new Set([...KNOWN_DEVIATIONS.keys()].filter((id) => cases.some((row) => row.id === id))));
});
