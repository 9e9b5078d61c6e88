/**
 * JSONata's own test suite (jsonata.jsonl), on the synchronous evaluator and, side by side, on the library it is made from:
 * whatever jsonata 2.0.6 passes, the evaluator passes, but for what Step Functions takes away. The suite is that of a later version.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Worker } from "node:worker_threads";
import { evaluateJsonata, JSONATA_LIMITS, type Json, JsonataEvaluationError, JsonataSyntaxError } from "@stepwell/core";
import { expect, test } from "vitest";
import { recordScore } from "../score.ts";
import type { PeerAnswer } from "./jsonata-peer.ts";
import type { JsonataRow } from "./jsonata-row.ts";
import { readRows } from "./rows.ts";

/** The library's answers that the evaluator does not give, and why. */
const RUNS_FOR_EVER = "jsonata 2.0.6 runs for ever; answered as later versions do";
const ENGINE_ERROR = "jsonata 2.0.6 fails with an error of the engine; answered as later versions do";
const NO_EVAL = "Step Functions has no $eval";
const DIFFERENT: Readonly<Record<string, string>> = {
  "1f13aec2421a": NO_EVAL,
  "69354371bde2": NO_EVAL,
  "866a3e74e9cb": NO_EVAL,
  a758783b7a8b: NO_EVAL,
  cde2aefffe62: NO_EVAL,
  d356ee6f596c: NO_EVAL,
  "27f48cab34ce": RUNS_FOR_EVER,
  "520fd1b7f86b": RUNS_FOR_EVER,
  dbfb74cc4924: RUNS_FOR_EVER,
  "49cb89d28d06": ENGINE_ERROR,
  e579f61e33a9: ENGINE_ERROR,
  "4088d54e2699": ENGINE_ERROR,
  b4df5f112e70: ENGINE_ERROR,
  "37a10e305535": "what functions are made of is not data",
};

const PEER_TIMEOUT_MS = 30_000;

type Datasets = Readonly<Record<string, Json>>;

const datasets: Datasets = JSON.parse(
  readFileSync(join(import.meta.dirname, "../data/corpus/expressions/jsonata-datasets.json"), "utf8"),
) as Datasets;

test("the synchronous evaluator passes what jsonata 2.0.6 passes", async () => {
  const rows = readRows<JsonataRow>("jsonata.jsonl");
  const ours = rows.map((row) => ({ row, answer: answer(row) }));
  const failed = ours.filter(({ row, answer }) => !agrees(row, answer));
  const peer = await peerAnswers(rows);
  const peerPassed = new Set(rows.filter((row, index) => agrees(row, peer[index]!)).map(({ id }) => id));
  const lost = failed.filter(({ row }) => peerPassed.has(row.id));
  const unlike = ours.filter(({ row, answer }, index) => !(row.id in DIFFERENT) && !alike(answer, peer[index]!));
  console.log(`jsonata 2.0.6 itself: ${peerPassed.size} passed, ${rows.length - peerPassed.size} failed`);
  recordScore("jsonata", rows.length - failed.length, failed.length);
  expect(lost.filter(({ row }) => !(row.id in DIFFERENT)).map(report)).toEqual([]);
  expect(unlike.map(({ row, answer }) => ({ ...report({ row, answer }), peer: peer[rows.indexOf(row)] }))).toEqual([]);
});

function report({ row, answer }: { row: JsonataRow; answer: PeerAnswer }): object {
  return { id: row.id, group: row.group, expr: row.expr, expected: row.expected, answer };
}

/** A document of its own for each row, frozen: an evaluation changes nothing. */
function documentOf({ dataset, data }: JsonataRow): Json | undefined {
  return dataset === undefined ? data : datasets[dataset];
}

function answer(row: JsonataRow): PeerAnswer {
  const facts = { now: Date.now(), random: () => Math.random(), uuid: () => crypto.randomUUID() };
  const limits = { ...JSONATA_LIMITS, depthMax: row.depth ?? 500, valueBytesMax: 2 ** 30 };
  try {
    const document = frozen(structuredClone(documentOf(row)));
    const value = evaluateJsonata(row.expr, document, { variables: row.bindings, facts }, limits);
    return value === undefined ? { undefined: true } : { value };
  } catch (error) {
    if (error instanceof JsonataEvaluationError) return { code: error.code, message: error.message };
    if (error instanceof JsonataSyntaxError) return { message: error.message };
    throw error;
  }
}

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

/** A syntax error has no code on AWS: its message says which it is. */
function agrees({ expected, unordered }: JsonataRow, answer: PeerAnswer): boolean {
  if (expected.code !== undefined)
    return answer.code === expected.code || (/^S/.test(expected.code) && answer.message !== undefined);
  if (expected.undefined) return answer.undefined === true;
  if (unordered) return isDeepStrictEqual(sorted(answer.value), sorted(expected.value));
  return isDeepStrictEqual(answer.value, expected.value);
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map((element) => JSON.stringify(element)).sort() : value;
}

/** The same value, or the same message; bounds are worded as on AWS. */
function alike(ours: PeerAnswer, theirs: PeerAnswer): boolean {
  if (ours.code === "U1001" && theirs.code === "U1001") return true;
  if (ours.message !== undefined || theirs.message !== undefined) return ours.message === theirs.message;
  return isDeepStrictEqual(ours, theirs);
}

async function peerAnswers(rows: readonly JsonataRow[]): Promise<PeerAnswer[]> {
  const answers: PeerAnswer[] = [];
  let worker = startPeer();
  for (const row of rows) {
    const answer = DIFFERENT[row.id] === RUNS_FOR_EVER ? {} : await ask(worker, row);
    answers.push(answer ?? { message: "never answers" });
    if (answer !== undefined) continue;
    await worker.terminate();
    worker = startPeer();
  }
  await worker.terminate();
  return answers;
}

function startPeer(): Worker {
  return new Worker(new URL("./jsonata-peer.ts", import.meta.url), { execArgv: [] });
}

function ask(worker: Worker, row: JsonataRow): Promise<PeerAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), PEER_TIMEOUT_MS);
    worker.once("error", reject);
    worker.once("message", (answer: PeerAnswer) => {
      clearTimeout(timer);
      worker.off("error", reject);
      resolve(answer);
    });
    worker.postMessage({ row, document: documentOf(row) });
  });
}
