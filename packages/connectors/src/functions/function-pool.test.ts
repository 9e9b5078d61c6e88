import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { FunctionRouter, TaskRouterOptions } from "../task-router.ts";
import { createTaskRouter } from "../task-router.ts";
import { failureOf, functionTask, outputOf, perform, writeFiles } from "../testing/task-fixture.ts";
import type { FunctionConfig } from "./function-config.ts";
import type { FunctionLogLine } from "./function-log.ts";
import { FunctionsClosedError } from "./functions-closed.ts";

const FUNCTIONS = `
enum Answer { Yes = "yes" }
let count = 0;
let running = 0;
export const echo = async (event: unknown) => event;
export const who = async () => ({ pid: process.pid, count: ++count, answer: Answer.Yes });
export const slow = async (event: { ms: number }) => {
  await new Promise((resolve) => setTimeout(resolve, event.ms));
  return { pid: process.pid };
};
export const environment = async () => process.env;
export const context = async (_event: unknown, context: any) => ({ ...context, left: context.getRemainingTimeInMillis() });
export const fail = async () => { throw new RangeError("no such row"); };
export const failNothing = async () => { throw undefined; };
export const failText = async () => { throw "a text"; };
export const exit = async (event: { code: number }) => process.exit(event.code);
export const kill = async () => { process.kill(process.pid, "SIGKILL"); await new Promise(() => setInterval(() => {}, 1000)); };
export const spin = async () => { for (;;); };
export const big = async (event: { length: number }) => "a".repeat(event.length);
export const unwritable = async () => ({ value: 1n });
export const nothing = async () => undefined;
export const plain = () => ({ plain: true });
export const callback = (_event: unknown, _context: unknown, done: Function) => { setTimeout(() => done(null, "called back"), 5); };
export const never = () => new Promise(() => {});
export const lost = async () => { Promise.reject(new Error("nobody waits")); await new Promise((resolve) => setTimeout(resolve, 5000)); };
export const talk = async (event: { word: string }) => { console.log(event.word, "out"); console.error(event.word, "err"); process.stdout.write("no line end"); };
export const eat = async () => { const all = []; for (;;) all.push(new Array(100_000).fill(all.length)); };
export const notAFunction = 5;
`;

const files = writeFiles({
  "functions.ts": FUNCTIONS,
  "broken.mjs": "export const handler = ;",
  "needs.mjs": 'import "no-such-package"; export const handler = () => 1;',
  "throws.mjs": 'throw new TypeError("at load"); export const handler = () => 1;',
  "leaves.mjs": "process.exit(3);",
  "common.cjs": "exports.handler = async (event) => ({ common: event });",
});
afterAll(files.remove);

let router: FunctionRouter | undefined;
afterEach(async () => {
  await router?.close();
  router = undefined;
});

/** A router with one function of `functions.ts` under its own name. */
function functionRouter(
  handler: string,
  settings: Partial<FunctionConfig> = {},
  options: TaskRouterOptions = {},
): FunctionRouter {
  const text = handler.includes(".") ? handler : `./functions.ts#${handler}`;
  router = createTaskRouter({
    baseDirectory: files.directory,
    functions: { F: { handler: text, ...settings } },
    ...options,
  });
  return router;
}

const call = (target: FunctionRouter, event: unknown = {}) => perform(target, functionTask("F", event));

