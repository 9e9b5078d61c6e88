import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { FunctionRouter, TaskRouterOptions } from "../task-router.ts";
import { createTaskRouter, functionProblems } from "../task-router.ts";
import { failureOf, functionTask, invokeTask, outputOf, perform, writeFiles } from "../testing/task-fixture.ts";
import type { FunctionLogLine } from "./function-log.ts";
import { findOnPath } from "./program.ts";

const FUNCTIONS = `
import decimal
import logging
import os
import sys

def echo(event, context):
    return event

def who(event, context):
    return os.getpid()

def decimals(event, context):
    return {"whole": decimal.Decimal("3"), "part": decimal.Decimal("2.5"), "text": "日本"}

def a_set(event, context):
    return {"value": {1, 2}}

def leave(event, context):
    sys.exit(7)

def talk(event, context):
    print("printed", event["word"])
    logging.warning("logged %s", event["word"])
    logging.info("not logged")

def about(event, context):
    return {
        "name": context.function_name,
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "left": context.get_remaining_time_in_millis() > 0,
        "custom": context.client_context.custom if context.client_context else None,
        "environment": os.environ.get("AWS_EXECUTION_ENV", "")[:18],
        "secret": os.environ.get("SECRET"),
        "file": __file__,
    }

def eat(event, context):
    every = []
    while True:
        every.append(bytearray(10_000_000))

def nested(event, context):
    def inner():
        return event["missing"]
    return inner()
`;

const files = writeFiles({
  "fn.py": FUNCTIONS,
  "needs.py": "import no_such_module\n\n\ndef handler(event, context):\n    return 1\n",
  "broken.py": "def handler(event, context):\n    return (\n",
  "throws.py": "raise ValueError('at load')\n",
  "fallback.mjs": "export const handler = async () => 'from node';",
});
afterAll(files.remove);

let router: FunctionRouter | undefined;
afterEach(() => router?.close());

function python(handler: string, settings: object = {}, options: TaskRouterOptions = {}): FunctionRouter {
  const text = handler.includes(".") ? handler : `./fn.py:${handler}`;
  router = createTaskRouter({
    baseDirectory: files.directory,
    functions: { P: { handler: text, ...settings } },
    ...options,
  });
  return router;
}

const call = (target: FunctionRouter, event: unknown = {}) => perform(target, functionTask("P", event));
const hasPython = findOnPath("python3", process.env["PATH"] ?? "") !== undefined;

describe.skipIf(!hasPython)("a Python function", () => {
  it("gets the event and gives its result, as Python writes JSON", async () => {
    const outcome = await perform(python("echo"), functionTask("P", { a: [1, 2.0], b: "é" }));
    expect(outcome).toEqual({ kind: "succeeded", output: '{"a": [1, 2], "b": "é"}' });
  });

  it("stays warm, and takes 5 MB", async () => {
    const target = python("who");
    expect(await outputOf(call(target))).toBe(await outputOf(call(target, { text: "a".repeat(5_000_000) })));
  });

  it("may give decimals and text of any script", async () => {
    expect(await call(python("decimals"))).toEqual({
      kind: "succeeded",
      output: '{"whole": 3, "part": 2.5, "text": "日本"}',
    });
  });

  it("has a context and an environment of its own", async () => {
    const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], SECRET: "s" };
    const target = python("about", {}, { env });
    const context = Buffer.from('{"custom":{"k":1}}').toString("base64");
    const outcome = perform(target, invokeTask({ FunctionName: "P:live", ClientContext: context }));
    expect((await outputOf(outcome)) as object).toMatchObject({
      Payload: {
        name: "P",
        arn: "arn:aws:lambda:us-east-1:123456789012:function:P:live",
        memory: "128",
        left: true,
        custom: { k: 1 },
        environment: "AWS_Lambda_python3",
        secret: null,
        file: `${files.directory}/fn.py`,
      },
    });
  });

  it("prints and logs under its own call", async () => {
    const lines: FunctionLogLine[] = [];
    const target = python("talk", {}, { log: (line) => lines.push(line) });
    await call(target, { word: "one" });
    await call(target, { word: "two" });
    const words = lines.map(({ message, requestId }) => [message, requestId]);
    const [first, second] = [lines[0]!.requestId!, lines[2]!.requestId!];
    expect(words).toEqual([
      ["printed one", first],
      [expect.stringMatching(new RegExp(`^\\[WARNING\\]\\t[0-9T:.-]+Z\\t${first}\\tlogged one$`)), first],
      ["printed two", second],
      [expect.stringMatching(new RegExp(`^\\[WARNING\\]\\t[0-9T:.-]+Z\\t${second}\\tlogged two$`)), second],
    ]);
  });

  it.each([
    ["a_set", "Runtime.MarshalError", "Unable to marshal response: Object of type set is not JSON serializable"],
    ["missing", "Runtime.HandlerNotFound", "Handler 'missing' missing on module 'fn'"],
    [
      "needs.py:handler",
      "Runtime.ImportModuleError",
      "Unable to import module 'needs': No module named 'no_such_module'",
    ],
    ["broken.py:handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'broken': "],
    ["throws.py:handler", "ValueError", "at load"],
    ["leave", "Runtime.ExitError", "Runtime exited with error: exit status 7"],
  ])("%s fails with %s", async (handler, type, message) => {
    const { error, cause } = await failureOf(call(python(handler)));
    expect(error).toBe(type);
    expect(JSON.parse(cause).errorMessage).toContain(message);
    expect(cause).not.toContain(files.directory);
  });

  it("shows where it failed, without the runtime's own frames", async () => {
    const { error, cause } = await failureOf(call(python("nested")));
    expect(error).toBe("KeyError");
    expect(JSON.parse(cause)).toMatchObject({
      errorMessage: "'missing'",
      stackTrace: [
        expect.stringMatching(/^ {2}File "\/var\/task\/fn.py", line \d+, in nested\n {4}return inner\(\)\n$/),
        expect.stringMatching(/^ {2}File "\/var\/task\/fn.py", line \d+, in inner\n {4}return event\["missing"\]\n$/),
      ],
    });
  });

  it.runIf(process.platform === "linux")("cannot take more memory than it may", async () => {
    expect((await failureOf(call(python("eat", { memoryMb: 128 })))).error).toBe("MemoryError");
  });
});

