import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { FunctionRouter } from "../task-router.ts";
import { createTaskRouter, functionProblems } from "../task-router.ts";
import { failureOf, functionTask, outputOf, perform, writeFiles } from "../testing/task-fixture.ts";

/** A custom runtime that knows nothing of Stepwell: the protocol's four calls, as AWS documents them. */
const BOOTSTRAP = `#!${process.execPath}
const api = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2018-06-01/runtime";
const post = (path, value) => fetch(api + path, { method: "POST", body: JSON.stringify(value) });
if (process.argv[2] === "refuse") { await post("/init/error", { errorType: "Init.Refused", errorMessage: "no" }); process.exit(1); }
for (;;) {
  const next = await fetch(api + "/invocation/next");
  const id = next.headers.get("lambda-runtime-aws-request-id");
  const event = await next.json();
  if (event.fail) await post("/invocation/" + id + "/error", { errorType: "Custom.Error", errorMessage: event.fail });
  else if (event.twice) { await post("/invocation/" + id + "/response", 1); console.log((await post("/invocation/" + id + "/response", 2)).status); }
  else await post("/invocation/" + id + "/response", { event, arg: process.argv[2], cwd: process.cwd(), arn: next.headers.get("lambda-runtime-invoked-function-arn") });
}
`;

const files = writeFiles({
  "bootstrap.mjs!": BOOTSTRAP,
  "plain.txt": "not executable",
  "forks.sh!": '#!/bin/sh\nsleep 600 &\nexec ./bootstrap.mjs "$@"\n',
});
afterAll(files.remove);

let router: FunctionRouter | undefined;
afterEach(() => router?.close());

function command(...words: string[]): FunctionRouter {
  router = createTaskRouter({ baseDirectory: files.directory, functions: { C: { command: words } } });
  return router;
}

const call = (target: FunctionRouter, event: unknown = {}) => perform(target, functionTask("C", event));

describe("an executable that speaks the Lambda runtime API", () => {
  it.each(["bootstrap.mjs", "forks.sh"])("is asked again and again (%s)", async (name) => {
    const target = command(`./${name}`, "word");
    const expected = { arg: "word", cwd: files.directory, arn: "arn:aws:lambda:us-east-1:123456789012:function:C" };
    expect(await outputOf(call(target, { n: 1 }))).toEqual({ event: { n: 1 }, ...expected });
    expect(await outputOf(call(target, { n: 2 }))).toEqual({ event: { n: 2 }, ...expected });
  });

  it("is found on PATH", async () => {
    const target = command("node", "-e", BOOTSTRAP.replace(/^#!.*/, "").replaceAll("process.argv[2]", "'x'"));
    expect(await outputOf(call(target, { n: 1 }))).toMatchObject({ event: { n: 1 } });
  });

  it("reports errors of the handler and of its start", async () => {
    expect(await failureOf(call(command("./bootstrap.mjs"), { fail: "bad row" }))).toEqual({
      error: "Custom.Error",
      cause: '{"errorType":"Custom.Error","errorMessage":"bad row"}',
    });
    await router?.close();
    expect((await failureOf(call(command("./bootstrap.mjs", "refuse")))).error).toBe("Init.Refused");
  });

  it("gives one result for one invocation", async () => {
    const target = command("./bootstrap.mjs");
    expect(await outputOf(call(target, { twice: true }))).toBe(1);
    expect(await outputOf(call(target, { n: 1 }))).toMatchObject({ event: { n: 1 } });
  });

  it.each([
    [["./nowhere"], 'command ["./nowhere"]: ./nowhere is not an executable file'],
    [["./plain.txt"], 'command ["./plain.txt"]: ./plain.txt is not an executable file'],
    [["no-such-program"], 'command ["no-such-program"]: no-such-program is not on PATH'],
  ])("that is not there fails its callers (%j)", async (words, message) => {
    const { error, cause } = await failureOf(call(command(...words)));
    expect(error).toBe("Runtime.InvalidEntrypoint");
    expect(JSON.parse(cause).errorMessage).toContain(message);
    const functions = { C: { command: words } };
    expect(functionProblems({ baseDirectory: files.directory, functions })).toEqual([`functions.C: ${message}`]);
  });
});
