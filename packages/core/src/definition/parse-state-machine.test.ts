import { expect, test } from "vitest";
import type { Json } from "../json.ts";
import {
  diagnoseStateMachine,
  invalidDefinitionMessage,
  parseState,
  parseStateMachine,
} from "./parse-state-machine.ts";
import type { StateMachine } from "./state-machine.ts";

type States = { readonly [name: string]: unknown };

const PASS = { Type: "Pass", End: true };

function machine(states: States, more: object = {}): string {
  return JSON.stringify({ StartAt: Object.keys(states)[0], States: states, ...more });
}

/** The findings as AWS joins them: `CODE: message at location`. */
function findings(text: string, options?: Parameters<typeof parseStateMachine>[1]): string[] {
  return parseStateMachine(text, options).diagnostics.map(
    ({ code, message, location }) => `${code}: ${message} at ${location ?? null}`,
  );
}

function schema(message: string): string {
  return `SCHEMA_VALIDATION_FAILED: ${message}`;
}

function parsed(text: string, options?: Parameters<typeof parseStateMachine>[1]): StateMachine {
  const result = parseStateMachine(text, options);
  if (!result.ok) throw new Error(invalidDefinitionMessage(result.diagnostics));
  return result.machine;
}

test("a definition becomes a machine with its blocks and all its states by name", () => {
  const read = parsed(
    machine(
      {
        M: { Type: "Map", ItemProcessor: { StartAt: "In", States: { In: PASS } }, Next: "P" },
        P: { Type: "Parallel", Branches: [{ StartAt: "B/1", States: { "B/1": { Type: "Succeed" } } }], End: true },
      },
      { Comment: "c", TimeoutSeconds: 7 },
    ),
    { type: "EXPRESS" },
  );
  expect(read).toMatchObject({ type: "EXPRESS", comment: "c", timeoutSeconds: 7, queryLanguage: "JSONPath" });
  expect([...read.states.keys()]).toEqual(["M", "In", "P", "B/1"]);
  expect(read.root).toEqual({ startAt: "M", names: new Set(["M", "P"]), pointer: "" });
  expect(read.states.get("M")).toMatchObject({
    next: "P",
    processor: { startAt: "In", pointer: "/States/M/ItemProcessor" },
  });
  expect(read.states.get("P")).toMatchObject({ next: null, branches: [{ pointer: "/States/P/Branches/0" }] });
  expect(read.states.get("B/1")?.pointer).toBe("/States/P/Branches/0/States/B~11");
});

test("text that is no JSON object is refused without a location", () => {
  expect(findings("")).toEqual([schema("Definition must be a valid JSON object at null")]);
  expect(findings("[]")).toEqual([schema("Definition must be a valid JSON object at null")]);
  expect(parseStateMachine("not a definition").diagnostics).toEqual([
    {
      severity: "ERROR",
      code: "INVALID_JSON_DESCRIPTION",
      message:
        "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n" +
        ' at [Source: (String)"not a definition"; line: 1, column: 4]',
    },
  ]);
  expect(parseStateMachine(`{"Comment": "${"x".repeat(1_048_576)}"}`).ok).toBe(false);
});

test("missing fields are named together, and nothing is said of what they would have led to", () => {
  expect(findings("{}")).toEqual([schema("These fields are required: [States, StartAt] at /")]);
  expect(findings(JSON.stringify({ States: { A: PASS } }))).toEqual([
    schema("These fields are required: [StartAt] at /"),
  ]);
  expect(findings(machine({ A: { Type: "Task", End: true } }))).toEqual([
    schema("These fields are required: [Resource] at /States/A"),
  ]);
  expect(findings(machine({ A: {} }))).toEqual([schema("These fields are required: [Type] at /States/A")]);
});

test("unknown fields and fields of other types of states are refused at the object that has them", () => {
  expect(findings(machine({ A: { ...PASS, _comment: "x", Catch: [] } }))).toEqual([
    schema("Field '_comment' is not supported at /States/A"),
    schema("Field 'Catch' is not supported at /States/A"),
  ]);
  const nested = { StartAt: "B", States: { B: PASS }, Version: "1.0" };
  expect(findings(machine({ A: { Type: "Map", ItemProcessor: nested, End: true } }))).toEqual([
    schema("Field 'Version' is not supported at /States/A/ItemProcessor"),
  ]);
});

test("fields of the other query language are refused", () => {
  expect(findings(machine({ A: { ...PASS, Output: 1 } }))).toEqual([
    schema(
      "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/A",
    ),
  ]);
  expect(findings(machine({ A: { ...PASS, ResultPath: "$" } }, { QueryLanguage: "JSONata" }))).toEqual([
    schema(
      "The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only supported for the 'JSONPath' QueryLanguage at /States/A",
    ),
  ]);
});

