import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diagnoseStateMachine } from "../definition/parse-state-machine.ts";
import type { Json } from "../json.ts";
import { explainFailure } from "./explain-failure.ts";
import { lintDefinition } from "./lint-definition.ts";
import { LINT_RULES } from "./rules/index.ts";

// Each rule's page has an example in which it finds something, and one in which it does not: these are its cases.

const PAGES = join(import.meta.dirname, "..", "..", "..", "..", "docs", "lint");

function page(code: string): { type: "STANDARD" | "EXPRESS"; bad: string; good: string; text: string } {
  const text = readFileSync(join(PAGES, `${code}.md`), "utf8");
  const [bad = "", good = ""] = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
  return { type: /of type EXPRESS/.test(text) ? "EXPRESS" : "STANDARD", bad, good, text };
}

/** What AWS's diagnostics refuse too. */
const INVALID = new Set(["states-all-not-last", "jsonata-2.1-syntax"]);

describe.each(LINT_RULES.map((rule) => [rule.code, rule] as const))("%s", (code, { severity, summary }) => {
  const { type, bad, good, text } = page(code);

  test("finds its bad example, in the right place, and not its good one", () => {
    const found = lintDefinition(JSON.parse(bad), { type }).filter((finding) => finding.code === code);
    expect(found.length).toBeGreaterThan(0);
    for (const { path, message } of found) {
      expect(at(JSON.parse(bad), path)).toBeDefined();
      expect(message).not.toMatch(/undefined|\[object/);
    }
    expect(lintDefinition(JSON.parse(good), { type }).filter((finding) => finding.code === code)).toEqual([]);
  });

  test("has examples that are valid but for what it finds", () => {
    const errors = (definition: string) =>
      diagnoseStateMachine(definition, { type }).filter((d) => d.severity === "ERROR");
    expect(errors(good)).toEqual([]);
    if (!INVALID.has(code)) expect(errors(bad)).toEqual([]);
  });

  test("has a page with its severity, summary and source", () => {
    expect(text).toContain(`${severity.toLowerCase()}: ${summary}.`);
    expect(text).toMatch(/^Source: \S/m);
  });

  test("makes with its fix, where it has one, a valid definition in which it finds nothing", () => {
    const definition = structuredClone(JSON.parse(bad));
    const fixes = lintDefinition(definition, { type }).flatMap((finding) =>
      finding.code === code ? (finding.fix ?? []) : [],
    );
    expect(fixes.length > 0).toBe(/^`--fix`: /m.test(text));
    for (const { path, value } of fixes) {
      const holder = at(definition, path.slice(0, -1)) as { [key: string | number]: unknown };
      holder[path.at(-1) as string] = value;
    }
    if (fixes.length === 0) return;
    expect(lintDefinition(definition, { type }).filter((finding) => finding.code === code)).toEqual([]);
    expect(diagnoseStateMachine(JSON.stringify(definition), { type }).filter((d) => d.severity === "ERROR")).toEqual(
      [],
    );
  });
});

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce((holder: unknown, step) => (holder as { [key: string | number]: unknown })?.[step], value);
}

test("every page is of a rule, and the list names them all", () => {
  const pages = readdirSync(PAGES).filter((name) => name !== "README.md");
  expect(pages.map((name) => name.replace(/\.md$/, "")).sort()).toEqual(LINT_RULES.map(({ code }) => code).sort());
  const list = readFileSync(join(PAGES, "README.md"), "utf8");
  for (const { code, severity } of LINT_RULES)
    expect(list).toContain(`[\`${code}\`](${code}.md) | ${severity.toLowerCase()} |`);
});

describe("stepwell-disable", () => {
  const ask = (comment: string, outer?: string): Json => ({
    ...(outer === undefined ? {} : { Comment: outer }),
    StartAt: "Ask",
    States: {
      Ask: {
        Comment: comment,
        Type: "Task",
        Resource: "arn:aws:states:us-east-1:123456789012:activity:a",
        End: true,
      },
    },
  });
  const codes = (definition: Json): string[] => lintDefinition(definition).map(({ code }) => code);

  test("takes a rule away in its state, or everywhere, when it says why", () => {
    expect(codes(ask("asks a person"))).toEqual(["token-without-timeout"]);
    expect(codes(ask("stepwell-disable: token-without-timeout -- takes months"))).toEqual([]);
    expect(codes(ask("asks", "stepwell-disable: http-60s, token-without-timeout -- by design"))).toEqual([]);
  });

  test("without a reason, or with a rule that does not exist, is a finding itself", () => {
    expect(codes(ask("stepwell-disable: token-without-timeout"))).toEqual([
      "token-without-timeout",
      "stepwell-disable",
    ]);
    const unknown = lintDefinition(ask("stepwell-disable: tokens -- no"));
    expect(unknown.map(({ message }) => message)).toContain('there is no rule "tokens"');
  });
});

