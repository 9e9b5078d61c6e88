import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EvaluationFacts, EvaluationScope, Json, JsonObject } from "@stepwell/core";

const DIRECTORY: string = join(import.meta.dirname, "../data/corpus/expressions");

/** The rows of a file of the corpus: one JSON object a line. */
export function readRows<Row>(file: string): Row[] {
  const lines = readFileSync(join(DIRECTORY, file), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Row);
}

/** Chance as a test wants it: nothing in it repeats, and nothing is measured by it. */
function chance(): EvaluationFacts {
  return { now: 0, random: () => Math.random(), uuid: () => crypto.randomUUID() };
}

/** What an expression of a row sees. */
export function scopeOf(input: Json, context: JsonObject = {}): EvaluationScope {
  return { input, context, variables: {}, facts: chance() };
}