test("nested states speak the machine's language, not that of their Map", () => {
  const map = (inner: object) => ({
    Type: "Map",
    QueryLanguage: "JSONata",
    ItemProcessor: { StartAt: "B", States: { B: inner } },
    End: true,
  });
  expect(findings(machine({ A: map({ ...PASS, Parameters: {} }) }))).toEqual([]);
  expect(findings(machine({ A: map({ ...PASS, Output: 1 }) }))).toEqual([
    schema(
      "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/A/ItemProcessor/States/B",
    ),
  ]);
});

test("a branch may speak a language of its own, a processor may not", () => {
  const block = (inner: object) => ({ QueryLanguage: "JSONata", StartAt: "B", States: { B: inner } });
  const branch = (inner: object) => ({ A: { Type: "Parallel", Branches: [block(inner)], End: true } });
  expect(findings(machine(branch({ ...PASS, Output: "{% 1 %}" })))).toEqual([]);
  expect(findings(machine(branch({ ...PASS, QueryLanguage: "JSONPath" })))).toHaveLength(1);
  expect(
    findings(
      machine(
        { A: { Type: "Parallel", Branches: [{ ...block(PASS), QueryLanguage: "JSONPath" }], End: true } },
        { QueryLanguage: "JSONata" },
      ),
    ),
  ).toEqual([
    schema(
      "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/A/Branches[0]",
    ),
  ]);
  for (const name of ["ItemProcessor", "Iterator"]) {
    expect(findings(machine({ A: { Type: "Map", [name]: block(PASS), End: true } }))).toEqual([
      schema(`Field 'QueryLanguage' is not supported at /States/A/${name}`),
    ]);
  }
});

test("a JSONata machine has no JSONPath states", () => {
  expect(findings(machine({ A: { ...PASS, QueryLanguage: "JSONPath" } }, { QueryLanguage: "JSONata" }))).toEqual([
    schema("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/A"),
  ]);
  expect(findings(machine({ A: { ...PASS, QueryLanguage: "XPath" } }))).toEqual([
    schema("The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata] at /States/A/QueryLanguage"),
  ]);
});

test("an unknown type is answered with the types there are", () => {
  expect(findings(machine({ A: { Type: "constructor", End: true } }))).toEqual([
    schema(
      "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/A/Type",
    ),
  ]);
});

test("values of wrong types and out of range are refused where they stand", () => {
  expect(findings(machine({ A: { Type: "Wait", Seconds: "1", End: true } }))).toEqual([
    schema("Expected value of type Integer at /States/A/Seconds"),
  ]);
  expect(findings(machine({ A: { Type: "Wait", Seconds: 1e8, End: true } }))).toEqual([
    schema("Maximum value is 99999999 at /States/A/Seconds"),
  ]);
  const map = { Type: "Map", ItemProcessor: { StartAt: "B", States: { B: PASS } }, End: true };
  expect(findings(machine({ A: { ...map, MaxConcurrency: -1, ToleratedFailurePercentage: 101 } }))).toEqual([
    schema("Minimum value is 0 at /States/A/MaxConcurrency"),
    schema("Maximum value is 100.0 at /States/A/ToleratedFailurePercentage"),
  ]);
});

test("fields that exclude each other, and one of several that must be there", () => {
  expect(findings(machine({ A: { Type: "Pass", Next: "A", End: true } }))).toEqual([
    schema("There should only be one of the following fields: [Next, End] at /States/A"),
  ]);
  expect(findings(machine({ A: { Type: "Pass" } }))).toEqual([
    schema("There should be one of the following fields: [Next, End] at /States/A"),
  ]);
  expect(findings(machine({ A: { Type: "Wait", End: true } }, { QueryLanguage: "JSONata" }))).toEqual([
    schema("There should be one of the following fields: [Seconds, Timestamp] at /States/A"),
  ]);
});

test("targets must exist, states must be led to, lines of states must end", () => {
  expect(findings(machine({ A: { Type: "Pass", Next: "C" }, B: PASS }))).toEqual([
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Next",
    'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
  ]);
  expect(
    findings(
      machine({ A: { Type: "Pass", Next: "B" }, B: { Type: "Pass", Next: "A" }, C: { Type: "Pass", Next: "A" } }),
    ),
  ).toEqual(["MISSING_END_STATE: Workflow has no terminal state at null"]);
  expect(findings(machine({ A: { Type: "Pass", Next: "NOPE" } }))).toEqual([
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next",
    "MISSING_END_STATE: Workflow has no terminal state at null",
  ]);
  expect(findings(machine({ A: PASS, B: PASS }, { StartAt: "X" }))[0]).toBe(
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /StartAt",
  );
  const rule = { Variable: "$.x", IsPresent: true };
  expect(
    findings(machine({ A: { Type: "Choice", Choices: [{ ...rule, Next: "X" }, rule], Default: "Y" }, B: PASS })),
  ).toEqual([
    schema("These fields are required: [Next] at /States/A/Choices[1]"),
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Choices[0]/Next",
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: Y at /States/A/Default",
    'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
  ]);
});

