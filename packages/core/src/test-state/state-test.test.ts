import { describe, expect, test } from "vitest";
import { STRICT_LIMITS } from "../execution/limits.ts";
import type { Json } from "../json.ts";
import {
  type StateTestProgress,
  type StateTestReport,
  type StateTestRequest,
  type StateTestSurroundings,
  testState,
} from "./state-test.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const SURROUNDINGS: StateTestSurroundings = {
  identity: { partition: "aws", region: "us-east-1", accountId: "123456789012" },
  facts: { now: NOW, seed: "0123456789abcdef" },
  limits: STRICT_LIMITS,
};

type Request = Omit<StateTestRequest, "definition">;

function begin(state: Json, request: Request = {}, surroundings: Partial<StateTestSurroundings> = {}) {
  return testState({ definition: JSON.stringify(state), ...request }, { ...SURROUNDINGS, ...surroundings });
}

function report(state: Json, request: Request = {}): StateTestReport {
  const progress = begin(state, request);
  if (progress.kind !== "ended") throw new Error(`the test must have ended: ${JSON.stringify(progress)}`);
  return progress.report;
}

function refusal(progress: StateTestProgress): string {
  return progress.kind === "refused" ? `${progress.code}: ${progress.message}` : progress.kind;
}

/** The names of the stages. */
function stages(state: Json, request: Request = {}): string[] {
  return Object.keys(report(state, request).inspection).sort();
}