test("nothing that is no definition makes a rule fail", () => {
  const odd: Json[] = [
    null,
    1,
    "x",
    [],
    {},
    { States: 1 },
    { States: { A: 1, B: { Type: 2 }, C: { Type: "Choice", Choices: [1, { And: 3 }] } } },
  ];
  const states = {
    A: { Type: "Map", ItemProcessor: [], Catch: {}, Retry: [null] },
    B: { Type: "Task", Resource: "x" },
  };
  for (const definition of [...odd, { States: states }]) expect(lintDefinition(definition)).toBeInstanceOf(Array);
  let deep: Json = {};
  for (let i = 0; i < 500; i++) deep = { StartAt: "M", States: { M: { Type: "Map", ItemProcessor: deep } } };
  expect(lintDefinition(deep)).toBeInstanceOf(Array);
});

describe("the rules that would have told of a failure", () => {
  const hints = (code: string, failure: Parameters<typeof explainFailure>[1]): string[] =>
    explainFailure(JSON.parse(page(code).bad), failure).map((finding) => finding.code);

  test.each([
    [
      "choice-no-default",
      {
        error: "States.Runtime",
        cause: "Failed to transition out of the state. The state does not point to a next state.",
      },
    ],
    [
      "jsonata-undefined-risk",
      { error: "States.QueryEvaluationError", cause: "The JSONata expression '…' returned nothing (undefined)." },
    ],
    ["lambda-retry-missing", { error: "Lambda.TooManyRequestsException", stateName: "Work" }],
    ["map-item-uncaught", { error: "Mine", stateName: "Work" }],
    ["optimized-vs-sdk-error-name", { error: "DynamoDB.ProvisionedThroughputExceededException" }],
  ])("%s", (code, failure) => {
    expect(hints(code, failure)).toContain(code);
  });

  test("are none when the failure has nothing to do with the findings", () => {
    expect(hints("lambda-retry-missing", { error: "Mine", stateName: "Work" })).toEqual([]);
  });
});

const FN = "arn:aws:lambda:us-east-1:123456789012:function:f";
const INVOKE = { Type: "Task", Resource: "arn:aws:states:::lambda:invoke" };
const END = { Type: "Succeed" };
const PUT = { Type: "Task", Resource: "arn:aws:states:::aws-sdk:s3:putObject", End: true };
const SNS = { Type: "Task", Resource: "arn:aws:states:::sns:publish", Parameters: { Message: "m" }, End: true };

function codes(states: object, more: object = {}, type: "STANDARD" | "EXPRESS" = "STANDARD"): string[] {
  const definition = { StartAt: Object.keys(states)[0] ?? "", States: states, ...more };
  return lintDefinition(definition as unknown as Json, { type }).map(({ code, path }) => `${code} ${path.join("/")}`);
}

function mapOf(state: object, more: object = {}): object {
  return { M: { Type: "Map", ItemProcessor: { StartAt: "W", States: { W: state } }, ...more, End: true } };
}

