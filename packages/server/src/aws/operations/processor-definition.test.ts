import { expect, test } from "vitest";
import { processorDefinition } from "./processor-definition.ts";

const processor = {
  ProcessorConfig: { Mode: "DISTRIBUTED" },
  StartAt: "P",
  States: { P: { Type: "Pass", End: true } },
};
const machine = { QueryLanguage: "JSONata", StartAt: "A", States: { A: { Type: "Map", ItemProcessor: processor } } };

test("the processor of a Map stands alone, in the language it is written in", () => {
  const { ProcessorConfig: _, ...alone } = processor;
  expect(JSON.parse(processorDefinition(JSON.stringify(machine), "A"))).toEqual({ QueryLanguage: "JSONata", ...alone });
});

test("the language of a state around it is not that of the processor", () => {
  const inner = { StartAt: "A", States: machine.States };
  const outer = {
    StartAt: "O",
    States: { O: { Type: "Map", QueryLanguage: "JSONata", ItemProcessor: inner, End: true } },
  };
  expect(JSON.parse(processorDefinition(JSON.stringify(outer), "A"))).not.toHaveProperty("QueryLanguage");
});

test("it is found inside branches and other Maps", () => {
  const parallel = {
    StartAt: "X",
    States: { X: { Type: "Parallel", Branches: [{ StartAt: "Z", States: {} }, machine] } },
  };
  expect(JSON.parse(processorDefinition(JSON.stringify(parallel), "A"))).toHaveProperty("StartAt", "P");
});

test("what is hidden stays hidden", () => {
  expect(processorDefinition("{}", "A")).toBe("{}");
});
