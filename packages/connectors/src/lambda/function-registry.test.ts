import { describe, expect, it } from "vitest";
import type { CallableFunction } from "../functions/invocation.ts";
import { executedVersion, functionArn, parseFunctionReference } from "./function-reference.ts";
import { FunctionRegistry } from "./function-registry.ts";

const DEFAULTS = { region: "eu-west-1", accountId: "123456789012" };

describe("parseFunctionReference", () => {
  it.each([
    ["Pay", { name: "Pay" }],
    ["Pay:7", { name: "Pay", qualifier: "7" }],
    ["Pay:$LATEST", { name: "Pay", qualifier: "$LATEST" }],
    ["function:Pay", { name: "Pay" }],
    ["123456789012:function:Pay", { name: "Pay", accountId: "123456789012" }],
    ["123456789012:function:Pay:live", { name: "Pay", accountId: "123456789012", qualifier: "live" }],
    [
      "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:Pay:live",
      { partition: "aws-us-gov", region: "us-gov-west-1", accountId: "123456789012", name: "Pay", qualifier: "live" },
    ],
  ])("%s", (text, expected) => {
    expect(parseFunctionReference(text)).toEqual(expected);
  });

  it.each(["", "a b", "Pay:", "arn:aws:sqs:us-east-1:123456789012:Pay", "Pay:a:b"])("%j names no function", (text) => {
    expect(parseFunctionReference(text)).toBeUndefined();
  });

  it("is completed by region and account", () => {
    expect(functionArn({ name: "Pay", qualifier: "7" }, DEFAULTS)).toBe(
      "arn:aws:lambda:eu-west-1:123456789012:function:Pay:7",
    );
  });

  it("tells the executed version only when the qualifier is one", () => {
    expect(executedVersion({ name: "Pay", qualifier: "7" })).toBe("7");
    expect(executedVersion({ name: "Pay", qualifier: "live" })).toBe("$LATEST");
    expect(executedVersion({ name: "Pay" })).toBe("$LATEST");
  });
});

describe("FunctionRegistry", () => {
  const target = (): CallableFunction => ({
    invoke: () => Promise.reject(new Error("not called")),
    close: async () => undefined,
  });
  const find = (registry: FunctionRegistry, text: string) => registry.find(parseFunctionReference(text)!);

  it("serves every account, region and qualifier of a bare name", () => {
    const registry = new FunctionRegistry();
    const pay = target();
    registry.set("Pay", pay);
    expect(find(registry, "arn:aws:lambda:us-east-1:123456789012:function:Pay:live")).toBe(pay);
    expect(find(registry, "Pay")).toBe(pay);
    expect(find(registry, "Pays")).toBeUndefined();
  });

  it("prefers the key that says most", () => {
    const registry = new FunctionRegistry();
    const [any, seven, here] = [target(), target(), target()];
    registry.set("Pay", any);
    registry.set("Pay:7", seven);
    registry.set("arn:aws:lambda:us-east-1:123456789012:function:Pay", here);
    expect(find(registry, "arn:aws:lambda:us-east-1:123456789012:function:Pay:7")).toBe(seven);
    expect(find(registry, "arn:aws:lambda:us-east-1:123456789012:function:Pay:8")).toBe(here);
    expect(find(registry, "arn:aws:lambda:us-east-1:210987654321:function:Pay:8")).toBe(any);
  });

  it("takes an unqualified call for $LATEST, and for no version", () => {
    const registry = new FunctionRegistry();
    const latest = target();
    registry.set("Pay:$LATEST", latest);
    registry.set("Bill:7", target());
    expect(find(registry, "Pay")).toBe(latest);
    expect(find(registry, "Bill")).toBeUndefined();
  });

  it("replaces a key and gives back what it had", () => {
    const registry = new FunctionRegistry();
    const [before, after] = [target(), target()];
    registry.set("__proto__", before);
    expect(registry.set("__proto__", after)).toBe(before);
    expect(registry.targets()).toEqual([after]);
    expect(registry.delete("__proto__")).toBe(after);
    expect(registry.targets()).toEqual([]);
  });

  it("refuses a key that names no function", () => {
    expect(() => new FunctionRegistry().set("a b", target())).toThrow(
      "functions.a b: must be a function's name or ARN",
    );
  });
});