describe("what a rule must and must not find", () => {
  const ask = { ...INVOKE, Parameters: { FunctionName: FN }, Next: "B" };
  const numbers = [
    { Variable: "$.n", NumericLessThan: 5, Next: "B" },
    { Variable: "$.n", NumericGreaterThanEquals: 5, Next: "B" },
  ];
  const conditions = [
    { Condition: "{% $states.input.a %}", Next: "B" },
    { Condition: "{% $not($states.input.a) %}", Next: "B" },
  ];
  const loop = {
    W: { Type: "Wait", Seconds: "{% 10 %}", Next: "T" },
    T: { Type: "Task", Resource: FN, Next: "C" },
    C: { Type: "Choice", Choices: [{ Condition: "{% $states.input.x %}", Next: "E" }], Default: "W" },
    E: END,
  };
  const jsonata = { QueryLanguage: "JSONata" };

  test.each<[string, string[]]>([
    ["unreachable-state States/B", codes({ A: END, B: END })],
    [
      "unreachable-state States/M/ItemProcessor/States/X",
      codes(mapOf({ ...END, X: 1 }, { ItemProcessor: { StartAt: "W", States: { W: END, X: END } } })),
    ],
    [
      "express-unsupported States/A",
      codes({ A: { ...SNS, Resource: `${SNS.Resource}.waitForTaskToken` } }, {}, "EXPRESS"),
    ],
    [
      "express-unsupported States/A",
      codes({ A: { ...PUT, Resource: "arn:aws:states:::glue:startJobRun.sync" } }, {}, "EXPRESS"),
    ],
    ["retry-on-non-idempotent States/A", codes({ A: SNS }, {}, "EXPRESS")],
    ["result-shape States/A/OutputPath", codes({ A: { ...ask, OutputPath: "$.total" }, B: END })],
    [
      "result-shape States/B/Choices/0/Variable",
      codes({
        A: { ...ask, ResultPath: "$.r" },
        B: { Type: "Choice", Choices: [{ Variable: "$.r.status", StringEquals: "x", Next: "C" }], Default: "C" },
        C: END,
      }),
    ],
    [
      "result-shape States/B/Output",
      codes(
        {
          A: { ...ask, Parameters: undefined, Arguments: { FunctionName: FN } },
          B: { Type: "Pass", Output: "{% $states.input.total %}", End: true },
        },
        jsonata,
      ),
    ],
    [
      "map-shared-write States/M/ItemProcessor/States/W",
      codes(
        mapOf({
          ...PUT,
          Parameters: { Bucket: "b", "Key.$": "States.Format('{}.json', $$.Execution.Name)", Body: "x" },
        }),
      ),
    ],
    [
      "map-shared-write States/M/ItemProcessor/States/W",
      codes(mapOf({ Type: "Task", Resource: FN, Parameters: { bucket: "b", key: "results.csv" }, End: true })),
    ],
    [
      "map-shared-write States/M/ItemProcessor/States/W",
      codes(mapOf({ ...PUT, Arguments: { Bucket: "b", Key: "{% 'k' %}", Body: "x" } }), jsonata),
    ],
    ["poll-loop-budget States/W", codes(loop, jsonata)],
    [
      "optimized-vs-sdk-error-name States/A/Catch/0/ErrorEquals/0",
      codes({
        A: {
          Type: "Task",
          Resource: "arn:aws:states:::aws-sdk:sfn:startExecution",
          Catch: [{ ErrorEquals: ["StepFunctions.ExecutionAlreadyExistsException"], Next: "B" }],
          Next: "B",
        },
        B: END,
      }),
    ],
    [
      "jsonata-2.1-syntax States/A/Output",
      codes({ A: { Type: "Pass", Output: "{% $states.input.a ?? 1 %}", End: true } }, jsonata),
    ],
  ])("%s is found", (wanted, found) => {
    expect(found).toContain(wanted);
  });

  test.each<[string, string[]]>([
    ["choice-no-default", codes({ A: { Type: "Choice", Choices: numbers }, B: END })],
    ["choice-no-default", codes({ A: { Type: "Choice", Choices: conditions }, B: END }, jsonata)],
    ["poll-loop-budget", codes(loop, { ...jsonata, TimeoutSeconds: 3600 })],
    [
      "jsonata-2.1-syntax",
      codes({ A: { Type: "Pass", Output: "{% $match($states.input.a, /(?:x|y)??/) %}", End: true } }, jsonata),
    ],
    [
      "jsonata-2.1-syntax",
      codes({ A: { Type: "Pass", Output: "{% $states.input.a ? 1 : '??' %}", End: true } }, jsonata),
    ],
    ["map-shared-write", codes(mapOf({ ...PUT, Parameters: { Bucket: "b", "Key.$": "$.id", Body: "x" } }))],
    [
      "map-shared-write",
      codes(
        mapOf({
          ...PUT,
          Parameters: { Bucket: "b", "Key.$": "States.Format('{}/{}', $$.Execution.Name, $.id)", Body: "x" },
        }),
      ),
    ],
    [
      "result-shape",
      codes({
        A: { ...ask, OutputPath: "$.Payload" },
        B: { Type: "Pass", Parameters: { "x.$": "$.total" }, End: true },
      }),
    ],
    [
      "result-shape",
      codes({
        A: { ...ask, ResultPath: "$.r" },
        B: { Type: "Pass", Parameters: { "x.$": "$.r.Payload.total", "y.$": "$.other" }, End: true },
      }),
    ],
    [
      "result-shape",
      codes({
        A: { ...ask, ResultPath: null },
        B: { Type: "Pass", Parameters: { "x.$": "$.total" }, End: true },
      }),
    ],
    [
      "result-shape",
      codes({
        Z: { Type: "Choice", Choices: [{ Variable: "$.a", IsNull: true, Next: "B" }], Default: "A" },
        A: ask,
        B: { Type: "Pass", Parameters: { "x.$": "$.total" }, End: true },
      }),
    ],
    [
      "unreachable-state",
      codes({ A: { Type: "Task", Resource: FN, Catch: [{ ErrorEquals: ["X"], Next: "B" }], End: true }, B: END }),
    ],
  ])("%s is not found where it is none", (code, found) => {
    expect(found.filter((each) => each.startsWith(code))).toEqual([]);
  });
});

