/** What computed fields say at run time. The wordings are recorded on AWS: recorded-behaviour.md, facts 14 to 19. */
import { expect, test } from "vitest";
import type { EvaluationScope } from "../data/evaluation-scope.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import type { Json } from "../json.ts";
import { parseState, parseStateMachine } from "./parse-state-machine.ts";
import type { Expression, FailState, MapState, State, TaskState, WaitState } from "./state-machine.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

function scope(input: Json, variables = {}): EvaluationScope {
  return { input, context: {}, variables, facts: { now: NOW, random: () => 0, uuid: () => "" } };
}

function read<T extends State>(definition: { readonly [field: string]: Json }, queryLanguage?: "JSONata"): T {
  const result = parseState({ End: true, ...definition }, "S", queryLanguage === undefined ? {} : { queryLanguage });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.machine.states.get("S") as T;
}

function readFail(CausePath: string): FailState {
  const result = parseState({ Type: "Fail", CausePath }, "S");
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.machine.states.get("S") as FailState;
}

/** The value, or error and cause of what is thrown. */
function evaluate(expression: Expression<Json> | undefined, input: Json): Json | undefined {
  try {
    return expression?.evaluate(scope(input));
  } catch (signal) {
    if (!(signal instanceof StatesErrorSignal)) throw signal;
    return `${signal.statesError.error}: ${signal.statesError.cause}`;
  }
}

function wait(field: string, value: Json, input: Json, queryLanguage?: "JSONata"): Json | undefined {
  const { until } = read<WaitState>({ Type: "Wait", [field]: value }, queryLanguage);
  return evaluate(until.kind === "seconds" ? until.seconds : until.at, input);
}

test.each<[Json, Json]>([
  [5, 5],
  ["5", 5],
  [-1, "States.Runtime: The SecondsPath parameter references a negative value: $.s == -1"],
  [1.5, "States.Runtime: The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5"],
  [-1.5, "States.Runtime: The SecondsPath parameter cannot be parsed as a long value: $.s == -1.5"],
  ["x", "States.Runtime: The SecondsPath parameter cannot be parsed as a long value: $.s == x"],
  [2 ** 31, "States.Runtime: Wait state delay is too long."],
])("SecondsPath to %j", (seconds, expected) => {
  expect(wait("SecondsPath", "$.s", { s: seconds })).toBe(expected);
});

test("paths that lead nowhere", () => {
  expect(wait("SecondsPath", "$.input.waitSeconds", {})).toBe(
    "States.Runtime: The SecondsPath parameter does not reference an input value: $.input.waitSeconds",
  );
  const task = {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    TimeoutSecondsPath: "$.NoSuchTimeoutSecondsPath",
  };
  expect(evaluate(read<TaskState>(task).timeoutSeconds, {})).toBe(
    "States.Runtime: Invalid path '$.NoSuchTimeoutSecondsPath' : No results for path: $['NoSuchTimeoutSecondsPath']",
  );
  const { cause } = readFail("$.NoSuchCausePath");
  expect(evaluate(cause, { a: 1 })).toBe(
    `States.Runtime: The JSONPath '$.NoSuchCausePath' specified for the field 'CausePath' could not be found in the input '{"a":1}'`,
  );
});

test.each<[Json, Json]>([
  ["2026-01-01T00:00:05Z", NOW + 5000],
  ["2016-03-14T01:59:00.123456Z", Date.parse("2016-03-14T01:59:00.123Z")],
  [
    "2016-12-05T21:29:29",
    "States.Runtime: The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t == 2016-12-05T21:29:29",
  ],
  ["2100-01-01T00:00:00Z", "States.Runtime: Wait state delay is too long."],
])("TimestampPath to %j", (timestamp, expected) => {
  expect(wait("TimestampPath", "$.t", { t: timestamp })).toBe(expected);
});

test("a literal Timestamp is read when the definition is", () => {
  expect(wait("Timestamp", "2016-03-14T01:59:00Z", {})).toBe(Date.parse("2016-03-14T01:59:00Z"));
  expect(parseState({ Type: "Wait", Timestamp: "2016-13-05T21:29:29Z", End: true }, "S").diagnostics).toMatchObject([
    { message: "String does not match RFC3339 timestamp", location: "/States/S/Timestamp" },
  ]);
});

function map(fields: { readonly [field: string]: Json }): MapState {
  const ProcessorConfig = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };
  const ItemProcessor = { ProcessorConfig, StartAt: "I", States: { I: { Type: "Pass", End: true } } };
  return read<MapState>({ Type: "Map", ItemProcessor, ...fields });
}

test.each<[Json, Json]>([
  [3, 3],
  [0, 0],
  [{}, 'States.Runtime: The MaxConcurrencyPath field refers to value "{}" which is not a valid integer: $.n'],
  [
    "NoNumber",
    'States.Runtime: The MaxConcurrencyPath field refers to value "NoNumber" which is not a valid integer: $.n',
  ],
])("MaxConcurrencyPath to %j", (value, expected) => {
  expect(evaluate(map({ MaxConcurrencyPath: "$.n" }).maxConcurrency, { n: value })).toBe(expected);
});

