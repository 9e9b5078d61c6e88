import type { OverNothing } from "@stepwell/engine";
import { expect, test } from "vitest";
import { commonOf } from "./common.ts";

const PREFIX = "arn:aws:states:eu-west-1:123456789012:execution:orders";
const START: OverNothing["start"] = {
  executionArn: `${PREFIX}:one`,
  executionName: "one",
  type: "STANDARD",
  stateMachineArn: "arn:aws:states:eu-west-1:123456789012:stateMachine:orders",
  stateMachineName: "orders",
  roleArn: "arn:aws:iam::123456789012:role/a",
  startedAt: 1,
  input: "{}",
};

function origin(executionArn: string, changes: Partial<OverNothing["start"]>): unknown {
  const over = { kind: "create", start: { ...START, ...changes, executionArn }, revisionKey: "r" } as const;
  return JSON.parse(commonOf(executionArn, over).origin);
}

test("executions share what is the same, and only that", () => {
  const same = { type: "STANDARD", stateMachineArn: START.stateMachineArn, stateMachineName: "orders" };
  const plain = { ...same, roleArn: START.roleArn, revisionKey: "r" };
  const changes: Partial<OverNothing["start"]>[] = [
    { stateMachineVersionArn: `${START.stateMachineArn}:1` },
    { stateMachineAliasArn: `${START.stateMachineArn}:prod` },
    { mapRunArn: "arn:aws:states:eu-west-1:123456789012:mapRun:orders/m:1" },
    { roleArn: "arn:aws:iam::123456789012:role/b" },
    { type: "EXPRESS" },
  ];
  for (const change of changes) {
    expect(origin(`${PREFIX}:a`, {})).toEqual(plain);
    expect(origin(`${PREFIX}:b`, change)).toEqual({ ...plain, ...change });
  }
  expect(origin(`${PREFIX}:c`, {})).toEqual(plain);
  const forkOf = { executionArn: `${PREFIX}:a`, eventId: 2, stateName: "S" };
  expect(origin(`${PREFIX}:d`, { forkOf })).toEqual({ ...plain, isFork: true });
});

test("an ARN that only begins like the ones before has a scope of its own", () => {
  const scopeOf = (executionArn: string): string =>
    commonOf(executionArn, { kind: "create", start: { ...START, executionArn }, revisionKey: "s" }).scope;
  expect(scopeOf(`${PREFIX}:a`)).toBe(PREFIX);
  expect(scopeOf(`${PREFIX}-two:a`)).toBe(`${PREFIX}-two`);
  expect(scopeOf(`${PREFIX}:a:b`)).toBe(PREFIX);
});
