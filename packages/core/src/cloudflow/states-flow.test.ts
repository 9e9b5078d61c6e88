import { describe, expect, test } from "vitest";
import { Drive, type DriveOptions } from "../execution/drive.test-support.ts";
import type { Json } from "../json.ts";
import { compileFlow, type FlowOptions } from "./compile-flow.ts";

type Fields = { readonly [name: string]: Json };

function flowOf(...states: Fields[]): Json {
  return { Type: "StateMachine", SpecVersion: "v1", Name: "f", StartAt: states[0]?.["Name"] ?? "", States: states };
}

function run(flow: Json, input: Json = {}, options: DriveOptions & FlowOptions = {}): Drive {
  const compiled = compileFlow(flow, options);
  if (!compiled.ok)
    throw new Error(compiled.diagnostics.map(({ pointer, message }) => `${pointer}: ${message}`).join("\n"));
  return new Drive(compiled.flow.definition, input, { ...options, flow: "states", restart: true }).run();
}

const pass = (Name: string, rest: Fields = { End: true }): Fields => ({ Type: "Pass", Name, ...rest });
const evaluated = (expression: string, input: Json = {}): Json | undefined => {
  const { ended, output } = run(flowOf(pass("a", { OutputConstructor: { "v.$": expression }, End: true })), input);
  return ended?.status === "SUCCEEDED" ? (output as Fields)["v"] : (ended?.error ?? "nothing");
};

describe("the data of the new language", () => {
  test("constructors replace: input, work, output", () => {
    const flow = flowOf(
      pass("a", {
        InputConstructor: { "x.$": "$Input.n", lit: "$Input.n", deep: [{ "y.$": "$Input.n" }, "{% 1 %}"] },
        OutputConstructor: { "in.$": "$Input", "out.$": "$Output.x", "raw.$": "$Context.Execution.Input.n" },
        End: true,
      }),
    );
    const input = { x: 1, lit: "$Input.n", deep: [{ y: 1 }, "{% 1 %}"] };
    expect(run(flow, { n: 1 }).output).toEqual({ in: input, out: 1, raw: 1 });
  });

  test("a map or a list under a .$ key is a template in which texts that start with $ are expressions", () => {
    const flow = flowOf(
      pass("a", { OutputConstructor: { "v.$": { a: "$Input.n", b: "x", c: ["$Input.n", 1] } }, End: true }),
    );
    expect(run(flow, { n: 1 }).output).toEqual({ v: { a: 1, b: "x", c: [1, 1] } });
  });

  test("$Context", () => {
    expect(evaluated("$Context.Execution.Name")).toBe("run");
    expect(evaluated("$Context.Current.Name")).toBe("a");
    expect(evaluated("$Context.Current", { n: 1 })).toMatchObject({ Name: "a", Input: { n: 1 }, Error: null });
    expect(evaluated("$Context.Execution")).toMatchObject({ Name: "run", Input: {} });
    expect(evaluated("$Context.Nothing.x")).toBeNull();
  });

  test("$Global is the execution's, merged at the end of a state, seen before that as it was", () => {
    const flow = flowOf(
      pass("a", {
        GlobalConstructor: { "n.$": "$Input.n", m: 1 },
        OutputConstructor: { "seen.$": "$Global" },
        Next: "p",
      }),
      {
        Type: "Parallel",
        Name: "p",
        Branches: [
          { StartAt: "b", States: [pass("b", { GlobalConstructor: { "m.$": "intAdd($Global.m, 1)" }, End: true })] },
          { StartAt: "b", States: [pass("b", { OutputConstructor: { "n.$": "$Global.n" }, End: true })] },
        ],
        Next: "z",
      },
      pass("z", { OutputConstructor: { "g.$": "$Global", "before.$": "$Input" }, End: true }),
    );
    expect(run(flow, { n: 7 }).output).toEqual({
      g: { n: 7, m: 2 },
      before: { Branch0: { seen: {} }, Branch1: { n: 7 } },
    });
  });

  test("uuid in an InputConstructor is made once", () => {
    const flow = flowOf(
      pass("a", {
        InputConstructor: { "id.$": "uuid()" },
        OutputConstructor: { "one.$": "$Input.id", "two.$": "$Output.id" },
        End: true,
      }),
    );
    const { one, two } = run(flow).output as { one: string; two: string };
    expect(one).toMatch(/^[0-9a-f-]{36}$/);
    expect(two).toBe(one);
  });

  test("more than 64 KiB does not pass", () => {
    const flow = flowOf(pass("a", { OutputConstructor: { v: "x".repeat(70_000) }, End: true }));
    expect(run(flow).ended).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
  });
});