test("a transition cannot leave its branch", () => {
  const branch = { StartAt: "B", States: { B: { Type: "Pass", Next: "C" } } };
  expect(findings(machine({ A: { Type: "Parallel", Branches: [branch], Next: "C" }, C: PASS }))[0]).toBe(
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Branches[0]/States/B/Next",
  );
});

test("names are bounded and unique in the whole machine", () => {
  const long = "x".repeat(81);
  expect(findings(machine({ [long]: PASS }))).toEqual([
    `INVALID_STATE_NAME: Invalid State name: State '${long}' exceeds the 80-character limit allowed by the service at /States/${long}`,
  ]);
  const inner = { StartAt: "A", States: { A: PASS } };
  expect(findings(machine({ A: { Type: "Map", ItemProcessor: inner, End: true } }))).toEqual([
    "DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/ItemProcessor/States/A",
  ]);
  const map = (next: object) => ({
    Type: "Map",
    Label: "L",
    ItemProcessor: { ...inner, ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } },
    ...next,
  });
  const twice = machine({
    M: map({ Next: "N" }),
    N: { ...map({ End: true }), ItemProcessor: { StartAt: "B", States: { B: PASS } } },
  });
  expect(findings(twice)).toEqual(["DUPLICATE_LABEL_NAME: Duplicate label: L at /States/N/Label"]);
});

test("__proto__ is a state's name like any other", () => {
  const text =
    '{"StartAt": "__proto__", "States": {"__proto__": {"Type": "Pass", "Result": {"__proto__": 1}, "End": true}}}';
  const state = parsed(text).states.get("__proto__");
  expect(state).toMatchObject({ type: "Pass", name: "__proto__" });
  expect(findings('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "__proto__": {}}}}')).toEqual([
    schema("Field '__proto__' is not supported at /States/A"),
  ]);
});

test("lines of states are nested to a bound", () => {
  const nested = (depth: number): Json =>
    depth === 0
      ? PASS
      : {
          Type: "Parallel",
          Branches: [{ StartAt: `s${depth}`, States: { [`s${depth}`]: nested(depth - 1) } }],
          End: true,
        };
  expect(findings(machine({ A: nested(50) }))).toEqual([]);
  expect(findings(machine({ A: nested(51) }))).toEqual([
    expect.stringMatching(/^TOO_DEEPLY_NESTED: The states are too deeply nested\. at \/States\/A\/Branches\[0\]/),
  ]);
});

test("expressions that cannot be read are placed as AWS places them", () => {
  expect(findings(machine({ A: { ...PASS, Parameters: { "x.$": "nope" } } }))).toEqual([
    schema(
      "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Parameters",
    ),
  ]);
  expect(findings(machine({ A: { ...PASS, InputPath: "nope", OutputPath: null, ResultPath: "$.a[*]" } }))).toEqual([
    schema("Value must be a valid JSONPath. at /States/A/InputPath"),
    schema("Value is not a Reference Path at /States/A/ResultPath"),
  ]);
});

test("findings come in order of appearance, those of objects before those of the whole", () => {
  const text = machine({
    B: { Type: "Pass", Next: "X" },
    A: { End: true, OutputPath: "x", InputPath: "y", Type: "Pass" },
  });
  expect(parseStateMachine(text).diagnostics.map(({ location }) => location)).toEqual([
    "/States/A/OutputPath",
    "/States/A/InputPath",
    "/States/B/Next",
    "/States/A",
  ]);
});

test("an inner scope does not assign what an outer one assigns, unless it is an execution of its own", () => {
  const inner = { StartAt: "B", States: { B: { ...PASS, Assign: { "x.$": "$.y" } } } };
  const map = { Type: "Map", ItemProcessor: inner, Assign: { x: 1 }, End: true };
  expect(findings(machine({ A: map }))).toEqual([
    schema(
      "The variable 'x' is assigned in an outer scope and cannot be assigned again at /States/A/ItemProcessor/States/B/Assign/x.$",
    ),
  ]);
  const ProcessorConfig = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };
  expect(findings(machine({ A: { ...map, ItemProcessor: { ...inner, ProcessorConfig } } }))).toEqual([]);
  expect(findings(machine({ A: { ...PASS, Assign: { states: 1, "a-b": 2 } } }))).toHaveLength(2);
});

