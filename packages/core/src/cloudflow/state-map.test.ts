import { expect, test } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import { compileFlow } from "./compile-flow.ts";

function compiled(map: JsonObject, options?: Parameters<typeof compileFlow>[1]): { [field: string]: Json } {
  const Processor = { StartAt: "P", States: [{ Type: "Succeed", Name: "P" }] };
  const state = { Type: "Map", Name: "M", ItemsPath: "$Input.l", Processor, End: true, ...map };
  const result = compileFlow({ Type: "StateMachine", StartAt: "M", States: [state] }, options);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return (result.flow.definition["States"] as { readonly M: JsonObject }).M as { [field: string]: Json };
}

test("a Map without a field of the distributed mode is inline, with up to 40 iterations at once", () => {
  const { ItemProcessor, MaxConcurrency } = compiled({});
  expect(MaxConcurrency).toBe(40);
  expect(ItemProcessor).not.toHaveProperty("ProcessorConfig");
});

test("any field of the distributed mode makes a Map one, with up to 100 children at once", () => {
  for (const map of [
    { ProcessorConfig: { ExecutionMode: "Standard" } },
    { ItemBatcher: { MaxItemsPerBatch: 2 } },
    { ItemConstructor: { "a.$": "$Item" } },
    { ToleratedFailedCount: 1 },
    { ToleratedFailedPercentage: 1.5 },
    { MaxItems: 5 },
  ]) {
    const { ItemProcessor, MaxConcurrency } = compiled(map);
    expect(MaxConcurrency).toBe(100);
    expect(ItemProcessor).toMatchObject({ ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } });
  }
});

test("the mode of the children may stand at the Map or at its Processor, and bounds what they do", () => {
  const express = { ExecutionMode: "Express" };
  const wait = { StartAt: "P", States: [{ Type: "Wait", Name: "P", Seconds: 21, End: true }] };
  expect(compiled({ ProcessorConfig: express })["ItemProcessor"]).toMatchObject({
    ProcessorConfig: { ExecutionType: "EXPRESS" },
  });
  expect(() => compiled({ Processor: { ...wait, ProcessorConfig: express } })).toThrow("from 1 to 20");
  expect(() => compiled({ Processor: wait, ProcessorConfig: { ExecutionMode: "Standard" } })).not.toThrow();
});

test("tolerated failures, batches and constructed items are ASL's", () => {
  const map = compiled({
    ToleratedFailedCount: 3,
    ToleratedFailedPercentage: 12.5,
    ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { "k.$": "$Input.k" } },
    ItemConstructor: { "a.$": "$Item.b", lit: "$Item.b" },
  });
  expect(map["ToleratedFailureCount"]).toBe(3);
  expect(map["ToleratedFailurePercentage"]).toBe(12.5);
  expect(map["ItemBatcher"]).toMatchObject({ MaxItemsPerBatch: 2, MaxInputBytesPerBatch: 65_536 });
  expect(map["ItemSelector"]).toMatchObject({ lit: "$Item.b" });
});

test("plainly, a distributed Map is AWS's", () => {
  const map = compiled({ MaxItems: 2, ItemConstructor: { "a.$": "$Item.b" } }, { plain: true });
  expect(map["Items"]).toBe("{% [($states.input.l)[[0..1]]] %}");
  expect(map["ItemSelector"]).toEqual({ a: "{% $states.context.Map.Item.Value.b %}" });
});

test("$Item exists in an ItemConstructor alone", () => {
  expect(() => compiled({ OutputConstructor: { "a.$": "$Item" } })).toThrow("exists in ItemConstructor only");
});