describe("the input that a catcher replaces", () => {
  const code = "catch-without-resultpath";
  const caught = (handler: object, more: object = {}): string[] =>
    codes({ A: { ...INVOKE, Catch: [{ ErrorEquals: ["X"], Next: "H" }], End: true }, H: handler }, more).filter(
      (found) => found.startsWith(code),
    );
  const jsonata = { QueryLanguage: "JSONata" };

  test.each<[string, object, object]>([
    ["a fixed result", { Type: "Pass", Result: "sorry", End: true }, {}],
    ["a fixed message", SNS, {}],
    ["what the context says", { ...SNS, Parameters: { "Message.$": "$$.Execution.Id", "Subject.$": "$name" } }, {}],
    ["a fixed failure", { Type: "Fail", Error: "E" }, jsonata],
    ["a fixed output", { Type: "Pass", Output: { done: "{% $states.context.Execution.Id %}" }, End: true }, jsonata],
  ])("is not missed by %s", (_, handler, more) => {
    expect(caught(handler, more)).toEqual([]);
  });

  test.each<[string, object, object]>([
    ["a result put into it", { Type: "Pass", Result: "sorry", ResultPath: "$.r", End: true }, {}],
    ["a message made of it", { ...SNS, Parameters: { "Message.$": "States.Format('{}', $.id)" } }, {}],
    ["a task that gets all of it", { Type: "Task", Resource: FN, End: true }, {}],
    ["a task that passes it on", { ...SNS, ResultPath: null }, {}],
    ["a choice", { Type: "Choice", Choices: [], Default: "A" }, {}],
    ["an expression", { Type: "Fail", Error: "{% $states.input.id %}" }, jsonata],
    ["a state that gives it on", { Type: "Pass", End: true }, jsonata],
  ])("is missed by %s", (_, handler, more) => {
    expect(caught(handler, more)).toEqual([`${code} States/A/Catch/0`]);
  });
});

describe("what may not be there", () => {
  const choices = (...rules: object[]): string[] =>
    codes({
      A: { Type: "Choice", Choices: rules.map((rule) => ({ ...rule, Next: "B" })), Default: "B" },
      B: END,
    }).filter((found) => found.startsWith("choice-missing-ispresent"));
  const state = { Variable: "$.job.state", StringEquals: "DONE" };

  test("is asked for with what it stands in, and by rules that did not hold", () => {
    expect(choices(state)).toHaveLength(1);
    expect(choices({ And: [{ Variable: "$.job", IsPresent: true }, state] })).toEqual([]);
    expect(
      choices({
        And: [
          { Variable: "$.a.job", IsPresent: true },
          { ...state, Variable: "$.a.job.state" },
        ],
      }),
    ).toEqual([]);
    expect(choices({ Not: { Variable: "$.job.state", IsPresent: true } }, state)).toEqual([]);
    expect(
      choices(
        {
          Or: [
            { Variable: "$.job.state", IsPresent: false },
            { Variable: "$.x", IsNull: true },
          ],
        },
        state,
      ),
    ).toEqual([]);
    expect(choices({ And: [{ Variable: "$.job.state", IsPresent: true }, state] }, state)).toHaveLength(1);
  });

  test("is no member that every answer of an API has", () => {
    const output = (service: string, expression: string): string[] =>
      codes(
        {
          A: { Type: "Task", Resource: `arn:aws:states:::${service}`, Output: { v: `{% ${expression} %}` }, End: true },
        },
        { QueryLanguage: "JSONata" },
      ).filter((found) => found.startsWith("jsonata-undefined-risk"));
    const id = "$states.result.KnowledgeBase.KnowledgeBaseId";
    expect(output("aws-sdk:bedrockagent:createKnowledgeBase", id)).toEqual([]);
    expect(output("aws-sdk:dynamodb:getItem", "$states.result.Item.name.S")).toHaveLength(1);
    expect(output("lambda:invoke", "$states.result.Payload.total")).toHaveLength(1);
    expect(output("aws-sdk:bedrockagent:createKnowledgeBase", "$states.input.a.b")).toHaveLength(1);
  });
});
