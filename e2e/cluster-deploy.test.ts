import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { postgresPrograms } from "@stepwell/runtime-postgres/testing";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { callStepFunctions } from "../conformance/step-functions/stepfunctions-client.ts";
import { startCluster, type TestNode } from "./cluster/test-cluster.ts";
import { PROGRAM } from "./stepwell-process.ts";

// Functions that were deployed to one node run on every node, also when that one is gone for good.

const directory = mkdtempSync(join(tmpdir(), "stepwell-cluster-deploy-"));
const PATIENT = { timeout: 60_000, interval: 100 };
const run = promisify(execFile);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** .ci/run asks for it, in a step of its own. */
const isElsewhere = process.env["STEPWELL_CLUSTER"] !== "1";
const isHere = postgresPrograms() !== undefined;
if (!isHere) console.log("SKIPPED: deploying to a cluster: there is no PostgreSQL here");

const template = (greeting: string): string => `
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Greet:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: greet
      Runtime: nodejs22.x
      Handler: index.handler
      InlineCode: |
        exports.handler = async ({ name }) => "${greeting}, " + name;
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: greeter
      Role: arn:aws:iam::123456789012:role/r
      Definition:
        StartAt: Greet
        States:
          Greet: { Type: Task, Resource: !GetAtt Greet.Arn, End: true }
`;

describe.runIf(isHere && !isElsewhere)("a cluster", () => {
  test("runs what was deployed to any node, wherever the execution is", { timeout: 240_000 }, async () => {
    const cluster = await startCluster(directory, 2);
    onTestFinished(() => cluster.remove());
    const [one, two] = cluster.nodes as readonly [TestNode, TestNode];
    const file = join(directory, "shop.yaml");
    const deploy = async (node: number, greeting: string): Promise<string> => {
      writeFileSync(file, template(greeting));
      const { url } = cluster.nodes[node] as TestNode;
      const [program = "", ...rest] = [process.execPath, ...PROGRAM];
      const flags = ["--endpoint", url, "--data", join(directory, `node-${node}`)];
      return (await run(program, [...rest, "deploy", file, ...flags], { cwd: directory })).stdout;
    };
    const greet = async (at: TestNode, executions: number): Promise<unknown[]> => {
      const stateMachineArn = "arn:aws:states:us-east-1:123456789012:stateMachine:greeter";
      const call = async (operation: string, request: object): Promise<Record<string, unknown>> => {
        const { error, body } = await callStepFunctions(at.url, operation, request as never);
        if (error !== undefined) throw new Error(`${operation}: ${error.code}: ${error.message}`);
        return body as Record<string, unknown>;
      };
      const input = JSON.stringify({ name: "you" });
      const arns = await Promise.all(
        Array.from({ length: executions }, async (_, i) => {
          const name = `${i}-${Date.now()}`;
          return (await call("StartExecution", { stateMachineArn, name, input }))["executionArn"];
        }),
      );
      return Promise.all(
        arns.map(async (executionArn) => {
          let ended: Record<string, unknown> = {};
          await expect
            .poll(async () => {
              ended = await call("DescribeExecution", { executionArn });
              return ended["status"];
            }, PATIENT)
            .not.toBe("RUNNING");
          return ended["output"] ?? ended["cause"];
        }),
      );
    };
    expect(await deploy(0, "Hello")).toContain("Deployed to");
    // A dozen executions are at both nodes.
    expect(new Set(await greet(two, 12))).toEqual(new Set(['"Hello, you"']));
    await one.process.killHard();
    expect(new Set(await greet(two, 4))).toEqual(new Set(['"Hello, you"']));
    // The stack is known where it was never deployed to.
    expect(await deploy(1, "Hello")).toContain("Nothing to do");
    expect(await deploy(1, "Good day")).toContain("Deployed to");
    expect(new Set(await greet(two, 4))).toEqual(new Set(['"Good day, you"']));
    await two.stop();
  });
});
