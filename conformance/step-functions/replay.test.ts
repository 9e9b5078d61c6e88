import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "@stepwell/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RecordedCase, Step } from "./recorded-case.ts";
import { prepare } from "./steps.ts";
import { tryCase } from "./verdict.ts";

// The runner against a server of a few lines whose answers are known, so that both verdicts are seen to come.

let server: Server;
let endpoint: string;
let polls = 0;

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const params = JSON.parse(Buffer.concat(chunks).toString()) as JsonObject;
  const operation = String(request.headers["x-amz-target"]).replace("AWSStepFunctions.", "");
  const [status, body] = respond(operation, params);
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
}

function respond(operation: string, params: JsonObject): [number, JsonObject] {
  if (operation === "StartExecution") return [200, { executionArn: `arn:${params["name"]}`, startDate: 1.5 }];
  if (operation === "GetExecutionHistory") {
    polls += 1;
    return [200, { events: [{ type: polls > 2 ? "ExecutionSucceeded" : "ExecutionStarted" }] }];
  }
  return [
    400,
    { __type: "com.amazonaws.states#InvalidArn", message: `Invalid Arn: '${params["arn"]}'`, reason: "BAD" },
  ];
}

function caseOf(steps: Step[], expected: JsonObject): RecordedCase {
  return {
    id: "made up",
    group: "made up",
    summary: "",
    requires: [],
    steps,
    expected,
    placeholders: { "<name>": { kind: "same", value: "{{s1.executionArn|last}}" }, date: { kind: "any" } },
    ignore_keys: [],
    optional_keys: [],
    concurrent: false,
  };
}

async function complaintsAbout(steps: Step[], expected: JsonObject): Promise<readonly string[]> {
  const stage = { server: { endpoint, account: "123456789012", close: async () => undefined }, others: undefined };
  return (await tryCase(prepare(caseOf(steps, expected), "123456789012"), stage)).complaints;
}

const start: Step = {
  step: 1,
  service: "stepfunctions",
  call: "StartExecution",
  params: { name: "n-{{uid1}}" },
  match: [{ key: "start", form: "response" }],
};

test("an answer as recorded passes, another is a complaint with its place", async () => {
  const recorded = { executionArn: "arn:<name>", startDate: "date", ResponseMetadata: { HTTPStatusCode: 200 } };
  expect(await complaintsAbout([start], { start: recorded })).toEqual([]);
  expect(await complaintsAbout([start], { start: { ...recorded, executionArn: "<name>" } })).toEqual([
    expect.stringMatching(/^step 1 start\/executionArn: expected "<name>", but "arn:n-[0-9a-f]{8}" came$/),
  ]);
});

test("an error is compared as the Python SDK shows it, and ends the case where none is expected", async () => {
  const refused: Step = { step: 2, service: "stepfunctions", call: "DescribeExecution", params: { arn: "x" } };
  const error = {
    Error: { Code: "InvalidArn", Message: "Invalid Arn: 'x'" },
    message: "Invalid Arn: 'x'",
    reason: "BAD",
    ResponseMetadata: { HTTPStatusCode: 400 },
  };
  const exception = {
    exception_typename: "InvalidArn",
    exception_value: "An error occurred (InvalidArn) when calling the DescribeExecution operation: Invalid Arn: 'x'",
  };
  const matching: Step = {
    ...refused,
    match: [
      { key: "e", form: "error" },
      { key: "x", form: "exception" },
    ],
  };
  expect(await complaintsAbout([matching], { e: error, x: exception })).toEqual([]);
  expect(await complaintsAbout([{ ...refused, may_fail: true }, start], { start: "date" })).toEqual([]);
  expect(await complaintsAbout([refused, start], { start: "date" })).toEqual(["step 2: InvalidArn: Invalid Arn: 'x'"]);
  expect(await complaintsAbout([{ ...start, match: [{ key: "e", form: "error" }] }], { e: error })).toEqual([
    expect.stringContaining("an error was expected"),
  ]);
});

test("an await polls until the condition is true", async () => {
  polls = 0;
  const awaiting = { step: 3, await: "terminated", executionArn: "{{s1.executionArn}}" } as Step;
  expect(await complaintsAbout([{ ...start, match: [] } as Step, awaiting], {})).toEqual([]);
  expect(polls).toBe(3);
});

test("a match without an expectation fails, and so does a template that cannot be filled", async () => {
  expect(await complaintsAbout([start], {})).toEqual(['step 1 start: the case has no expectation "start"']);
  const early: Step = { ...start, params: { name: "{{s9.executionArn}}" } };
  expect(await complaintsAbout([early], { start: "date" })).toEqual([expect.stringContaining("no such text")]);
});
