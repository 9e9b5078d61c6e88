import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { composeStepwell, type Stepwell } from "../compose.ts";
import { forkExecution } from "./fork.ts";
import { type Service, serve } from "./start.ts";

const LINE = {
  StartAt: "Check",
  States: {
    Check: { Type: "Pass", Assign: { "n.$": "$.n" }, Next: "Judge" },
    Judge: {
      Type: "Choice",
      Choices: [{ Variable: "$.ok", BooleanEquals: true, Next: "Done" }],
      Default: "Bad",
    },
    Bad: { Type: "Fail", Error: "Bad.Input" },
    Done: { Type: "Pass", Parameters: { "n.$": "$n" }, End: true },
  },
};

const directory = mkdtempSync(join(tmpdir(), "stepwell-fork-command-"));
let stepwell: Stepwell;
let service: Service;
let original: string;

beforeAll(async () => {
  stepwell = await composeStepwell({ dataDir: ":memory:" });
  service = await serve(stepwell, { host: "127.0.0.1", port: 0 });
  const roleArn = "arn:aws:iam::123456789012:role/r";
  const machine = { name: "line", definition: JSON.stringify(LINE), roleArn };
  const { stateMachineArn } = await stepwell.catalog.createStateMachine(machine);
  original = (await stepwell.executions.start({ stateMachineArn, input: '{"n":7,"ok":false}' })).executionArn;
});

afterAll(async () => {
  await service.close();
  await stepwell.close();
  rmSync(directory, { recursive: true });
});

async function forked(options: Partial<Parameters<typeof forkExecution>[1]>): Promise<string> {
  let text = "";
  const all = { at: "Judge", endpoint: service.url, ...options };
  expect(await forkExecution(original, all, (part) => (text += part))).toBe(0);
  return text.trim();
}

async function outcome(executionArn: string): Promise<unknown> {
  const { status, output } = await stepwell.executions.describe(executionArn);
  return [status, output];
}

test("a state by name or an event by id, with an input as text or from a file", async () => {
  writeFileSync(join(directory, "input.json"), '{"ok":true}');
  expect(await outcome(await forked({ input: '{"ok":true}' }))).toEqual(["SUCCEEDED", '{"n":7}']);
  expect(await outcome(await forked({ at: "4", input: `@${join(directory, "input.json")}` }))).toEqual([
    "SUCCEEDED",
    '{"n":7}',
  ]);
  expect(await outcome(await forked({}))).toEqual(["FAILED", undefined]);
});

test("another definition may be run, YAML too, and the same name is the same fork", async () => {
  const path = join(directory, "other.yaml");
  writeFileSync(path, "StartAt: Judge\nStates:\n  Judge:\n    Type: Pass\n    Result: mended\n    End: true\n");
  const fork = await forked({ definition: path, name: "mended" });
  expect(fork).toMatch(/:execution:line:mended$/);
  expect(await outcome(fork)).toEqual(["SUCCEEDED", '"mended"']);
  expect(await forked({ definition: path, name: "mended" })).toBe(fork);
});

test("what cannot be forked is one line", async () => {
  await expect(forked({ at: "Nowhere" })).rejects.toThrow(/^ValidationException: at.stateName: must be a state/);
  await expect(forked({ input: "{" })).rejects.toThrow(/^--input: must be JSON/);
  await expect(forked({ input: `@${directory}/none.json` })).rejects.toThrow(/^--input: must be JSON/);
  await expect(forked({ endpoint: "http://127.0.0.1:1" })).rejects.toThrow(/^--endpoint/);
});