const PROCESSOR = { StartAt: "Inner", States: { Inner: { Type: "Pass", End: true } } };
const DISTRIBUTED = { ...PROCESSOR, ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } };
const INVOKE = { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", End: true };
const WAITING = { ...INVOKE, Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken" };
const MAP = { Type: "Map", ItemProcessor: DISTRIBUTED, ItemsPath: "$.v", End: true };
const PARALLEL = {
  Type: "Parallel",
  Branches: [PROCESSOR, { StartAt: "B", States: { B: { Type: "Pass", End: true } } }],
  End: true,
};
const JSONATA = { QueryLanguage: "JSONata" };
const RESULT = { mock: { result: "{}" } };
const ERROR = { mock: { errorOutput: { error: "E", cause: "C" } } };

describe("stages", () => {
  test.each<[string, Json, Request, string]>([
    ["Pass", { Type: "Pass", End: true }, {}, "InputPath Parameters ResultPath ResultSelector"],
    ["Pass with a Result", { Type: "Pass", Result: 1, End: true }, {}, "ResultPath ResultSelector + result"],
    ["Pass, JSONata", { ...JSONATA, Type: "Pass", End: true }, {}, ""],
    ["Succeed", { Type: "Succeed" }, {}, "InputPath"],
    ["Fail", { Type: "Fail" }, {}, "InputPath"],
    ["Fail, JSONata", { ...JSONATA, Type: "Fail" }, {}, ""],
    ["Choice", { Type: "Choice", Choices: [{ Variable: "$", IsPresent: true, Next: "A" }] }, {}, "InputPath"],
    ["Wait", { Type: "Wait", Seconds: 0, End: true }, {}, "InputPath"],
    ["Task", INVOKE, RESULT, "InputPath Parameters ResultPath ResultSelector + result"],
    ["Task that fails", INVOKE, ERROR, "InputPath Parameters"],
    ["Task, JSONata", { ...INVOKE, ...JSONATA, Arguments: {} }, RESULT, "Arguments + result"],
    ["Parallel", { ...PARALLEL, InputPath: "$" }, { mock: { result: "[1,2]" } }, "ResultPath ResultSelector"],
    ["Parallel that fails", PARALLEL, ERROR, ""],
    ["Parallel, JSONata", { ...PARALLEL, ...JSONATA, Arguments: [1] }, { mock: { result: "[1,2]" } }, ""],
    [
      "Map",
      MAP,
      { input: '{"v":[]}', mock: { result: "[]" } },
      "InputPath ItemsPath ResultPath ResultSelector + maxConcurrency",
    ],
    ["Map that fails", MAP, { ...ERROR, input: '{"v":[]}' }, "InputPath ItemsPath + maxConcurrency"],
    ["Map without items", MAP, { ...ERROR, input: '{"v":1}' }, "InputPath"],
  ])("of a %s", (_what, state, request, expected) => {
    const [after = "", others = ""] = expected.split("+");
    const words = (text: string) => text.split(" ").filter((word) => word !== "");
    const names = [...words(after).map((word) => `after${word}`), "input", ...words(others)];
    expect(stages(state, request)).toEqual(names.sort());
  });

  test("texts that nothing changed are the caller's own", () => {
    const { output, inspection } = report(PARALLEL, { mock: { result: '[ 1,  {"a": 2} ]' }, input: "[ 5 ]" });
    expect(output).toBe('[ 1,  {"a": 2} ]');
    expect(inspection).toMatchObject({ input: "[ 5 ]", afterResultPath: output });
    expect(report({ ...INVOKE, ResultPath: null }, { ...RESULT, input: "[ 5 ]" }).output).toBe("[ 5 ]");
    expect(report({ ...INVOKE, ResultSelector: { "a.$": "$" } }, RESULT).output).toBe('{"a":{}}');
  });

  test("variables are those given and those assigned", () => {
    const state = { ...JSONATA, Type: "Pass", Assign: { b: "{% $a + 1 %}" }, End: true };
    expect(report(state, { variables: '{"a": 1}' }).inspection.variables).toBe('{"a":1,"b":2}');
    expect(report({ Type: "Succeed" }, { variables: "{}" }).inspection).not.toHaveProperty("variables");
  });
});

describe("what came of it", () => {
  test("nextState is where the state goes", () => {
    const choices = [{ Variable: "$.n", NumericEquals: 1, Next: "One" }];
    const choice = { Type: "Choice", Choices: choices, Default: "Other" };
    expect(report(choice, { input: '{"n":1}' })).toMatchObject({ status: "SUCCEEDED", nextState: "One" });
    expect(report(choice, { input: '{"n":2}' })).toMatchObject({ status: "SUCCEEDED", nextState: "Other" });
    expect(report({ Type: "Pass", End: true })).not.toHaveProperty("nextState");
  });

  test("a Fail state gives its error", () => {
    expect(report({ Type: "Fail", Error: "E", Cause: "C" })).toMatchObject({
      status: "FAILED",
      error: "E",
      cause: "C",
    });
    expect(report({ Type: "Fail" })).not.toHaveProperty("error");
  });

  test("a wrong field is a failure, without the words about the event", () => {
    expect(report({ Type: "Pass", InputPath: "$.x", End: true })).toMatchObject({
      status: "FAILED",
      error: "States.Runtime",
      cause: "Invalid path '$.x' : No results for path: $['x']",
    });
  });

  test("a retrier is used until its attempts are over, then a catcher", () => {
    const state = {
      ...INVOKE,
      Retry: [{ ErrorEquals: ["Other"] }, { ErrorEquals: ["E"], IntervalSeconds: 3, MaxAttempts: 2, BackoffRate: 2 }],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught", ResultPath: "$.e" }],
    };
    const after = (retrierRetryCount: number) => report(state, { ...ERROR, stateConfiguration: { retrierRetryCount } });
    expect(report(state, ERROR).inspection.errorDetails).toEqual({ retryIndex: 1, retryBackoffIntervalSeconds: 3 });
    expect(after(1)).toMatchObject({ status: "RETRIABLE", error: "E", cause: "C" });
    expect(after(1)).not.toHaveProperty("output");
    expect(after(1).inspection.errorDetails).toEqual({ retryIndex: 1, retryBackoffIntervalSeconds: 6 });
    expect(after(2)).toMatchObject({
      status: "CAUGHT_ERROR",
      nextState: "Caught",
      output: '{"e":{"Error":"E","Cause":"C"}}',
      inspection: { errorDetails: { retryIndex: 1, catchIndex: 0 } },
    });
  });

  test("nothing catches States.Runtime", () => {
    const state = { ...INVOKE, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }] };
    const { status, inspection } = report(state, { mock: { errorOutput: { error: "States.Runtime" } } });
    expect(status).toBe("FAILED");
    expect(inspection).not.toHaveProperty("errorDetails");
  });

  test("a mocked result may be too large", () => {
    const mock = { result: JSON.stringify("é".repeat(200_000)) };
    expect(report(INVOKE, { mock })).toMatchObject({
      error: "States.DataLimitExceeded",
      cause:
        "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
  });

  test("a performed Task goes on with its outcome", () => {
    const progress = begin(
      { Type: "Task", Resource: INVOKE.Resource, Next: "Then" },
      { roleArn: "arn:aws:iam::123456789012:role/r", input: "[ 1 ]" },
    );
    if (progress.kind !== "task") throw new Error(`a task must come: ${refusal(progress)}`);
    expect(progress.command).toMatchObject({ kind: "StartTask", input: "[ 1 ]" });
    expect(progress.succeeded("[ 2 ]")).toMatchObject({ status: "SUCCEEDED", output: "[ 2 ]", nextState: "Then" });
  });

  test("a Wait says until when", () => {
    const progress = begin({ Type: "Wait", Seconds: 7, Next: "Then" });
    if (progress.kind !== "wait") throw new Error(`a wait must come: ${refusal(progress)}`);
    expect(progress.until).toBe(NOW + 7_000);
    expect(progress.over()).toMatchObject({ status: "SUCCEEDED", output: "{}", nextState: "Then" });
  });

  test("equal facts give equal reports", () => {
    const state = { ...JSONATA, Type: "Pass", Output: "{% [$states.context, $random(), $uuid()] %}", End: true };
    expect(report(state)).toEqual(report(state));
  });
});

describe("a Map", () => {
  const ITEMS = { input: '{"v": [{"a": 1}, "b", 3]}' };

  test("shows its items as a list of JSON texts", () => {
    const { inspection } = report({ ...MAP, MaxConcurrency: 5 }, { ...ITEMS, mock: { result: "[1,2,3]" } });
    expect(inspection).toMatchObject({ afterItemsPath: '[{"a":1}, "b", 3]', maxConcurrency: 5 });
    expect(inspection).not.toHaveProperty("toleratedFailureCount");
  });

  test.each([PROCESSOR, DISTRIBUTED])("shows what the ItemSelector makes of them", (ItemProcessor) => {
    const ItemSelector = { "i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "s.$": "$.v[1]" };
    const state = { ...MAP, ItemProcessor, ItemSelector };
    expect(report(state, { ...ITEMS, mock: { result: "[1,2,3]" } }).inspection.afterItemSelector).toBe(
      '[{"i":0,"v":{"a":1},"s":"b"}, {"i":1,"v":"b","s":"b"}, {"i":2,"v":3,"s":"b"}]',
    );
  });

  test("does not show what would not fit into memory", () => {
    const input = JSON.stringify({ v: new Array(60_000).fill(1), filler: "x".repeat(100_000) });
    const all = { "all.$": "$" };
    for (const field of [{ ItemSelector: all }, { ItemBatcher: { MaxItemsPerBatch: 1, BatchInput: all } }]) {
      expect(report({ ...MAP, ...field }, { input, mock: { result: "[]" } })).toMatchObject({
        status: "FAILED",
        error: "States.DataLimitExceeded",
      });
    }
  });

  test("counts batches as iterations and shows their items as texts", () => {
    const state = { ...MAP, ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { k: 1 } } };
    const { status, inspection } = report(state, { ...ITEMS, mock: { result: "[1,2]" } });
    expect(status).toBe("SUCCEEDED");
    expect(inspection.afterItemBatcher).toBe(
      '[{"BatchInput":{"k":1},"Items":["{\\"a\\":1}","\\"b\\""]}, {"BatchInput":{"k":1},"Items":["3"]}]',
    );
  });

  test("reads the items of its ItemReader from the text given", () => {
    const reader = (ReaderConfig: Json) => ({
      Type: "Map",
      ItemProcessor: DISTRIBUTED,
      ItemReader: { Resource: "arn:aws:states:::s3:getObject", ReaderConfig, Parameters: { Bucket: "b", Key: "k" } },
      ItemSelector: { "v.$": "$$.Map.Item.Value", "s.$": "$$.Map.Item.Source" },
      End: true,
    });
    const read = (config: Json, mapItemReaderData: string, result = "[1]") =>
      report(reader(config), { mock: { result }, stateConfiguration: { mapItemReaderData } });
    expect(read({ InputType: "JSONL" }, '{"a" : 1}\n').inspection.afterItemSelector).toBe(
      '[{"v":{"a":1},"s":"s3://b/k"}]',
    );
    const pointed = read({ InputType: "JSON", ItemsPointer: "/x" }, '{"x": {"k": 5}}');
    expect(pointed.inspection.afterItemsPointer).toBe('[{"Key":"k","Value":5}]');
    expect(read({ InputType: "JSON" }, "5")).toMatchObject({
      status: "FAILED",
      error: "States.ItemReaderFailed",
      cause: "Attempting to map over non-iterable node.",
    });
    expect(refusal(begin(reader({ InputType: "JSON" }), { mock: { result: "[]" } }))).toBe(
      "ValidationException: ItemReader data must be specified when testing a Map state with ItemReader specified.",
    );
  });

  test.each<[Json, number, string]>([
    [{}, 3, "SUCCEEDED"],
    [{ ToleratedFailureCount: 2 }, 2, "SUCCEEDED"],
    [{ ToleratedFailureCount: 2 }, 3, "FAILED"],
    [{ ToleratedFailureCount: 0 }, 1, "FAILED"],
    [{ ToleratedFailurePercentage: 67 }, 2, "SUCCEEDED"],
    [{ ToleratedFailurePercentage: 66 }, 2, "FAILED"],
    [{ ToleratedFailureCount: 3, ToleratedFailurePercentage: 10 }, 1, "FAILED"],
  ])("with %j and %i failed iterations", (tolerance, mapIterationFailureCount, expected) => {
    const state = { ...MAP, ...(tolerance as object) };
    const request = { ...ITEMS, mock: { result: "[1,2,3]" }, stateConfiguration: { mapIterationFailureCount } };
    const { status, error, inspection } = report(state, request);
    expect(status).toBe(expected);
    expect(error).toBe(expected === "FAILED" ? "States.ExceedToleratedFailureThreshold" : undefined);
    expect(inspection).toMatchObject(
      Object.fromEntries(Object.entries(tolerance as object).map(([k, v]) => [k[0]?.toLowerCase() + k.slice(1), v])),
    );
  });

  test("the threshold counts before the length of the result", () => {
    const state = { ...MAP, ToleratedFailureCount: 1 };
    const failing = { ...ITEMS, mock: { result: "[]" }, stateConfiguration: { mapIterationFailureCount: 2 } };
    expect(report(state, failing).error).toBe("States.ExceedToleratedFailureThreshold");
    expect(refusal(begin(state, { ...failing, stateConfiguration: { mapIterationFailureCount: 1 } }))).toBe(
      "ValidationException: Input array does not equal the mocked result array's size",
    );
    expect(refusal(begin(state, { ...failing, stateConfiguration: { mapIterationFailureCount: 4 } }))).toBe(
      "ValidationException: Map iteration failure count must be less than or equal to the number of Map iterations",
    );
  });

  test("exported results are told by where they are", () => {
    const parameters = { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "b", Prefix: "p" } };
    const state = { ...MAP, ResultWriter: parameters };
    expect(report(state, { ...ITEMS, mock: { result: '{"MapRunArn":"a"}' } }).output).toBe('{"MapRunArn":"a"}');
  });
});

describe("the context object", () => {
  const shown = (extra: object, request: Request = {}): Json => {
    const state = { ...JSONATA, Type: "Pass", Output: "{% $states.context %}", End: true, ...extra };
    return JSON.parse(report(state, request).output ?? "null") as Json;
  };

  test("is one of an Express execution, with a state that is not called by its name", () => {
    const machine = {
      StartAt: "A",
      States: { A: { ...JSONATA, Type: "Pass", Output: "{% $states.context %}", End: true } },
    };
    const context = JSON.parse(report(machine, { stateName: "A", input: '{"i":1}' }).output ?? "null");
    expect(context).toEqual({
      Execution: {
        Id: expect.stringMatching(/^arn:aws:states:us-east-1:123456789012:express:[-0-9a-f]{36}:[-0-9a-f]{36}$/),
        Input: { i: 1 },
        Name: expect.stringMatching(/^[-0-9a-f]{36}$/),
        RoleArn: null,
        StartTime: "2026-01-01T00:00:00.000Z",
      },
      StateMachine: { Id: expect.any(String), Name: expect.any(String) },
      State: { Name: "StateName", EnteredTime: "2026-01-01T00:00:00.000Z" },
    });
  });

  test("has the role, and in a Task the retries", () => {
    const request = {
      ...RESULT,
      roleArn: "arn:aws:iam::123456789012:role/r",
      stateConfiguration: { retrierRetryCount: 2 },
    };
    expect(shown(INVOKE, request)).toMatchObject({ Execution: { RoleArn: request.roleArn }, State: { RetryCount: 2 } });
  });

  test("is replaced by the caller's, all of it", () => {
    expect(shown(INVOKE, { ...RESULT, context: '{"State":{"Name":"x"}}' })).toEqual({ State: { Name: "x" } });
    expect(shown(INVOKE, { ...RESULT, context: "{}" })).toEqual({});
  });

  test("has a token where somebody else ends the task", () => {
    const state = { ...WAITING, Parameters: { "t.$": "$$.Task.Token" } };
    expect(report(state, RESULT).inspection.afterParameters).toMatch(/^\{"t":"[A-Za-z0-9+/=]{100,}"\}$/);
    const context = '{"Task":{"Token":"mine"}}';
    expect(report(state, { ...RESULT, context }).inspection.afterParameters).toBe('{"t":"mine"}');
  });

  test.each([
    ['{"Map":{}}', "'Map' field is not supported when mocking a Context object"],
    ['{"Other":{}}', "Field 'Other' is not allowed"],
    ['{"__proto__":{}}', "Field '__proto__' is not allowed"],
    ['{"Execution":{"other":1}}', "Field 'other' is not allowed"],
    ['{"Execution":{"Id":1}}', "Execution.Id must be a string"],
    ['{"State":{"RetryCount":"1"}}', "State.RetryCount must be a number"],
    [
      '{"Task":{"Token":"t"}}',
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    ],
  ])("%s is refused", (context, problem) => {
    expect(refusal(begin(INVOKE, { ...RESULT, context }))).toBe(
      `ValidationException: Invalid Context object provided: ${problem}`,
    );
  });
});

describe("refused", () => {
  const ONE = "A test mock should have only one of the following fields: [result, errorOutput].";
  test.each<[string, Json, Request, string]>([
    ["two mocks", INVOKE, { mock: { ...RESULT.mock, ...ERROR.mock } }, ONE],
    ["an empty mock", INVOKE, { mock: {} }, ONE],
    ["a mock that is no JSON", INVOKE, { mock: { result: "x" } }, "Mocked result must be valid JSON"],
    ["a mocked Map's object", MAP, RESULT, "Mocked result must be an array."],
    ["a mocked Parallel's object", PARALLEL, RESULT, "Mocked result must be an array."],
    [
      "too few branches",
      PARALLEL,
      { mock: { result: "[1]" } },
      "Mocked result must contain the same number of items as number of Parallel branches.",
    ],
    [
      "secrets of a mock",
      INVOKE,
      { ...RESULT, revealSecrets: true },
      "TestState does not support RevealSecrets when a mock is specified.",
    ],
    [
      "failed iterations without a mock",
      MAP,
      { stateConfiguration: { mapIterationFailureCount: 0 } },
      "TestState does not support MapIterationFailureCount when a mock is not specified.",
    ],
    [
      "failed iterations of a Task",
      INVOKE,
      { ...RESULT, stateConfiguration: { mapIterationFailureCount: 0 } },
      "MapIterationFailureCount is only supported when testing a Map state.",
    ],
    [
      "an error of a state that is not inside",
      MAP,
      { ...ERROR, stateConfiguration: { errorCausedByState: "StateName" } },
      "State not found in definition",
    ],
    ...["Pass", "Succeed", "Fail"].map((Type): [string, Json, Request, string] => [
      `a mocked ${Type}`,
      Type === "Pass" ? { Type, End: true } : { Type },
      RESULT,
      `State type '${Type}' is not supported when a mock is specified`,
    ]),
  ])("%s", (_what, state, request, message) => {
    expect(refusal(begin(state, request))).toBe(`ValidationException: ${message}`);
  });

  test.each([[MAP], [PARALLEL]])("a state that needs a mock: %j", (state) => {
    expect(refusal(begin(state))).toBe(
      "InvalidDefinition: TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]",
    );
  });

  test.each([
    "arn:aws:states:us-east-1:123456789012:activity:a",
    "arn:aws:states:::ecs:runTask.sync",
    WAITING.Resource,
  ])("a Task that waits for %s", (Resource) => {
    const progress = begin({ ...INVOKE, Resource }, { roleArn: "r" });
    expect(refusal(progress)).toMatch(/^InvalidDefinition: .*Express state machine does not support .*Resource'$/);
    expect(refusal(begin({ ...INVOKE, Resource }, RESULT))).toBe("ended");
  });

  test("a state that is not there", () => {
    const definition = { StartAt: "A", States: { A: { ...MAP, ItemProcessor: DISTRIBUTED } } };
    expect(refusal(begin(definition, { stateName: "B" }))).toBe("ValidationException: State not found in definition");
    expect(refusal(begin(definition, { stateName: "Inner" }))).toBe("ended");
  });

  test("a mock that is not what the API answers", () => {
    const mockResultProblem: StateTestSurroundings["mockResultProblem"] = (resource, result, mode) =>
      `${resource.arn} ${JSON.stringify(result)} ${mode}`;
    expect(refusal(begin(INVOKE, RESULT, { mockResultProblem }))).toBe(
      "ValidationException: arn:aws:states:::lambda:invoke {} STRICT",
    );
  });
});