describe("a Node function", () => {
  it("gets the event and gives its result", async () => {
    const event = { text: "é\n", list: [1, null, true], deep: { a: {} } };
    expect(await outputOf(call(functionRouter("echo"), event))).toEqual(event);
  });

  it.each([
    ["plain", { plain: true }],
    ["callback", "called back"],
    ["nothing", null],
    ["never", null],
    ["common.cjs", { common: {} }],
  ])("may be written as %s", async (handler, expected) => {
    expect(await outputOf(call(functionRouter(handler)))).toEqual(expected);
  });

  it("keeps __proto__ keys as data", async () => {
    const target = functionRouter("echo");
    const event = '{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}';
    const outcome = await perform(target, functionTask("F", {}, { input: event }));
    expect(outcome).toEqual({ kind: "succeeded", output: event });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("stays warm: the same process answers again", async () => {
    const target = functionRouter("who");
    const first = (await outputOf(call(target))) as { pid: number };
    expect(await outputOf(call(target))).toEqual({ ...first, count: 2 });
  });

  it("is ended when idle, and started anew", async () => {
    const target = functionRouter("who", {}, { idleMs: 50 });
    const first = (await outputOf(call(target))) as { pid: number };
    await until(() => !isAlive(first.pid));
    expect(await outputOf(call(target))).toMatchObject({ count: 1 });
  });

  it("serves 50 calls at once with no more processes than its concurrency", async () => {
    const target = functionRouter("slow", { concurrency: 3 });
    const outputs = await Promise.all(Array.from({ length: 50 }, () => outputOf(call(target, { ms: 20 }))));
    const pids = new Set(outputs.map((output) => (output as { pid: number }).pid));
    expect(outputs).toHaveLength(50);
    expect(pids.size).toBeLessThanOrEqual(3);
    expect(pids.size).toBeGreaterThan(1);
  });

  it("takes and gives 5 MB", async () => {
    const event = { text: "ü".repeat(2_500_000) };
    expect(await outputOf(call(functionRouter("echo"), event))).toEqual(event);
  });

  it("fails when its response is too large, and goes on", async () => {
    const target = functionRouter("big");
    const { error, cause } = await failureOf(call(target, { length: 7_000_000 }));
    expect(error).toBe("Function.ResponseSizeTooLarge");
    expect(JSON.parse(cause)).toEqual({
      errorType: "Function.ResponseSizeTooLarge",
      errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    });
    expect(await outputOf(call(target, { length: 3 }))).toBe("aaa");
  });
});

describe("a Node function that fails", () => {
  it("names error, message and trace, with the places of Lambda", async () => {
    const { error, cause } = await failureOf(call(functionRouter("fail")));
    expect(error).toBe("RangeError");
    const { errorType, errorMessage, trace } = JSON.parse(cause);
    expect({ errorType, errorMessage }).toEqual({ errorType: "RangeError", errorMessage: "no such row" });
    expect(trace[0]).toBe("RangeError: no such row");
    expect(trace[1]).toMatch(/\/var\/task\/functions\.ts:\d+:\d+/);
    expect(cause).not.toContain(files.directory);
  });

  it("may throw anything", async () => {
    expect(await failureOf(call(functionRouter("failText")))).toEqual({
      error: "string",
      cause: '{"errorType":"string","errorMessage":"a text","trace":[]}',
    });
    await router?.close();
    expect((await failureOf(call(functionRouter("failNothing")))).error).toBe("string");
  });

  it.each([
    ["unwritable", "Runtime.MarshalError", "Unable to stringify response body: Do not know how to serialize a BigInt"],
    ["lost", "Runtime.UnhandledPromiseRejection", "Error: nobody waits"],
    ["missing", "Runtime.HandlerNotFound", "functions.missing is undefined or not exported"],
    ["notAFunction", "Runtime.HandlerNotFound", "functions.notAFunction is not a function"],
    ["needs.mjs", "Runtime.ImportModuleError", "Cannot find package 'no-such-package'"],
    ["broken.mjs", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token ';'"],
    ["throws.mjs", "TypeError", "at load"],
    ["nowhere.mjs", "Runtime.ImportModuleError", "Cannot find module '"],
    ["no-handler", "Runtime.MalformedHandlerName", "must be "],
  ])("%s: %s", async (handler, type, message) => {
    const config = handler === "no-handler" ? { handler: "no handler" } : {};
    const { error, cause } = await failureOf(call(functionRouter(handler, config)));
    expect(error).toBe(type);
    expect(JSON.parse(cause).errorMessage).toContain(message);
  });

  it.each([
    [1, "Runtime exited with error: exit status 1"],
    [0, "Runtime exited without providing a reason"],
  ])("exits with %i", async (code, words) => {
    const { error, cause } = await failureOf(call(functionRouter("exit"), { code }));
    expect(error).toBe("Runtime.ExitError");
    expect(JSON.parse(cause).errorMessage).toMatch(new RegExp(`^RequestId: [0-9a-f-]{36} Error: ${words}$`));
  });

  it("exits while it is loaded: every caller is told, and nothing is started for ever", async () => {
    const target = functionRouter("leaves.mjs", { concurrency: 2 });
    const failures = await Promise.all([call(target), call(target), call(target)].map(failureOf));
    expect(failures.map(({ error }) => error)).toEqual(Array(3).fill("Runtime.ExitError"));
  });

  it("is killed: the caller is told, the next call gets a new process", async () => {
    const { error, cause } = await failureOf(call(functionRouter("kill")));
    expect({ error, words: JSON.parse(cause).errorMessage.split("Error: ")[1] }).toEqual({
      error: "Runtime.ExitError",
      words: "Runtime exited with error: signal: killed",
    });
  });

  it("is killed from outside in the middle of its work", async () => {
    const target = functionRouter("slow");
    const { pid } = (await outputOf(call(target, { ms: 0 }))) as { pid: number };
    const running = call(target, { ms: 60_000 });
    await delay(50);
    process.kill(pid, "SIGKILL");
    expect((await failureOf(running)).error).toBe("Runtime.ExitError");
    const next = (await outputOf(call(target, { ms: 0 }))) as { pid: number };
    expect(next.pid).not.toBe(pid);
  });

  it.each(["slow", "spin"])("is killed at its timeout (%s)", async (handler) => {
    const target = functionRouter(handler, { timeoutSeconds: 1 });
    const { error, cause } = await failureOf(call(target, { ms: 60_000 }));
    expect(error).toBe("Sandbox.Timedout");
    expect(cause).toMatch(
      /^\{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds"\}$/,
    );
  });

  it("is ended when it takes more memory than it may", { timeout: 60_000 }, async () => {
    const { error } = await failureOf(call(functionRouter("eat", { memoryMb: 64 })));
    expect(error).toBe("Runtime.ExitError");
  });
});

describe("the environment of a function", () => {
  it("has what the function needs and nothing of the server's", async () => {
    const env = {
      PATH: process.env["PATH"],
      HOME: "/home/me",
      LC_ALL: "C.UTF-8",
      AWS_SECRET_ACCESS_KEY: "s",
      STEPWELL_X: "y",
    };
    const target = functionRouter(
      "environment",
      { env: { MINE: "1", HOME: "/other" }, memoryMb: 256 },
      { env, region: "eu-west-1" },
    );
    const seen = (await outputOf(call(target))) as Record<string, string>;
    expect(seen).toMatchObject({
      MINE: "1",
      HOME: "/other",
      LC_ALL: "C.UTF-8",
      AWS_REGION: "eu-west-1",
      AWS_LAMBDA_FUNCTION_NAME: "F",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      LAMBDA_TASK_ROOT: files.directory,
      _HANDLER: "functions.environment",
    });
    expect(Object.keys(seen).filter((name) => /SECRET|STEPWELL/.test(name))).toEqual([]);
  });

  it("comes with a context", async () => {
    const target = functionRouter("context", { timeoutSeconds: 30 });
    const seen = await outputOf(perform(target, functionTask("F:live", {})));
    expect(seen).toMatchObject({
      functionName: "F",
      functionVersion: "$LATEST",
      memoryLimitInMB: "128",
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:F:live",
      logGroupName: "/aws/lambda/F",
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect((seen as { left: number }).left).toBeGreaterThan(25_000);
  });
});

describe("what a function prints", () => {
  it("reaches the log under its own call", async () => {
    const lines: FunctionLogLine[] = [];
    const target = functionRouter("talk", { concurrency: 1 }, { log: (line) => lines.push(line) });
    await Promise.all(["one", "two", "three"].map((word) => call(target, { word })));
    const withWord = lines.filter(({ message }) => message.endsWith(" out"));
    expect(new Set(withWord.map(({ requestId }) => requestId)).size).toBe(3);
    expect(withWord.map(({ message }) => message)).toEqual(["one out", "no line endtwo out", "no line endthree out"]);
    expect(lines.find(({ message }) => message === "two err")).toMatchObject({
      functionName: "F",
      stream: "stderr",
      stateName: "Call",
      executionArn: expect.stringContaining(":execution:Machine:run"),
    });
  });
});

describe("the end of a server", () => {
  it("ends the processes, and the calls have no result", async () => {
    const target = functionRouter("slow");
    const { pid } = (await outputOf(call(target, { ms: 0 }))) as { pid: number };
    const running = call(target, { ms: 60_000 });
    await delay(20);
    await Promise.all([expect(running).rejects.toThrow(FunctionsClosedError), target.close()]);
    expect(isAlive(pid)).toBe(false);
    await expect(call(target)).rejects.toThrow(FunctionsClosedError);
  });

  it("takes a call back that waits, and lets one run that runs", async () => {
    const target = functionRouter("slow", { concurrency: 1 });
    const running = outputOf(call(target, { ms: 300 }));
    const abort = new AbortController();
    const waiting = perform(target, functionTask("F", { ms: 0 }), abort.signal);
    abort.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    await expect(running).resolves.toMatchObject({ pid: expect.any(Number) });
  });

  it("leaves no process behind even when the server is killed", async () => {
    const program = `
      import { createTaskRouter } from "@stepwell/connectors";
      const router = createTaskRouter({ baseDirectory: ${JSON.stringify(files.directory)}, functions: { F: { handler: "./functions.ts#slow" } } });
      const task = ${JSON.stringify(functionTask("F", { ms: 0 }))};
      const outcome = await router.connectorFor(task).start(task, new AbortController().signal);
      console.log(JSON.parse(outcome.output).pid);
      const long = { ...task, input: '{"ms":600000}' };
      await router.connectorFor(long).start(long, new AbortController().signal);
    `;
    const args = ["--conditions=stepwell-source", "--input-type=module", "-e", program];
    const server = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] });
    const pid = await new Promise<number>((resolve) => server.stdout.once("data", (text) => resolve(Number(text))));
    expect(isAlive(pid)).toBe(true);
    server.kill("SIGKILL");
    await until(() => !isAlive(pid));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("It did not happen within 10 seconds");
    await delay(10);
  }
}
