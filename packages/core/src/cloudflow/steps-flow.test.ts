import { describe, expect, test } from "vitest";
import { Drive, type DriveOptions } from "../execution/drive.test-support.ts";
import type { Json } from "../json.ts";
import { compileFlow } from "./compile-flow.ts";

function flowOf(steps: Json, rest: { readonly [name: string]: Json } = {}): Json {
  return { version: "v1", type: "flow", steps, ...rest };
}

function run(flow: Json, input: Json = {}, options: DriveOptions = {}): Drive {
  const compiled = compileFlow(flow);
  if (!compiled.ok)
    throw new Error(compiled.diagnostics.map(({ pointer, message }) => `${pointer}: ${message}`).join("\n"));
  return new Drive(compiled.flow.definition, input, { ...options, flow: "steps", restart: true }).run();
}

const map = (target: string, source: Json): Json => ({ target, source });
const pass = (name: string, target: string, source: Json, rest: object = {}): Json => ({
  type: "pass",
  name,
  outputMappings: [map(target, source)],
  ...rest,
});

describe("the data of the old language", () => {
  test("without mappings a step sees the input and what was put into local, and the flow gives its local", () => {
    const flow = flowOf([pass("a", "x", "$input.n"), pass("b", "y", "$input.x"), pass("c", "z", "$input.n")]);
    expect(run(flow, { n: 1, x: "hidden" }).output).toEqual({ x: 1, y: 1, z: 1 });
  });

  test("input mappings replace what a step sees", () => {
    const step = {
      type: "pass",
      name: "a",
      inputMappings: [map("m", "$input.n")],
      outputMappings: [map("all", "$input")],
    };
    expect(run(flowOf([step]), { n: 1, other: 2 }).output).toEqual({ all: { m: 1 } });
  });

  test("sources: paths, projections, constants of every type, a missing path is null", () => {
    const sources: { [target: string]: Json } = {
      path: "$input.list[1].v",
      last: "$input.list[-1].v",
      all: "$input.list[*].v",
      flat: "$input.nested[*].y[*]",
      hyphen: "$input.a-b",
      quoted: "$input['a-b']",
      missing: "$input.no.such",
      none: "$local",
      text: "plain",
      empty: "",
      dollar: "$inputs.x",
      number: 1.5,
      flag: false,
      list: [[1], { a: "$input.n" }],
      braces: "{% 1 + 1 %}",
      nothing: null,
    };
    const outputMappings = Object.entries(sources).map(([target, source]) => map(target, source));
    const input = { list: [{ v: 1 }, { v: [2] }], nested: [{ y: [1, 2] }, { y: [] }, { y: [3] }], "a-b": 5 };
    expect(run(flowOf([{ type: "pass", name: "a", outputMappings }]), input).output).toEqual({
      path: [2],
      last: [2],
      all: [1, [2]],
      flat: [1, 2, 3],
      hyphen: 5,
      quoted: 5,
      missing: null,
      none: {},
      text: "plain",
      empty: "",
      dollar: "$inputs.x",
      number: 1.5,
      flag: false,
      list: [[1], { a: "$input.n" }],
      braces: "{% 1 + 1 %}",
      nothing: null,
    });
  });

  test("$context names the execution, the flow and the step", () => {
    const sources = ["$context.execution.name", "$context.flow.name", "$context.step.name", "$context.task.token"];
    const outputMappings = sources.map((source, at) => map(`c${at}`, source));
    expect(run(flowOf([{ type: "pass", name: "here", outputMappings }])).output).toEqual({
      c0: "run",
      c1: "machine",
      c2: "here",
      c3: null,
    });
  });

  test("the flow's own mappings", () => {
    const flow = flowOf([pass("a", "x", "$input.m")], {
      inputMappings: [map("m", "$input.deep.n")],
      outputMappings: [map("in", "$input"), map("out", "$local.x")],
    });
    expect(run(flow, { deep: { n: 3 } }).output).toEqual({ in: { m: 3 }, out: 3 });
  });

  test("a step called __proto__ is one", () => {
    const flow = flowOf([pass("__proto__", "x", 1), pass("constructor", "y", 2)]);
    expect(run(flow).output).toEqual({ x: 1, y: 2 });
    const compiled = compileFlow(flow);
    expect(compiled.ok && Object.keys(compiled.flow.states)).toEqual(["__proto__", "constructor"]);
  });

  test("a member called __proto__ stays one", () => {
    const flow = flowOf([pass("a", "__proto__", "$input.x")]);
    expect(JSON.stringify(run(flow, { x: { polluted: true } }).output)).toBe('{"__proto__":{"polluted":true}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("more than 32 KiB of input, output and local fails the execution, whatever is caught", () => {
    const big = pass("a", "x", "y".repeat(33_000));
    const parallel = {
      type: "parallel",
      name: "p",
      branches: [{ steps: [big] }],
      catch: [{ errors: ["FnF.ALL"], goto: "z" }],
    };
    const { ended } = run(flowOf([parallel, pass("z", "caught", true)]));
    expect(ended).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
  });
});

describe("the flow of control of the old language", () => {
  test("end: true and succeed end the sequence", () => {
    expect(run(flowOf([pass("a", "x", 1, { end: true }), pass("b", "y", 1)])).output).toEqual({ x: 1 });
    const flow = flowOf([
      pass("a", "x", 1),
      { type: "succeed", name: "s", outputMappings: [map("s", 1)] },
      pass("b", "y", 1),
    ]);
    expect(run(flow).output).toEqual({ x: 1, s: 1 });
  });

  const choice = (choices: Json, rest: object = {}): Json => ({ type: "choice", name: "c", choices, ...rest });

  test("a choice's steps run in a scope of their own, and go on behind the choice", () => {
    const inner = [pass("i", "x", "$input.n"), pass("j", "y", "$input.x")];
    const flow = flowOf([
      pass("a", "before", 1),
      choice([{ condition: "$.n == 1", steps: inner }]),
      pass("z", "after", "$input.y"),
    ]);
    expect(run(flow, { n: 1 }).output).toEqual({ before: 1, x: 1, y: 1, after: 1 });
    expect(run(flow, { n: 2 }).output).toEqual({ before: 1, after: null });
  });

  test("a choice's output mappings are over its own local", () => {
    const mapped = choice([{ condition: "true", steps: [pass("i", "x", 5)] }], {
      outputMappings: [map("got", "$local.x")],
    });
    expect(run(flowOf([mapped])).output).toEqual({ got: 5 });
  });

  test("end: true inside a choice ends the sequence around it, through choices in choices", () => {
    const inner = choice([{ condition: "true", steps: [pass("i", "x", 1, { end: true })] }]) as object;
    const outer = {
      ...(choice([{ condition: "true", steps: [{ ...inner, name: "d" }, pass("no", "no", 1)] }]) as object),
    };
    expect(run(flowOf([outer as Json, pass("z", "after", 1)])).output).toEqual({ x: 1 });
  });

  test("steps and goto: the steps first", () => {
    const flow = flowOf([
      choice([{ condition: "false", goto: "z" }], { default: { steps: [pass("i", "x", 1)], goto: "z" } }),
      pass("skipped", "skipped", 1),
      pass("z", "after", "$input.x"),
    ]);
    expect(run(flow).output).toEqual({ x: 1, after: 1 });
  });

  test("goto goes back: the local is kept over the rounds", () => {
    const flow = flowOf([
      {
        type: "foreach",
        name: "f",
        iterationMapping: { collection: "$.list", item: "it" },
        steps: [pass("one", "v", 1)],
      },
      choice([{ condition: "$.again == false", goto: "z" }]),
      pass("again", "again", false),
      choice([{ condition: "true", goto: "f" }], { name: "d" }),
      pass("z", "done", true),
    ]);
    expect(run(flow, { list: [1] }).output).toEqual({ again: false, done: true });
  });

  test.each([
    ["$.n > 1 && $.n <= 2", true],
    ["$.n > `a`", false],
    ['$.s >= "b" || false', true],
    ["!($.flag == true)", false],
    ["!$.flag", false],
    ["-$.n == -2", true],
    ["2 in $.list", true],
    ['"k" in $.map', true],
    ['"v" in $.map', false],
    ["$.list[1] == 2.0", true],
    ["$.missing == true", false],
    ["$.missing > 1", false],
    ["$.n != `2`", true],
    ["($.n + 1) * 2 == 6", true],
    ['$.s =~ "^b+$"', true],
    ["$.flag ? $.n == 2 : false", true],
    ["$.map == {k: 1}", true],
    ["$.list == [1, 2]", true],
  ])("%s", (condition, holds) => {
    const flow = flowOf([choice([{ condition, steps: [pass("y", "yes", true)] }])]);
    const input = { n: 2, s: "b", flag: true, list: [1, 2], map: { k: 1 } };
    expect(run(flow, input).output).toEqual(holds ? { yes: true } : {});
  });

  test("parallel gives the branches' locals in order, and nothing without a mapping", () => {
    const branches = [{ steps: [pass("a", "v", 1)] }, { steps: [pass("a", "v", "$input.n")] }];
    const parallel = { type: "parallel", name: "p", branches };
    expect(run(flowOf([parallel]), { n: 2 }).output).toEqual({});
    const mapped = { ...parallel, outputMappings: [map("all", "$local"), map("second", "$local[1].v")] };
    expect(run(flowOf([mapped]), { n: 2 }).output).toEqual({ all: [{ v: 1 }, { v: 2 }], second: 2 });
  });

  test("foreach adds item and index to the step's input", () => {
    const steps = [pass("a", "v", "$input.it.n"), pass("b", "i", "$input.at"), pass("c", "o", "$input.other")];
    const iterationMapping = { collection: "$.list", item: "it", index: "at" };
    const flow = flowOf([
      { type: "foreach", name: "f", iterationMapping, steps, outputMappings: [map("all", "$local")] },
    ]);
    const input = { list: [{ n: 5 }, { n: 6 }], other: "o" };
    expect(run(flow, input).output).toEqual({
      all: [
        { v: 5, i: 0, o: "o" },
        { v: 6, i: 1, o: "o" },
      ],
    });
  });

  test("a wait takes seconds or a time, also from the input; a time that is past does not wait", () => {
    const wait = (fields: object): Drive =>
      run(flowOf([{ type: "wait", name: "w", ...fields }]), { s: 7, at: "2001-01-01T00:00:00Z" });
    const start = 1_769_860_800_000;
    expect(wait({ duration: 5 }).now).toBe(start + 5_000);
    expect(wait({ duration: "$.s" }).now).toBe(start + 7_000);
    expect(wait({ timestamp: "$.at" }).now).toBe(start);
    expect(wait({ timestamp: new Date(start + 9_000).toISOString() }).now).toBe(start + 9_000);
    expect(wait({ duration: "$.at" }).ended).toMatchObject({ status: "FAILED", error: "FnF.RuntimeError" });
    expect(wait({ timestamp: "2100-01-01T00:00:00Z" }).ended).toMatchObject({ status: "FAILED" });
  });
});

describe("tasks of the old language", () => {
  const task = (rest: object = {}): Json => ({
    type: "task",
    name: "t",
    resourceArn: "acs:fc:::services/s.q/functions/f",
    ...rest,
  });

  test("the function's event is the step's input, its result the step's local", () => {
    const flow = flowOf([task({ inputMappings: [map("m", "$input.n")], outputMappings: [map("r", "$local.r")] })]);
    const seen: Json[] = [];
    const drive = run(
      flow,
      { n: 1 },
      {
        answer: (sent) => {
          seen.push(JSON.parse(sent.input));
          return { output: { r: 2 } };
        },
      },
    );
    expect(drive.output).toEqual({ r: 2 });
    expect(seen).toEqual([
      { resourceArn: "acs:fc:::services/s.q/functions/f", invocationType: "Sync", body: { m: 1 } },
    ]);
  });

  test("a result that is no object is FnF.InvalidLocal", () => {
    const drive = run(flowOf([task()]), {}, { answer: () => ({ output: 5 }) });
    expect(drive.ended).toMatchObject({ status: "FAILED", error: "FnF.InvalidLocal" });
  });

  test("retries: their defaults, the first policy that matches, and then the catch with error mappings", () => {
    const times: number[] = [];
    const flow = flowOf([
      task({
        retry: [
          { errors: ["Other"] },
          { errors: ["Bad", "FnF.TaskTimeout"], maxAttempts: 2, multiplier: 3 },
          { errors: ["FnF.ALL"] },
        ],
        catch: [{ errors: ["FnF.ALL"], goto: "z" }],
        errorMappings: [map("e", "$local.error"), map("c", "$local.cause")],
      }),
      pass("no", "no", 1),
      pass("z", "done", "$input.e"),
    ]);
    const drive = run(
      flow,
      {},
      {
        answer: () => {
          times.push(times.length);
          return { error: "Bad", cause: "why" };
        },
      },
    );
    expect(drive.output).toEqual({ e: "Bad", c: "why", done: "Bad" });
    expect(times).toHaveLength(3);
    expect(drive.now).toBe(1_769_860_800_000 + 4_000);
  });

  test("a timeout is FnF.TaskTimeout", () => {
    const caught = {
      timeoutSeconds: 3,
      catch: [{ errors: ["FnF.TaskTimeout"], goto: "z" }],
      errorMappings: [map("e", "$local.error")],
    };
    expect(run(flowOf([task(caught), pass("z", "z", 1)])).output).toEqual({ e: "FnF.TaskTimeout", z: 1 });
  });

  test("ASL's wildcards are names like any other", () => {
    const retry = [{ errors: ["States.ALL"], maxAttempts: 5 }];
    let calls = 0;
    run(
      flowOf([task({ retry })]),
      {},
      {
        answer: () => {
          calls++;
          return { error: "Bad" };
        },
      },
    );
    expect(calls).toBe(1);
  });

  test("a callback's token is in the context of the task, and still there in its output", () => {
    const flow = flowOf([
      {
        type: "task",
        name: "t",
        resourceArn: "acs:mns:::/topics/news/messages",
        pattern: "waitForCallback",
        inputMappings: [map("token", "$context.task.token")],
        serviceParams: { MessageBody: "$", MessageTag: "$.token", Priority: 3 },
        outputMappings: [map("token", "$input.token"), map("ok", "$local.ok")],
      },
    ]);
    let sent: { [name: string]: Json } = {};
    const answer: DriveOptions["answer"] = (task) => {
      sent = JSON.parse(task.input);
      return { output: { ok: 1 } };
    };
    const drive = run(flow, {}, { answer });
    const token = sent["messageTag"] as string;
    expect(sent).toEqual({
      resourceArn: "acs:mns:::/topics/news/messages",
      messageBody: { token },
      messageTag: token,
      priority: 3,
    });
    expect(token.length).toBeGreaterThan(20);
    expect(drive.output).toEqual({ token, ok: 1 });
  });

  test("fail: error and cause are optional, and a container fails with them", () => {
    expect(run(flowOf([{ type: "fail", name: "f" }])).ended).toEqual({ kind: "EndExecution", status: "FAILED" });
    const branches = [{ steps: [{ type: "fail", name: "f", error: "E", cause: "C" }] }];
    const parallel = { type: "parallel", name: "p", branches, catch: [{ errors: ["E"], goto: "z" }] };
    expect(run(flowOf([parallel, pass("no", "no", 1), pass("z", "z", 1)])).output).toEqual({ z: 1 });
  });
});

describe("what is refused of the old language", () => {
  const refusals: readonly (readonly [string, Json, string])[] = [
    ["no mapping", "text", ": must be a mapping"],
    ["no type", { steps: [] }, "neither 'type: flow' nor"],
    ["no steps", { type: "flow" }, "steps is required"],
    ["empty steps", flowOf([]), "/steps: steps must not be empty"],
    ["no name", flowOf([{ type: "pass" }]), "/steps/0: name is required"],
    ["unknown type", flowOf([{ type: "jump", name: "a" }]), "a /steps/0/type: type must be one of"],
    [
      "name twice",
      flowOf([
        { type: "pass", name: "a" },
        { type: "pass", name: "a" },
      ]),
      "used twice",
    ],
    [
      "goto nowhere",
      flowOf([{ type: "choice", name: "c", choices: [{ condition: "true", goto: "x" }] }]),
      "no step of the same",
    ],
    [
      "goto into other steps",
      flowOf([{ type: "choice", name: "c", choices: [{ condition: "true", goto: "i", steps: [pass("i", "x", 1)] }] }]),
      "no step of the same",
    ],
    ["no resourceArn", flowOf([{ type: "task", name: "t" }]), "resourceArn is required"],
    ["unknown resource", flowOf([{ type: "task", name: "t", resourceArn: "acs:ecs:::x" }]), "cannot be called here"],
    ["no condition", flowOf([{ type: "choice", name: "c", choices: [{ goto: "c" }] }]), "condition is required"],
    [
      "bad condition",
      flowOf([{ type: "choice", name: "c", choices: [{ condition: "$.a >", goto: "c" }] }]),
      "condition ends where",
    ],
    ["bad path", flowOf([pass("a", "x", "$input..y")]), "is no path"],
    [
      "no iterationMapping",
      flowOf([{ type: "foreach", name: "f", steps: [pass("a", "x", 1)] }]),
      "iterationMapping is required",
    ],
    ["neither duration nor timestamp", flowOf([{ type: "wait", name: "w" }]), "exactly one of duration and timestamp"],
    [
      "both",
      flowOf([{ type: "wait", name: "w", duration: 1, timestamp: "$.x" }]),
      "exactly one of duration and timestamp",
    ],
    ["a wait too long", flowOf([{ type: "wait", name: "w", duration: 172_801 }]), "from 0 to 172800"],
    [
      "interval",
      flowOf([
        {
          ...(pass("a", "x", 1) as object),
          type: "task",
          resourceArn: "acs:fnf:::flow/x",
          retry: [{ errors: ["E"], intervalSeconds: 86_401 }],
        },
      ]),
      "from 0 to 86400",
    ],
  ];

  test.each(refusals)("%s", (_name, flow, words) => {
    const result = compileFlow(flow);
    expect(result.ok).toBe(false);
    expect(
      result.diagnostics.map(({ step, pointer, message }) => `${step ?? ""} ${pointer}: ${message}`).join("\n"),
    ).toContain(words);
  });
});
