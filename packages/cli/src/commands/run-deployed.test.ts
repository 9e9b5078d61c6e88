import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AwsEndpoints } from "../deploy/aws-endpoints.ts";
import { applyPlans, type Deployment, planStacks } from "../deploy/deploy-stacks.ts";
import type { StackRecord } from "../deploy/stack-record.ts";
import { dataDirectory } from "../deploy/target/data-directory.ts";
import type { StepFunctionsTarget } from "../deploy/target/step-functions-target.ts";
import { runDeployed } from "./run-deployed.ts";

const TEMPLATE = `
Resources:
  Main54E5BC70:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        StartAt: Wait
        States:
          Wait: { Type: Wait, Seconds: 1, Next: Check }
          Check: { Type: Choice, Choices: [{ Variable: $.bad, IsPresent: true, Next: Bad }], Default: Good }
          Bad: { Type: Fail, Error: Boom, Cause: as it was asked for }
          Good: { Type: Pass, Result: { good: true }, End: true }
  Quick:
    Type: AWS::StepFunctions::StateMachine
    Properties: { StateMachineType: EXPRESS, Definition: { StartAt: A, States: { A: { Type: Pass, End: true } } } }
`;

let directory: string;
let target: StepFunctionsTarget;
let records: readonly StackRecord[];
let printed: string;
let told: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "stepwell-run-deployed-"));
  target = await dataDirectory({ dataDir: join(directory, "data") });
  writeFileSync(join(directory, "app.yaml"), TEMPLATE);
  const deployment: Deployment = {
    identity: { partition: "aws", region: "us-east-1", accountId: "123456789012" },
    dataDirectory: join(directory, "data"),
    endpoints: new AwsEndpoints({ env: {} }),
    nameOnly: new Set(),
    adopt: false,
    target,
    tell: () => undefined,
  };
  const options = { only: [], parameters: new Map(), machine: {} };
  records = await applyPlans(await planStacks([join(directory, "app.yaml")], options, deployment), deployment);
  printed = told = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    told += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await target.close();
  rmSync(directory, { recursive: true, force: true });
});

test("a state machine runs by its logical id, without the CDK's hash too: states on stderr, output on stdout", async () => {
  expect(await runDeployed(target, records, { machine: "Main", input: "{}", quiet: false })).toBe(0);
  expect(JSON.parse(printed)).toEqual({ good: true });
  expect(told).toMatch(/execution:app-Main54E5BC70:.*\n.*→ Wait\n.*→ Check\n.*→ Good\n/);
});

test("a failure is told with its error, and is exit code 1", async () => {
  const run = { machine: "app.Main54E5BC70", input: '{"bad":1}', name: "mine", quiet: true };
  expect(await runDeployed(target, records, run)).toBe(1);
  expect([printed, told]).toEqual(["", "FAILED Boom: as it was asked for\n"]);
});

test("an Express state machine answers at once", async () => {
  expect(await runDeployed(target, records, { machine: "Quick", input: '{"a":1}', quiet: false })).toBe(0);
  expect(JSON.parse(printed)).toEqual({ a: 1 });
});

test.each([
  [undefined, "which state machine is to run must be said; there are app.Main54E5BC70, app.Quick"],
  ["Nope", "there is no state machine Nope; there are app.Main54E5BC70, app.Quick"],
])("%s: what there is, is said", async (machine, message) => {
  const run = { ...(machine === undefined ? {} : { machine }), input: "{}", quiet: true };
  await expect(runDeployed(target, records, run)).rejects.toThrow(message);
});
