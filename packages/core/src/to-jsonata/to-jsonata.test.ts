import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diagnoseStateMachine } from "../definition/parse-state-machine.ts";
import { type Answer, Drive } from "../execution/drive.test-support.ts";
import type { Json, JsonObject } from "../json.ts";
import { toJsonata } from "./to-jsonata.ts";

// Both definitions are run side by side: with the inputs that AWS was recorded with, and tasks that answer alike.

const DATA = join(import.meta.dirname, "..", "..", "..", "..", "conformance", "data");

interface Run {
  readonly name: string;
  readonly definition: JsonObject;
  readonly input: Json;
}

function parsed(text: unknown): JsonObject | undefined {
  try {
    const value: unknown = typeof text === "string" ? JSON.parse(text) : text;
    return typeof value === "object" && value !== null && "States" in value ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

function recordedRuns(): Run[] {
  const directory = join(DATA, "step-functions", "cases");
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  return files.sort().flatMap((name) => {
    const { steps } = JSON.parse(readFileSync(join(directory, name), "utf8")) as {
      steps: { call?: string; params?: { [name: string]: unknown } }[];
    };
    const definition = parsed(steps.find(({ call }) => call === "CreateStateMachine")?.params?.["definition"]);
    const inputs = steps.flatMap(({ call, params }) =>
      /^Start(Sync)?Execution$/.test(call ?? "") ? [params?.["input"] ?? "{}"] : [],
    );
    return definition === undefined ? [] : inputs.flatMap((input) => runOf(name, definition, input));
  });
}

function runOf(name: string, definition: JsonObject, input: unknown): Run[] {
  try {
    return [{ name, definition, input: JSON.parse(String(input)) as Json }];
  } catch {
    return [];
  }
}

function corpus(): JsonObject[] {
  const directory = join(DATA, "corpus", "valid");
  return readdirSync(directory).flatMap((name) => parsed(readFileSync(join(directory, name), "utf8")) ?? []);
}

function isJsonPath(definition: JsonObject): boolean {
  return !JSON.stringify(definition).includes('"QueryLanguage":"JSONata"');
}

/** An echo in whatever envelope; every third fails when it may. */
const answer =
  (failEvery: number) =>
  (task: { input: string }, attempt: number): Answer => {
    if (failEvery > 0 && attempt % failEvery === 0) return { error: "Test.Failed", cause: '{"why":1}' };
    const input = JSON.parse(task.input) as JsonObject;
    return {
      output: {
        Payload: input,
        status: "ok",
        items: [1, [2], { three: 3 }],
        one: ["x"],
        count: attempt,
        ...(typeof input === "object" && !Array.isArray(input) ? input : {}),
      },
    };
  };

function run(definition: JsonObject, input: Json, failEvery: number) {
  try {
    const { ended } = new Drive(definition, input, { answer: answer(failEvery) }).run(2_000);
    return (
      ended && {
        status: ended.status,
        output: ended.output === undefined ? undefined : JSON.parse(ended.output),
        error: ended.error,
      }
    );
  } catch {
    // No valid definition, or one that the drive cannot run.
    return undefined;
  }
}

/** What differs from run to run, or only the other language says. */
const NOT_COMPARABLE = /States\.(UUID|MathRandom)|\$\$\.(State|Task)\.|RetryCount/;

/** What the head of to-jsonata.ts says is different: objects in States.Format, and an empty text in States.StringToJson. */
function isTold(definition: JsonObject, output: unknown): boolean {
  const text = JSON.stringify(definition);
  if (text.includes("States.Format(")) return /\{\w+=/.test(JSON.stringify(output));
  return text.includes("States.StringToJson(") && JSON.stringify(output).includes("null");
}

describe("a converted definition", () => {
  const runs = recordedRuns().filter(
    ({ definition }) => isJsonPath(definition) && !NOT_COMPARABLE.test(JSON.stringify(definition)),
  );

  test.each([0, 3])("gives the outputs that the JSONPath definition gives (a failure every %i tasks)", (failEvery) => {
    const different: unknown[] = [];
    let compared = 0;
    for (const { name, definition, input } of runs) {
      const conversion = toJsonata(definition);
      if (!conversion.ok) continue;
      const before = run(definition, input, failEvery);
      if (before?.status !== "SUCCEEDED" || isTold(definition, before.output)) continue;
      compared += 1;
      const after = run(conversion.definition, input, failEvery);
      try {
        expect(after).toEqual(before);
      } catch {
        different.push({ name, before, after, definition: conversion.definition });
      }
    }
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(100);
  });

  test("is valid, for all of the corpus that has an equal; refusals say why", () => {
    const counts = { converted: 0, refused: 0 };
    for (const definition of corpus().filter(isJsonPath)) {
      const conversion = toJsonata(definition);
      if (!conversion.ok) {
        counts.refused += 1;
        for (const { message } of conversion.problems) expect(message).not.toMatch(/undefined|\[object/);
        continue;
      }
      counts.converted += 1;
      const errors = (of: JsonObject) =>
        diagnoseStateMachine(JSON.stringify(of)).filter(({ severity }) => severity === "ERROR");
      if (errors(definition).length > 0) continue;
      expect(errors(conversion.definition), JSON.stringify(conversion.definition)).toEqual([]);
    }
    expect(counts.converted / (counts.converted + counts.refused)).toBeGreaterThan(0.7);
  });
});
