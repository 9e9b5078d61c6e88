import { DEFAULT_IDENTITY } from "@stepwell/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { actionsOf, matches, resourcesOf } from "./access-rules.ts";

test.each([
  ["*", "anything", true],
  ["*", "", true],
  ["states:Start*", "states:StartExecution", true],
  ["states:Start*", "states:StopExecution", false],
  ["arn:*:a", "arn:x:y:a", true],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["a*b*c", "a-b-b-c", true],
  ["a*b*c", "a-c", false],
  ["", "", true],
  ["", "a", false],
])("%j matches %j: %s", (pattern, value, expected) => {
  expect(matches(pattern, value)).toBe(expected);
});

test("a pattern matches what the same regular expression matches", () => {
  const letters = fc.stringMatching(/^[ab*?]{0,8}$/);
  fc.assert(
    fc.property(letters, fc.stringMatching(/^[ab]{0,8}$/), (pattern, value) => {
      const expression = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
      expect(matches(pattern, value)).toBe(expression.test(value));
    }),
  );
});

test("many stars take no time", () => {
  const started = performance.now();
  expect(matches("*a".repeat(50), "a".repeat(2_000).concat("b"))).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});

test("to see secrets in a test is an action of its own", () => {
  expect(actionsOf("TestState", { revealSecrets: false })).toEqual(["states:TestState"]);
  expect(actionsOf("TestState", { revealSecrets: true })).toEqual(["states:TestState", "states:RevealSecrets"]);
});

test("an operation's resources come from its input", () => {
  const prefix = "arn:aws:states:us-east-1:123456789012";
  const of = (operation: Parameters<typeof resourcesOf>[1], input: object) =>
    resourcesOf(DEFAULT_IDENTITY, operation, input);
  expect(of("ListActivities", {})).toEqual(["*"]);
  expect(of("SendTaskSuccess", { taskToken: "t", output: "1" })).toEqual(["*"]);
  expect(of("CreateActivity", { name: "a" })).toEqual([`${prefix}:activity:a`]);
  expect(of("StopExecution", { executionArn: "e" })).toEqual(["e"]);
  const routingConfiguration = [{ stateMachineVersionArn: `${prefix}:stateMachine:a:1`, weight: 100 }];
  expect(of("CreateStateMachineAlias", { name: "n", routingConfiguration })).toEqual([`${prefix}:stateMachine:a`]);
});
