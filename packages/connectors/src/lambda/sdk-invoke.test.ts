import type { Connector } from "@stepwell/engine";
import { afterAll, describe, expect, test } from "vitest";
import { createTaskRouter } from "../task-router.ts";
import { serviceTask } from "../testing/service-fixture.ts";
import { failureOf, outputOf, perform, writeFiles } from "../testing/task-fixture.ts";

const files = writeFiles({
  "fn.mjs": `
    export const echo = async (event) => event;
    export const fail = async () => { throw Object.assign(new Error("row"), { name: "Bad.Row" }); };
  `,
});
const AWS: Connector = {
  handles: ({ resource }) => resource.kind === "service" && resource.service === "aws-sdk:lambda",
  start: async () => ({ kind: "succeeded", output: '"from AWS"' }),
};
const functions = { echo: { handler: "fn.mjs#echo" }, fail: { handler: "fn.mjs#fail" } };
const env = { PATH: process.env["PATH"], HOME: files.directory };
const router = createTaskRouter({ baseDirectory: files.directory, functions, env, connectors: [AWS] });
afterAll(async () => {
  await router.close();
  files.remove();
});

const invoke = (parameters: object, suffix = "") =>
  perform(router, serviceTask(`aws-sdk:lambda:invoke${suffix}`, { FunctionName: "echo", ...parameters }));

describe("aws-sdk:lambda:invoke of a function that is served here", () => {
  test("answers as Lambda's API, the payload as text", async () => {
    expect(await invoke({ Payload: { a: 1 } })).toEqual({
      kind: "succeeded",
      output: '{"ExecutedVersion":"$LATEST","StatusCode":200,"Payload":"{\\"a\\":1}"}',
    });
    expect(await outputOf(invoke({}))).toMatchObject({ Payload: "{}" });
    expect((await invoke({}, ".waitForTaskToken")).kind).toBe("submitted");
  });

  test("a function's error fails nobody", async () => {
    const output = await outputOf(invoke({ FunctionName: "fail", LogType: "Tail" }));
    expect(output).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled", LogResult: expect.any(String) });
    expect(output).toMatchObject({ Payload: expect.stringContaining('"errorType":"Bad.Row"') });
  });

  test("nobody waits for an Event, and a DryRun calls nobody", async () => {
    expect(await outputOf(invoke({ InvocationType: "Event" }))).toEqual({ StatusCode: 202, Payload: "" });
    expect(await outputOf(invoke({ InvocationType: "DryRun" }))).toEqual({ StatusCode: 204, Payload: "" });
  });

  test("what Lambda refuses is told in the words of AWS SDK v2", async () => {
    const failure = await failureOf(invoke({ InvocationType: "Later" }));
    expect(failure.error).toBe("Lambda.LambdaException");
    expect(failure.cause).toMatch(
      /^1 validation error .+ \(Service: Lambda, Status Code: 400, Request ID: [-0-9a-f]+\) \(SDK Attempt Count: 1\)$/,
    );
  });
});

test("other functions are AWS's", async () => {
  expect(await invoke({ FunctionName: "else" })).toEqual({ kind: "succeeded", output: '"from AWS"' });
});

test("without a function of its own, a router asks AWS alone", async () => {
  const bare = createTaskRouter({ env, connectors: [AWS] });
  const { resource } = serviceTask("aws-sdk:lambda:invoke", {});
  expect(bare.connectorFor({ resource, stateName: "S" })).toBe(AWS);
  await bare.close();
});