test("tolerated failures", () => {
  const count = map({ ToleratedFailureCountPath: "$.n" }).distributed?.toleratedFailureCount;
  expect(evaluate(count, { n: 2 })).toBe(2);
  expect(evaluate(count, { n: -1 })).toBe("States.Runtime: ToleratedFailureCount cannot be negative.");
  const percentage = map({ ToleratedFailurePercentagePath: "$.n" }).distributed?.toleratedFailurePercentage;
  expect(evaluate(percentage, { n: 0.5 })).toBe(0.5);
  for (const n of [-1, 100.1]) {
    expect(evaluate(percentage, { n })).toBe("States.Runtime: ToleratedFailurePercentage must be between 0 and 100.");
  }
  expect(evaluate(percentage, { n: "NoNumber" })).toBe(
    'States.Runtime: The ToleratedFailurePercentagePath field refers to value "NoNumber" which is not a valid float: $.n',
  );
});

test("the number of items to read", () => {
  const Resource = "arn:aws:states:::s3:getObject";
  const reader = (ReaderConfig: Json) => map({ ItemReader: { Resource, ReaderConfig } }).distributed?.itemReader;
  expect(reader({ InputType: "JSONL", MaxItems: 0 })?.maxItems?.literal).toBe(0);
  expect(evaluate(reader({ InputType: "JSONL", MaxItemsPath: "$.n" })?.maxItems, { n: -1 })).toBe(
    "States.ItemReaderFailed: field MaxItems must be positive",
  );
});

test("a result writer alone decides how results look, exported ones keep their metadata", () => {
  const writer = (ResultWriter: Json) => map({ ResultWriter }).distributed?.resultWriter;
  expect(writer({ WriterConfig: { OutputType: "JSONL" } })).toEqual({ outputType: "JSONL", transformation: "COMPACT" });
  expect(writer({ Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "b" } })).toMatchObject({
    outputType: "JSON",
    transformation: "NONE",
  });
});

test("the role of a task", () => {
  const task = { Type: "Task", Resource: "arn:aws:states:::lambda:invoke" };
  const role = (Credentials: Json) => read<TaskState>({ ...task, Credentials }).credentialsRoleArn;
  expect(evaluate(role({ RoleArn: "arn:x" }), {})).toBe("arn:x");
  expect(evaluate(role({ "RoleArn.$": "$.r" }), { r: "arn:y" })).toBe("arn:y");
  expect(evaluate(role({ "RoleArn.$": "$.r" }), { r: 1 })).toMatch(/^States.Runtime: /);
});

test("InputPath null gives an empty object", () => {
  expect(evaluate(read({ Type: "Pass", InputPath: null }).inputPath, { a: 1 })).toEqual({});
});

const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f";
const INNER = { StartAt: "I", States: { I: { Type: "Pass", End: true } } };

function locations(state: object): readonly (string | undefined)[] {
  const { diagnostics } = parseStateMachine(JSON.stringify({ StartAt: "S", States: { S: { End: true, ...state } } }));
  return diagnostics.map(({ message, location }) => `${message} at ${location?.replace("/States/S/", "")}`);
}

test.each([null, true, 1, "$.a"])("what must be an object is refused as %j", (value) => {
  const reader = { Resource: "arn:aws:states:::s3:listObjectsV2", Parameters: value };
  const processor = { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" }, ...INNER };
  expect([
    ...locations({ Type: "Task", Resource: FUNCTION, ResultSelector: value }),
    ...locations({ Type: "Task", Resource: FUNCTION, QueryLanguage: "JSONata", Arguments: value }),
    ...locations({ Type: "Parallel", Branches: [INNER], QueryLanguage: "JSONata", Arguments: value }),
    ...locations({ Type: "Map", ItemProcessor: processor, ItemReader: reader }),
  ]).toEqual(
    ["ResultSelector", "Arguments", "Arguments", "ItemReader/Parameters"].map(
      (place) => `Expected value of type Object at ${place}`,
    ),
  );
});

test("what is not in $states is missed where it is read", () => {
  expect(locations({ Type: "Pass", QueryLanguage: "JSONata", Output: { a: [1, "{% $states.result %}"] } })).toEqual([
    "Field '$states.result' does not exist. at Output/a[1]",
  ]);
});

test("End: false leads nowhere", () => {
  const places = locations({ Type: "Pass", End: false });
  expect(places).toEqual(["There should be one of the following fields: [Next, End] at /States/S"]);
});

test("Parameters may be any JSON, Arguments a list or an expression", () => {
  expect(locations({ Type: "Task", Resource: FUNCTION, Parameters: ["x"] })).toEqual([]);
  for (const written of [["{% 1 %}"], "{% $states.input %}"]) {
    expect(locations({ Type: "Task", Resource: FUNCTION, QueryLanguage: "JSONata", Arguments: written })).toEqual([]);
  }
});