describe("built-in functions", () => {
  test.each<[string, Json]>([
    ['format("hello {}","world")', "hello world"],
    ['format("{} and {}", $Input.n, $Input.list)', "2 and [1,2,3,1]"],
    ["length([1,2,3])", 3],
    ["length($Input)", 4],
    ['length("äöü")', 3],
    ['split("a,b", ",")', ["a", "b"]],
    ['regexMatchString("^a+$", "aaa")', true],
    ['arrayContains(["Tom",10],10)', true],
    ["arrayUnique([1,2,3,1])", [1, 2, 3]],
    ["toArray($Input.list, 1, {a: $Input.n})", [[1, 2, 3, 1], 1, { a: 2 }]],
    ["mapKeys($Input.map)", ["k"]],
    ["mapValues($Input.map)", [1]],
    [
      'jsonMerge({"name":"Tom","age":10},{"name":"Tom","address":"beijing"})',
      { name: "Tom", age: 10, address: "beijing" },
    ],
    ["stringToJson('{\"a\":[1]}')", { a: [1] }],
    ["fromJSON(`[1]`)", [1]],
    ["jsonToString($Input.map)", '{"k":1}'],
    ["toJSON($Input.list)", "[1,2,3,1]"],
    ['fromBase64("Rm5G")', "FnF"],
    ['toBase64("FnF")', "Rm5G"],
    ['hash("abc","MD5")', "900150983cd24fb0d6963f7d28e17f72"],
    ['hash("abc","SHA-1")', "a9993e364706816aba3e25717850c26c9cd0d89d"],
    ["get($Input.list, 1)", 2],
    ['get($Input.map, "k")', 1],
    ["intAdd(1, -3)", -2],
    ['get(split("a b", " "), 1)', "b"],
    ["$Input.list[0]", 1],
    ['$Input.n >= 2 && "k" in $Input.map', true],
    ["5", 5],
    ["length(5)", "FnF.RuntimeError"],
    ['hash("abc","MD4")', "FnF.RuntimeError"],
  ])("%s", (expression, value) => {
    expect(evaluated(expression, { n: 2, list: [1, 2, 3, 1], map: { k: 1 }, text: "t" })).toEqual(value);
  });

  test("randomInt is in its range", () => {
    for (let i = 0; i < 20; i++) expect([1, 2, 3]).toContain(evaluated("randomInt(1, 4)"));
  });
});