/** The functions of the recorded cases: what AWS's own Python runtime answered is told there. */
describe.skipIf(!hasPython)("the functions of the recorded cases", () => {
  const data = new URL("../../../../conformance/data/step-functions/functions.json", import.meta.url);
  const recorded = JSON.parse(readFileSync(fileURLToPath(data), "utf8")) as Record<string, { python: string }>;

  async function answer(behaviour: string, event: unknown, timeoutSeconds = 30) {
    const task = writeFiles({ "handler.py": recorded[behaviour]!.python });
    const target = python(`${task.directory}/handler.py:handler`, { timeoutSeconds });
    try {
      return await perform(target, functionTask("P", event));
    } finally {
      task.remove();
    }
  }

  it.each([
    ["identity", [], "[]"],
    ["identity", "HelloWorld", '"HelloWorld"'],
    ["identity", 0, "0"],
    ["hello", {}, '{"Return": "HelloWorld"}'],
    ["raw_bytes", {}, '"HelloWorld!"'],
    ["decorated_input", { a: true, b: [null, "x"] }, "\"input-event-{'a': True, 'b': [None, 'x']}\""],
  ])("%s(%j)", async (behaviour, event, output) => {
    expect(await answer(behaviour, event)).toEqual({ kind: "succeeded", output });
  });

  it.each([
    [
      "raise_exception",
      "Exception",
      "Some exception was raised.",
      2,
      'raise Exception(\\"Some exception was raised.\\")',
    ],
    ["raise_custom_exception", "CustomException", "", 9, "raise CustomException()"],
  ])("%s", async (behaviour, type, message, line, source) => {
    const { error, cause } = await failureOf(answer(behaviour, {}));
    expect(error).toBe(type);
    const uuid = /"requestId": "([0-9a-f-]{36})"/.exec(cause)?.[1];
    expect(cause).toBe(
      `{"errorMessage": "${message}", "errorType": "${type}", "requestId": "${uuid}", "stackTrace": ["  File \\"/var/task/handler.py\\", line ${line}, in handler\\n    ${source}\\n"]}`,
    );
  });

  it("large_output", async () => {
    const outcome = await answer("large_output", {});
    expect(outcome).toMatchObject({ kind: "succeeded" });
    expect((outcome as { output: string }).output.length).toBeGreaterThanOrEqual(257 * 1024);
  });

  it("wait_60", async () => {
    expect((await failureOf(answer("wait_60", {}, 1))).error).toBe("Sandbox.Timedout");
  });
});

describe("without Python", () => {
  const env = { PATH: files.directory };

  it("a Python function fails with a clear word, and the check before the start says it too", async () => {
    const functions = { P: { handler: "./fn.py:echo" } };
    const options = { baseDirectory: files.directory, functions, env };
    router = createTaskRouter(options);
    const { error, cause } = await failureOf(call(router));
    expect(error).toBe("Runtime.InvalidEntrypoint");
    expect(JSON.parse(cause).errorMessage).toMatch(
      /^RequestId: [0-9a-f-]{36} Error: function P: handler .\/fn.py:echo needs Python, but there is no python3 on PATH$/,
    );
    expect(functionProblems(options)).toEqual([
      "functions.P: handler ./fn.py:echo needs Python, but there is no python3 on PATH",
    ]);
  });

  it("its fallback runs instead, and the log says so", async () => {
    const lines: FunctionLogLine[] = [];
    const target = python("echo", { fallback: "./fallback.mjs" }, { env, log: (line) => lines.push(line) });
    expect(await outputOf(call(target))).toBe("from node");
    expect(lines).toEqual([
      {
        functionName: "P",
        stream: "platform",
        message:
          "handler ./fn.py:echo needs Python, but there is no python3 on PATH; running its fallback ./fallback.mjs instead",
      },
    ]);
  });
});
