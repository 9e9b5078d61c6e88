/** Intrinsic functions and AWS's JSONata functions: recorded on AWS, and as other engines' test-suites have them. */
import { isDeepStrictEqual } from "node:util";
import {
  compileJsonataTemplate,
  compilePathExpression,
  compilePayloadTemplate,
  compileReferencePath,
  ExpressionSyntaxError,
  type Json,
  type JsonObject,
  StatesErrorSignal,
} from "@stepwell/core";
import { expect, test } from "vitest";
import { recordScore } from "../score.ts";
import { readRows, scopeOf } from "./rows.ts";

interface AwsRow {
  readonly id: string;
  readonly template: Json;
  readonly definition: { readonly StartAt: string; readonly States: { readonly [name: string]: RecordedState } };
  readonly input: Json;
  readonly expected: { readonly output: Json; readonly nondeterministic?: boolean };
}

interface RecordedState {
  readonly QueryLanguage?: "JSONPath" | "JSONata";
  readonly ResultPath?: string;
  readonly OutputPath?: string;
}

interface PeerRow {
  readonly id: string;
  readonly expr: string;
  readonly input: Json;
  readonly context: Json;
  readonly expected: { readonly value: Json; readonly nondeterministic?: boolean } | { readonly error: string };
}

/** Rows of other engines that AWS answers differently, and how AWS's answer is known. */
const PEER_DEVIATIONS: ReadonlyMap<string, string> = new Map([
  ["352ba2b8dbfa", "States.Format prints an object the Java way (recorded on AWS: 19b81216a3d5)"],
  ["534799057f75", "an index outside the array is States.IntrinsicFailure (features.md A.6)"],
  ["c2d517b860af", "an index outside the array is States.IntrinsicFailure (features.md A.6)"],
  ["fcd296e8ca1a", "an index outside the array is States.IntrinsicFailure (features.md A.6)"],
  ["7f9946b5d0c5", "the grammar of intrinsic functions has no array literals (ASL spec, Intrinsic Functions)"],
]);

const CONTEXT: JsonObject = { StateMachine: { Name: "first-second" } };

test("functions give what AWS gave", () => {
  const rows = readRows<AwsRow>("intrinsics-aws.jsonl");
  expect(rows.length).toBeGreaterThan(0);
  const failed = rows.flatMap((row) => complaint(row.id, () => expectAsAws(row)));
  recordScore("intrinsics-aws", rows.length - failed.length, failed.length);
  expect(failed).toEqual([]);
});

test("functions give what other engines give, where AWS does", () => {
  const rows = readRows<PeerRow>("intrinsics-peers.jsonl");
  const failed = rows.flatMap((row) => complaint(row.id, () => expectAsPeer(row)));
  recordScore("intrinsics-peers", rows.length - failed.length, failed.length);
  expect(new Set(failed.map(({ id }) => id))).toEqual(new Set(PEER_DEVIATIONS.keys()));
});

function complaint(id: string, check: () => void): { id: string; message: string }[] {
  try {
    check();
    return [];
  } catch (error) {
    return [{ id, message: (error as Error).message }];
  }
}

function expectAsAws(row: AwsRow): void {
  const output = outputOf(row);
  const { expected } = row;
  if (expected.nondeterministic === true) expectRandomNumber(row, output);
  else if (isPlaceholder(expected.output)) expect(output).toEqual({ FunctionResult: "first" });
  // The output of a JSONata state is recorded as its JSON text unless that is an object.
  else if (typeof expected.output === "string") expect(JSON.stringify(output)).toBe(expected.output);
  else expect(output).toEqual(expected.output);
}

/** The first state of the recorded machine: a Pass with Parameters (JSONPath) or Output (JSONata). */
function outputOf({ template, definition, input }: AwsRow): Json {
  const scope = scopeOf(input, { ...CONTEXT, Execution: { Input: input } });
  const state = definition.States[definition.StartAt] as RecordedState;
  if (state.QueryLanguage === "JSONata") return compileJsonataTemplate(template, "Output").evaluate(scope);
  const { ResultPath = "$", OutputPath = "$" } = state;
  const merged = compileReferencePath(ResultPath).write(input, compilePayloadTemplate(template).evaluate(scope));
  return compilePathExpression(OutputPath).evaluate({ ...scope, input: merged });
}

function isPlaceholder(output: Json): boolean {
  return isDeepStrictEqual(output, { FunctionResult: "<ArnPart_0idx>" });
}

function expectRandomNumber({ input }: AwsRow, output: Json): void {
  const { fst, snd } = (input as { FunctionInput: { fst: number; snd: number } }).FunctionInput;
  const { FunctionResult: number } = output as { FunctionResult: number };
  expect(number).toSatisfy(Number.isInteger);
  expect(number).toBeGreaterThanOrEqual(Math.round(fst));
  expect(number).toBeLessThan(Math.round(snd));
}

function expectAsPeer({ expr, input, context, expected }: PeerRow): void {
  if ("error" in expected) {
    expect(() => evaluate(expr, input, context)).toThrow(/^(?!neither)/);
    return;
  }
  const value = evaluate(expr, input, context);
  if (expected.nondeterministic === true) expect(typeof value).toBe(typeof expected.value);
  else expect(value).toEqual(expected.value);
}

/** Another engine's error may be ours at the definition's creation, or when the call is made. */
function evaluate(expr: string, input: Json, context: Json): Json {
  try {
    const template = compilePayloadTemplate({ "value.$": expr });
    return (template.evaluate(scopeOf(input, context as JsonObject)) as { value: Json }).value;
  } catch (error) {
    if (error instanceof ExpressionSyntaxError || error instanceof StatesErrorSignal) throw error;
    throw new Error(`neither a syntax error nor a States error: ${error}`, { cause: error });
  }
}