describe("states", () => {
  test("a choice goes to the first branch that holds, else to its default", () => {
    const flow = flowOf(
      {
        Type: "Choice",
        Name: "c",
        InputConstructor: { "m.$": "$Input.n" },
        Branches: [
          { Condition: "$Input.m > 1", Next: "big" },
          { Condition: "$Input.m > 0", Next: "small" },
        ],
        Default: "none",
        OutputConstructor: { "was.$": "$Input.m" },
      },
      { Type: "Succeed", Name: "big", OutputConstructor: { big: true, "was.$": "$Input.was" } },
      { Type: "Succeed", Name: "small", End: true },
      { Type: "Succeed", Name: "none" },
    );
    expect(run(flow, { n: 2 }).output).toEqual({ big: true, was: 2 });
    expect(run(flow, { n: 1 }).output).toEqual({ was: 1 });
    expect(run(flow, {}).output).toEqual({ was: null });
  });

  test("a long condition does not run out of depth", () => {
    const Condition = Array.from({ length: 150 }, (_, n) => `$Input.n != ${n}`).join(" && ");
    const flow = flowOf(
      { Type: "Choice", Name: "c", Branches: [{ Condition, Next: "yes" }], Default: "no" },
      { Type: "Succeed", Name: "yes", OutputConstructor: { yes: true } },
      { Type: "Succeed", Name: "no", OutputConstructor: { yes: false } },
    );
    expect(run(flow, { n: 1000 }).output).toEqual({ yes: true });
    expect(run(flow, { n: 149 }).output).toEqual({ yes: false });
  });

  test("fail ends with its error, a Catch around it sees it, a Succeed ends its branch alone", () => {
    const branch = (state: Fields): Fields => ({ StartAt: "x", States: [state] });
    const parallel = (state: Fields): Json =>
      flowOf(
        {
          Type: "Parallel",
          Name: "p",
          Branches: [branch(state), branch({ Type: "Succeed", Name: "x" })],
          Catch: [
            {
              Errors: ["E"],
              Next: "z",
              OutputConstructor: { "c.$": "$Context.Current.Error.Code", "d.$": "$Context.Current.Error.Detail" },
            },
          ],
          End: true,
        },
        pass("z"),
      );
    expect(run(parallel({ Type: "Fail", Name: "x", Code: "E", Detail: "D", End: true })).output).toEqual({
      c: "E",
      d: "D",
    });
    expect(run(parallel({ Type: "Fail", Name: "x", Code: "F" })).ended).toMatchObject({ status: "FAILED", error: "F" });
    expect(run(parallel(pass("x")), { n: 1 }).output).toEqual({ Branch0: { n: 1 }, Branch1: { n: 1 } });
  });

  test("map gives its items; elements must be objects", () => {
    const Processor = { StartAt: "x", States: [pass("x", { OutputConstructor: { "v.$": "$Input.n" }, End: true })] };
    const flow = flowOf({ Type: "Map", Name: "m", ItemsPath: "$Input.list", MaxConcuccency: 1, Processor, End: true });
    expect(run(flow, { list: [{ n: 1 }, { n: 2 }] }).output).toEqual({ Items: [{ v: 1 }, { v: 2 }] });
    expect(run(flow, { list: [] }).output).toEqual({ Items: [] });
    expect(run(flow, { list: [1] }).ended).toMatchObject({ status: "FAILED", error: "FnF.RuntimeError" });
    expect(run(flow, {}).ended).toMatchObject({ status: "FAILED", error: "FnF.RuntimeError" });
  });

  test("a wait of the input's seconds, within its bounds", () => {
    const flow = flowOf({ Type: "Wait", Name: "w", "Seconds.$": "$Input.s", End: true });
    expect(run(flow, { s: 9 }).now).toBe(1_769_860_800_000 + 9_000);
    expect(run(flow, { s: 301 }).ended).toMatchObject({ status: "FAILED", error: "FnF.RuntimeError" });
    expect(run(flow, { s: 21 }, { type: "EXPRESS" }).ended).toMatchObject({ status: "FAILED" });
  });
});

