import { expect, it } from "vitest";
import type { InvocationRequest, InvocationResult } from "./invocation.ts";
import { RetirableFunction } from "./retirable-function.ts";

const REQUEST = { requestId: "1" } as InvocationRequest;
const RESULT: InvocationResult = { kind: "payload", payload: "1", functionError: false, logTail: "" };

it("a function that is replaced ends what it has begun, and is closed then", async () => {
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<InvocationResult>();
  const retirable = new RetirableFunction({
    invoke: () => promise,
    close: async () => void told.push("closed"),
  });
  const begun = retirable.invoke(REQUEST, new AbortController().signal);
  const retired = retirable.retire().then(() => told.push("retired"));
  await Promise.resolve();
  expect(told).toEqual([]);
  resolve(RESULT);
  expect(await begun).toBe(RESULT);
  await retired;
  expect(told).toEqual(["closed", "retired"]);
});

it("one that has nothing under way is closed at once", async () => {
  const told: string[] = [];
  const close = async (): Promise<void> => void told.push("closed");
  await new RetirableFunction({ invoke: async () => RESULT, close }).retire();
  expect(told).toEqual(["closed"]);
});
