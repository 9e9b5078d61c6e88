/**
 * The definitions of the cases recorded on AWS (conformance/data/step-functions): what AWS said of each of them, to the
 * letter, and the variables it found in them.
 */
import {
  type Diagnostic,
  invalidDefinitionMessage,
  type Json,
  type ParseResult,
  parseState,
  parseStateMachine,
  type StateMachineType,
} from "@stepwell/core";
import { expect, test } from "vitest";
import { recordScore } from "../score.ts";
import { readCases } from "../step-functions/cases.ts";
import type { CallStep, RecordedCase } from "../step-functions/recorded-case.ts";

interface DefinitionCall extends CallStep {
  readonly params: { readonly definition: string; readonly type?: StateMachineType; readonly stateName?: string };
}

const PREFIX = "Invalid State Machine Definition: '";

/** What AWS says when it refuses a request to test a state for another reason than its definition. */
const NOT_ABOUT_THE_DEFINITION = ["TestState API does not support"];

function definitionCalls(recorded: RecordedCase, ...calls: readonly string[]): readonly DefinitionCall[] {
  return recorded.steps.filter(
    (step): step is DefinitionCall =>
      "call" in step &&
      step.service === "stepfunctions" &&
      calls.includes(step.call) &&
      typeof step.params["definition"] === "string",
  );
}

/** Templates stand for what an earlier step answered; here any ARN of the right kind does. */
function filled(definition: string): string {
  return definition
    .replaceAll(/\{\{s\d+\.activityArn\}\}/g, "arn:aws:states:us-east-1:111111111111:activity:a")
    .replaceAll(/\{\{s\d+\.FunctionArn\}\}/g, "arn:aws:lambda:us-east-1:111111111111:function:f")
    .replaceAll(/\{\{[^}]*\}\}/g, "x");
}

function parse({ call, params }: DefinitionCall): ParseResult {
  const text = filled(params.definition);
  if (call !== "TestState" || params.stateName !== undefined) {
    return parseStateMachine(text, params.type === undefined ? {} : { type: params.type });
  }
  return parseState(JSON.parse(text) as Json, "StateName");
}

/** What AWS answered to a step, as far as it is about the definition: an error's message, or "" for none. */
function recordedRefusal(step: DefinitionCall, recorded: RecordedCase): string | undefined {
  const texts = (step.match ?? []).map(({ key }) => JSON.stringify(recorded.expected[key] ?? null));
  const refusal = texts.find((text) => text.includes("InvalidDefinition"));
  if (refusal === undefined) {
    const otherError = (step.match ?? []).some(({ form }) => ["error", "error_only", "exception"].includes(form));
    return otherError || step.may_fail === true ? undefined : "";
  }
  if (NOT_ABOUT_THE_DEFINITION.some((words) => refusal.includes(words))) return undefined;
  const start = refusal.indexOf(PREFIX);
  return JSON.parse(`"${refusal.slice(start, refusal.indexOf('"', start))}"`) as string;
}

function answered(result: ParseResult): string {
  return result.ok ? "" : invalidDefinitionMessage(result.diagnostics);
}

test("definitions are accepted and refused in AWS's words", () => {
  let passed = 0;
  const failed: string[] = [];
  for (const recorded of readCases()) {
    for (const step of definitionCalls(recorded, "CreateStateMachine", "UpdateStateMachine", "TestState")) {
      const refusal = recordedRefusal(step, recorded);
      if (refusal === undefined) continue;
      const found = answered(parse(step));
      if (found === refusal) passed++;
      else failed.push(`${recorded.id} ${step.call}: ${found} instead of ${refusal}`);
    }
  }
  recordScore("definitions-recorded", passed, failed.length);
  expect(failed).toEqual([]);
});

test("ValidateStateMachineDefinition finds what AWS finds", () => {
  let passed = 0;
  const failed: string[] = [];
  for (const recorded of readCases()) {
    for (const step of definitionCalls(recorded, "ValidateStateMachineDefinition")) {
      const key = step.match?.[0]?.key ?? "";
      const { diagnostics } = recorded.expected[key] as unknown as { readonly diagnostics: readonly Diagnostic[] };
      const found = parse(step).diagnostics.filter((diagnostic) => diagnostic.severity === "ERROR");
      if (JSON.stringify(sorted(found)) === JSON.stringify(sorted(diagnostics))) passed++;
      else failed.push(`${recorded.id}: ${JSON.stringify(found)}`);
    }
  }
  recordScore("definitions-validated", passed, failed.length);
  expect(passed).toBeGreaterThan(0);
  expect(failed).toEqual([]);
});

function sorted(diagnostics: readonly Diagnostic[]): readonly (readonly (readonly [string, unknown])[])[] {
  return diagnostics.map((diagnostic) => Object.entries(diagnostic).sort(([a], [b]) => (a < b ? -1 : 1)));
}

test("variables are found where AWS finds them", () => {
  const failed: string[] = [];
  let passed = 0;
  for (const recorded of readCases()) {
    const [created] = definitionCalls(recorded, "CreateStateMachine");
    const described = recorded.expected["describe_response"] as { readonly variableReferences?: Json } | undefined;
    if (!recorded.id.includes("variable_references") || created === undefined || described === undefined) continue;
    const result = parse(created);
    const found = result.ok ? Object.fromEntries(result.machine.variableReferences) : undefined;
    if (equalReferences(found, described.variableReferences ?? {})) passed++;
    else failed.push(`${recorded.id}: ${JSON.stringify(found)}`);
  }
  recordScore("variable-references", passed, failed.length);
  expect(passed).toBeGreaterThan(0);
  expect(failed).toEqual([]);
});

/** AWS's lists are in no particular order. */
function equalReferences(found: unknown, expected: Json): boolean {
  return JSON.stringify(ordered(found)) === JSON.stringify(ordered(expected));
}

function ordered(references: unknown): unknown {
  const entries = Object.entries((references ?? {}) as { readonly [state: string]: readonly string[] });
  return entries.map(([state, names]) => [state, [...names].sort()]).sort();
}
