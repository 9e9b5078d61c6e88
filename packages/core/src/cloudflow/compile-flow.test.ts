import fc from "fast-check";
import { expect, test } from "vitest";
import { Drive } from "../execution/drive.test-support.ts";
import type { Json } from "../json.ts";
import { compileFlow } from "./compile-flow.ts";
import { parseFlowExpression } from "./expression.ts";
import { FlowExpressionError } from "./expression-tokens.ts";
import { parsePath } from "./path-text.ts";

const WORDS = [
  "$",
  "$Input",
  "$.a",
  ".b",
  "[0]",
  "[*]",
  "['x']",
  "&&",
  "||",
  "!",
  "-",
  "in",
  "==",
  "<",
  "(",
  ")",
  "{",
  "}",
];
const MORE = [
  "[",
  "]",
  ",",
  ":",
  "?",
  '"t"',
  "`r`",
  "'s'",
  "1",
  "2.5",
  "true",
  "length(",
  "format(",
  " ",
  "{%",
  "%}",
  "\\",
];

const expressionText = fc.oneof(
  fc.string(),
  fc.array(fc.constantFrom(...WORDS, ...MORE), { maxLength: 12 }).map((w) => w.join("")),
);

test("an expression parses or is refused in words; nothing else is thrown", () => {
  fc.assert(
    fc.property(expressionText, (text) => {
      for (const parse of [parseFlowExpression, parsePath]) {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(FlowExpressionError);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

test("deep nesting is refused, not run out of stack", () => {
  for (const text of [
    "(".repeat(10_000),
    "!".repeat(10_000),
    `${"[".repeat(10_000)}1`,
    "-".repeat(10_000),
    "a(".repeat(5_000),
  ]) {
    expect(() => parseFlowExpression(text)).toThrow(FlowExpressionError);
  }
});

const KEYS = [
  "type",
  "Type",
  "steps",
  "States",
  "name",
  "Name",
  "choices",
  "condition",
  "default",
  "branches",
  "goto",
  "end",
];
const VALUES = [
  "flow",
  "StateMachine",
  "pass",
  "task",
  "choice",
  "parallel",
  "foreach",
  "wait",
  "Pass",
  "Map",
  "Choice",
  "a",
  "b",
];

const anyFlow = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(...VALUES, ...WORDS),
    fc.constantFrom<Json>(null, true, 0, 1, -1, 1e9),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS, "__proto__", "End", "Next", "OutputConstructor", "x.$"), tie("value")),
  ),
})).value;

test("whatever is given as a flow, compiling it ends with a result, and what compiles can be run", () => {
  fc.assert(
    fc.property(anyFlow, fc.boolean(), (value, steps) => {
      const holder = typeof value === "object" && value !== null && !Array.isArray(value) ? value : { steps: value };
      const flow = { ...holder, ...(steps ? { type: "flow" } : { Type: "StateMachine" }) };
      for (const plain of [false, true]) {
        const result = compileFlow(flow, { plain });
        expect(result.ok || result.diagnostics.some(({ severity }) => severity === "ERROR")).toBe(true);
        if (result.ok && !plain) new Drive(result.flow.definition, {}, { flow: result.flow.language }).run(50);
      }
    }),
    { numRuns: 1_000 },
  );
});