describe("tasks of the new language", () => {
  const task = (rest: Fields = {}): Fields => ({
    Type: "Task",
    Name: "t",
    Action: "HTTP:Request",
    Parameters: { "url.$": "$Input.url", method: "post", body: { "n.$": "$Context.Current.RetryCount" } },
    End: true,
    ...rest,
  });

  test("retries with and without a rate, their count, and a catch without an OutputConstructor keeps the input", () => {
    const sent: Json[] = [];
    const flow = flowOf(
      task({
        Retry: [
          { Errors: ["Busy"], MaxAttempts: 2, IntervalSeconds: 2 },
          { Errors: ["Full"], MaxAttempts: 1, IntervalSeconds: 0 },
        ],
        Catch: [{ Errors: ["FnF.ALL"], Next: "z" }],
      }),
      pass("z"),
    );
    const errors = ["Busy", "Full", "Busy", "Busy"];
    const drive = run(
      flow,
      { url: "u" },
      {
        answer: (task) => {
          sent.push(JSON.parse(task.input));
          return { error: errors[sent.length - 1] ?? "X" };
        },
      },
    );
    expect(drive.output).toEqual({ url: "u" });
    expect(sent.map((parameters) => (parameters as { body: Json }).body)).toEqual([
      { n: 0 },
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ]);
    expect(drive.now).toBe(1_769_860_800_000 + 4_000);
  });

  test("Timeout: a number, 0 for never, an expression", () => {
    const seconds: (number | undefined)[] = [];
    const answer: DriveOptions["answer"] = (task) => {
      seconds.push(task.timeoutSeconds);
      return { output: {} };
    };
    run(flowOf(task({ Timeout: 5 })), {}, { answer });
    run(flowOf(task({ Timeout: 0 })), {}, { answer });
    run(flowOf(task({ "Timeout.$": "$Input.p" })), { p: 6 }, { answer });
    run(flowOf(task({ "Timeout.$": "$Input.p" })), { p: 0 }, { answer });
    expect(seconds).toEqual([5, undefined, 6, 99_999_999]);
  });

  test("modes become patterns, and a function's answer that is no object becomes a Body", () => {
    const resources: string[] = [];
    const call = (Action: string, TaskMode: string, Parameters: Fields): Json | undefined =>
      run(
        flowOf(task({ Action, TaskMode, Parameters })),
        {},
        {
          answer: (sent) => {
            resources.push(sent.resource.arn);
            return { output: "x" };
          },
        },
      ).output;
    const resourceArn = "acs:fc:cn-hangzhou:1:functions/f/LATEST";
    expect(call("FC:InvokeFunction", "RequestComplete", { resourceArn, invocationType: "Sync" })).toEqual({
      Body: "x",
    });
    call("FNF:StartExecution", "WaitForSystemCallback", { resourceArn: "acs:fnf:::flow/x" });
    call("FNF:StartExecution", "WaitForCustomCallback", { resourceArn: "acs:fnf:::flow/x" });
    expect(resources).toEqual([
      "arn:acs:states:::fc:invokeFunction",
      "arn:acs:states:::fnf:startExecution.sync",
      "arn:acs:states:::fnf:startExecution.waitForTaskToken",
    ]);
  });

  test("the form of December 2023", () => {
    const OnErrors = [
      {
        Errors: ["FnF.ALL"],
        Retry: { MaxAttempts: 1, FixedBackoff: 3 },
        Next: "z",
        OutputConstructor: { "e.$": "$Context.Current.Error.Code" },
      },
    ];
    const drive = run(flowOf(task({ OnErrors }), pass("z")), {}, { answer: () => ({ error: "Bad" }) });
    expect(drive.output).toEqual({ e: "Bad" });
    expect(drive.now).toBe(1_769_860_800_000 + 3_000);
  });
});

