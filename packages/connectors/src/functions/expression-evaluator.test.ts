// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is evaluated later is given as text.
import { afterAll, describe, expect, it } from "vitest";
import { ExpressionEvaluator, isEvaluator } from "./expression-evaluator.ts";
import type { InvocationResult } from "./invocation.ts";

const evaluator = new ExpressionEvaluator({ timeoutMs: 3_000 });
afterAll(() => evaluator.close());

function evaluate(
  expression: string,
  values: object = {},
  by: ExpressionEvaluator = evaluator,
): Promise<InvocationResult> {
  const request = {
    requestId: "00000000-0000-0000-0000-000000000000",
    payload: JSON.stringify({ expression, expressionAttributeValues: values }),
    functionArn: "Add-EvalFunction",
    traceId: "",
    executionArn: "",
    stateName: "Add",
  };
  return by.invoke(request, AbortSignal.timeout(20_000));
}

async function resultOf(expression: string, values: object = {}): Promise<unknown> {
  const result = await evaluate(expression, values);
  if (result.kind !== "payload" || result.functionError) throw new Error(JSON.stringify(result));
  return JSON.parse(result.payload);
}

async function errorOf(
  expression: string,
  by?: ExpressionEvaluator,
): Promise<{ errorType: string; errorMessage: string }> {
  const result = await evaluate(expression, {}, by);
  if (result.kind !== "payload" || !result.functionError) throw new Error(JSON.stringify(result));
  return JSON.parse(result.payload) as { errorType: string; errorMessage: string };
}

describe("an expression", () => {
  it.each([
    ["$.a + $.b.c", { "$.a": 1, "$.b.c": 2 }, 3],
    ["$.a + $.ab", { "$.a": "x", "$.ab": "y" }, "xy"],
    ["`Now waiting ${$.s} seconds...`", { "$.s": 5 }, "Now waiting 5 seconds..."],
    ["$.list.map((x) => x * 2)", { "$.list": [1, 2] }, [2, 4]],
    ["const half = $.n / 2; half + 1", { "$.n": 4 }, 3],
    ["Promise.resolve($.n)", { "$.n": 4 }, 4],
    ["undefined", {}, null],
    // A value is data: what looks like code in it stays text.
    ["$.a", { "$.a": '"); throw 1; ("' }, '"); throw 1; ("'],
  ])("%s", async (expression, values, expected) => {
    expect(await resultOf(expression, values)).toEqual(expected);
  });

  it("tells its error", async () => {
    expect(await errorOf("null.x")).toMatchObject({ errorType: "TypeError" });
    expect(await errorOf("1 +")).toMatchObject({ errorType: "SyntaxError" });
  });

  it.each(["process", "require", "fetch", "Buffer", "setTimeout", "WebAssembly", "navigator", "console"])(
    "does not see %s",
    async (name) => {
      expect(await resultOf(`typeof globalThis.${name} + typeof ${name}`)).toBe("undefinedundefined");
      expect(await resultOf(`Function("return typeof ${name}")()`)).toBe("undefined");
    },
  );

  it.each(["import('node:net')", "import('node:fs')", "Function('return import(\"node:net\")')()"])(
    "cannot %s",
    async (expression) => {
      expect((await errorOf(expression)).errorMessage).not.toBe("");
    },
  );

  it("shares nothing with the next one", async () => {
    expect(await resultOf("globalThis.kept = 1")).toBe(1);
    expect(await resultOf("typeof kept")).toBe("undefined");
  });

  it("is killed at its bounds of time and memory", { timeout: 30_000 }, async () => {
    expect(await errorOf("for (;;);")).toMatchObject({ errorType: "Sandbox.Timedout" });
    const small = new ExpressionEvaluator({ timeoutMs: 20_000, memoryMb: 32 });
    const eating = "const all = []; for (;;) all.push(new Array(10000).fill(all.length))";
    expect(await errorOf(eating, small)).toMatchObject({ errorType: "Runtime.ExitError" });
  });
});

it("is who serves functions named as the CDK names them", () => {
  expect(isEvaluator("Convert-EvalFunction")).toBe(true);
  expect(isEvaluator("Convert")).toBe(false);
});
