import { expect, test } from "vitest";
import { cliCommand, exampleInput, inputProblem, nameProblem } from "./start-input.ts";

test("an example holds what the definition reads and the caller must give", () => {
  const definition = JSON.stringify({
    StartAt: "A",
    States: {
      A: { Type: "Pass", Parameters: { "id.$": "$.order.id" }, ResultPath: "$.made", Next: "B" },
      B: {
        Type: "Choice",
        Choices: [
          { Variable: "$.made", Next: "C" },
          { Variable: "$.total", Next: "C" },
        ],
      },
    },
  });
  expect(JSON.parse(exampleInput(definition) ?? "")).toEqual({ order: { id: "" }, total: "" });
  expect(exampleInput("{")).toBeUndefined();
});

test("bad inputs and names are refused before they are sent", () => {
  expect(inputProblem("{}")).toBeUndefined();
  expect(inputProblem("{")).toMatch(/No JSON/);
  expect(inputProblem(JSON.stringify("x".repeat(262_144)))).toMatch(/bytes/);
  expect(nameProblem("a b")).toMatch(/must not hold/);
  expect(nameProblem("run-1")).toBeUndefined();
});

test("a start can be copied for a shell", () => {
  const command = cliCommand("arn:x", `{"it's":1}`, "", "http://h");
  expect(command).toContain(`--input '{"it'\\''s":1}'`);
});