describe("what is refused of the new language", () => {
  const task = (rest: Fields): Fields => ({
    Type: "Task",
    Name: "t",
    Action: "HTTP:Request",
    Parameters: { url: "u", method: "GET" },
    End: true,
    ...rest,
  });
  const eleven = `${"length(".repeat(11)}"x"${")".repeat(11)}`;
  const refusals: readonly (readonly [string, Json, string, FlowOptions?])[] = [
    ["no StartAt", { Type: "StateMachine", States: [pass("a")] }, "StartAt is required"],
    ["StartAt nowhere", { Type: "StateMachine", StartAt: "x", States: [pass("a")] }, "no state of the same States"],
    ["empty States", { Type: "StateMachine", StartAt: "x", States: [] }, "States must not be empty"],
    ["unknown type", flowOf({ Type: "Jump", Name: "a" }), "Type must be one of"],
    ["name twice", flowOf(pass("a"), pass("a")), "used twice"],
    ["neither Next nor End", flowOf({ Type: "Pass", Name: "a" }), "one of Next and End: true is required"],
    ["Next nowhere", flowOf(pass("a", { Next: "b" })), "no state of the same States"],
    [
      "no Default",
      flowOf({ Type: "Choice", Name: "a", Branches: [{ Condition: "true", Next: "a" }] }),
      "Default is required",
    ],
    [
      "no ItemsPath",
      flowOf({ Type: "Map", Name: "a", Processor: flowOf(pass("b")), End: true }),
      "ItemsPath is required",
    ],
    ["no Processor", flowOf({ Type: "Map", Name: "a", ItemsPath: "$Input.x", End: true }), "Processor is required"],
    ["no Action", flowOf({ Type: "Task", Name: "t", End: true }), "Action is required"],
    [
      "unknown Action",
      flowOf(task({ Action: "ECS:DescribeInstances" })),
      "t /States/0/Action: Action 'ECS:DescribeInstances' cannot be performed",
    ],
    ["no Errors", flowOf(task({ Catch: [{ Next: "t" }] })), "Errors is required"],
    ["Seconds", flowOf({ Type: "Wait", Name: "w", Seconds: 301, End: true }), "from 1 to 300"],
    [
      "Seconds, Express",
      flowOf({ Type: "Wait", Name: "w", Seconds: 21, End: true }),
      "from 1 to 20",
      { type: "EXPRESS" },
    ],
    ["Timeout", flowOf(task({ Timeout: 604_801 })), "from 0 to 604800"],
    [
      "IntervalSeconds",
      flowOf(task({ Retry: [{ Errors: ["E"], MaxAttempts: 1, IntervalSeconds: 86_401 }] })),
      "from 0 to 86400",
    ],
    [
      "callbacks in Express",
      flowOf(task({ TaskMode: "WaitForCustomCallback" })),
      "only RequestComplete",
      { type: "EXPRESS" },
    ],
    [
      "bad expression",
      flowOf(pass("a", { OutputConstructor: { "x.$": "hello" }, End: true })),
      'a /States/0/OutputConstructor/x.$: the expression "hello" does not parse',
    ],
    ["no expression", flowOf(pass("a", { OutputConstructor: { "x.$": 5 }, End: true })), "must be an expression"],
    [
      "unknown function",
      flowOf(pass("a", { OutputConstructor: { "x.$": "foo(1)" }, End: true })),
      "no built-in function",
    ],
    ["arguments", flowOf(pass("a", { OutputConstructor: { "x.$": "length()" }, End: true })), "with 0 arguments"],
    ["eleven functions", flowOf(pass("a", { OutputConstructor: { "x.$": eleven }, End: true })), "more than 10 deep"],
    [
      "$Output too early",
      flowOf(pass("a", { InputConstructor: { "x.$": "$Output" }, End: true })),
      "refers to '$Output'",
    ],
    [
      "distributed",
      flowOf({
        Type: "Map",
        Name: "m",
        ItemsPath: "$Input.x",
        ItemReader: {},
        Processor: flowOf(pass("b")),
        End: true,
      }),
      "distributed",
    ],
  ];

  test.each(refusals)("%s", (_name, flow, words, options) => {
    const result = compileFlow(flow, options);
    expect(result.ok).toBe(false);
    expect(
      result.diagnostics.map(({ step, pointer, message }) => `${step ?? ""} ${pointer}: ${message}`).join("\n"),
    ).toContain(words);
  });

  test("no text of ASL reaches what only flows have", async () => {
    const { parseStateMachine } = await import("../definition/parse-state-machine.ts");
    const definition = (state: Fields): string =>
      JSON.stringify({ QueryLanguage: "JSONata", StartAt: "a", States: { a: state } });
    expect(
      parseStateMachine(definition({ Type: "Task", Resource: "arn:acs:states:::http:request", End: true })).ok,
    ).toBe(false);
    const drive = new Drive(JSON.parse(definition({ Type: "Pass", Output: "{% $fnfLength([1]) %}", End: true })));
    expect(drive.ended).toMatchObject({ status: "FAILED", error: "States.QueryEvaluationError" });
  });
});