test("variables are listed by the states that refer to them", () => {
  const read = parsed(
    machine({
      A: {
        ...PASS,
        InputPath: "$a",
        Parameters: { "x.$": "States.Format('{}{}', $b, $a)" },
        Assign: { "c.$": "$d.e" },
      },
    }),
  );
  expect([...read.variableReferences]).toEqual([["A", ["a", "b", "d"]]]);
});

test("what Express machines cannot do is refused, also in the children of a Distributed Map", () => {
  const task = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", End: true };
  const message = "Express state machine does not support '.waitForTaskToken' service integration  at";
  expect(findings(machine({ A: task }), { type: "EXPRESS" })).toEqual([schema(`${message} /States/A/Resource`)]);
  const children = (ExecutionType: string) => ({
    Type: "Map",
    ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType }, StartAt: "B", States: { B: task } },
    End: true,
  });
  expect(findings(machine({ A: children("STANDARD") }))).toEqual([]);
  expect(findings(machine({ A: children("EXPRESS") }))).toEqual([
    schema(`${message} /States/A/ItemProcessor/States/B/Resource`),
  ]);
});

test("resources need not be AWS's where that is allowed", () => {
  const text = machine({ A: { Type: "Task", Resource: "docker://x", End: true } });
  expect(findings(text)).toEqual([
    schema(
      "The resource provided docker://x is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/A/Resource",
    ),
  ]);
  expect(parsed(text, { lenientResources: true }).states.get("A")).toMatchObject({
    resource: { kind: "lambda", arn: "docker://x" },
  });
});

test("paths that nobody will evaluate are warned of", () => {
  const text = machine({ A: { ...PASS, Parameters: { a: "$.x" }, Result: { "b.$": 1 } } });
  const result = parseStateMachine(text);
  expect(result.ok).toBe(true);
  expect(result.diagnostics.map(({ severity, code, location }) => [severity, code, location])).toEqual([
    ["WARNING", "NO_DOLLAR", "/States/A/Parameters/a"],
    ["WARNING", "PASS_RESULT_IS_STATIC", "/States/A/Result/b.$"],
  ]);
});

test("many warnings do not hide an error", () => {
  const Parameters = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`p${index}`, "$.x"]));
  const result = parseStateMachine(machine({ A: { ...PASS, Parameters, OutputPath: "x" } }));
  expect(result.ok).toBe(false);
  expect(result.diagnostics).toHaveLength(1_001);
});

test("States.ALL stands alone and last", () => {
  const task = { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", End: true };
  const retry = (...names: string[][]) =>
    findings(machine({ A: { ...task, Retry: names.map((ErrorEquals) => ({ ErrorEquals })) } }));
  expect(retry(["E"], ["States.ALL"])).toEqual([]);
  expect(retry(["States.ALL"], ["E"])).toHaveLength(1);
  expect(retry(["E", "States.ALL"])).toHaveLength(1);
});

test("retriers have the language's defaults", () => {
  const task = { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Retry: [{ ErrorEquals: ["E"] }], End: true };
  expect(parsed(machine({ A: task })).states.get("A")).toMatchObject({
    retry: [{ errorEquals: ["E"], intervalSeconds: 1, maxAttempts: 3, backoffRate: 2, jitterStrategy: "NONE" }],
    catch: [],
  });
});

test("the message of InvalidDefinition joins the errors and leaves out warnings", () => {
  const { diagnostics } = parseStateMachine(machine({ A: { Type: "Pass", Next: "A", Parameters: { a: "$.x" } } }));
  expect(invalidDefinitionMessage(diagnostics)).toBe(
    "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'",
  );
});

test("a place is known as data where AWS gives none or a coarser one", () => {
  expect(diagnoseStateMachine(machine({ A: { ...PASS, Parameters: { o: { "x.$": "nope" } } } }))).toEqual([
    {
      severity: "ERROR",
      code: "SCHEMA_VALIDATION_FAILED",
      message: expect.any(String) as string,
      location: "/States/A/Parameters/o",
      path: ["States", "A", "Parameters", "o", "x.$"],
    },
  ]);
});

test("a state alone is a machine whose transitions may lead anywhere", () => {
  const result = parseState({ Type: "Pass", Next: "Elsewhere" }, "StateName");
  expect(result.ok && result.machine.root).toEqual({
    startAt: "StateName",
    names: new Set(["StateName"]),
    pointer: "",
  });
  expect(parseState({ Type: "Parallel", Branches: [], End: true }, "StateName").diagnostics).toEqual([
    {
      severity: "ERROR",
      code: "SCHEMA_VALIDATION_FAILED",
      message: "Value cannot be empty",
      location: "/States/StateName/Branches",
    },
  ]);
  expect(parseState({ ...PASS, Output: "{% 1 %}" }, "S", { queryLanguage: "JSONata" }).ok).toBe(true);
  expect(parseState(null, "S").ok).toBe(false);
});
