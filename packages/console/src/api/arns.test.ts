import { expect, test } from "vitest";
import { arnOf, executionNameOf, idOf, lastPartOf, machineNameOf } from "./arns.ts";

const PREFIX = "arn:aws:states:us-east-1:123456789012:";

test("ids in URLs are short, hold no slash, and give the ARN back", () => {
  for (const arn of [
    `${PREFIX}execution:order:run-1`,
    `${PREFIX}mapRun:bulk/Rows:ea607db6`,
    `${PREFIX}express:order:run:id`,
    "arn:aws:states:eu-west-1:999999999999:execution:other:x",
  ]) {
    expect(idOf(arn)).not.toContain("/");
    expect(arnOf(idOf(arn))).toBe(arn);
  }
  expect(idOf(`${PREFIX}execution:order:run-1`)).toBe("execution:order:run-1");
});

test("names are read off ARNs", () => {
  expect(machineNameOf(`${PREFIX}mapRun:bulk/Rows:ea607db6`)).toBe("bulk");
  expect(executionNameOf(`${PREFIX}express:order:run:id`)).toBe("run");
  expect(lastPartOf(`${PREFIX}stateMachine:order:3`)).toBe("3");
});
