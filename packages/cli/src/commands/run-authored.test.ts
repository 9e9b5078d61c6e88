/** The examples written with `@stepwell/authoring`, run as a user runs them. */
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const TSC = fileURLToPath(new URL("../../../../node_modules/.bin/tsc", import.meta.url));
const EXAMPLES = fileURLToPath(new URL("../../../../examples/", import.meta.url));

interface Ended {
  readonly code: number;
  readonly output: unknown;
  readonly stderr: string;
}

function stepwell(example: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = {
      cwd: `${EXAMPLES}${example}`,
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` },
    };
    execFile(process.execPath, ["--conditions=stepwell-source", MAIN, ...args], options, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : 0;
      resolve({ code, output: stdout.startsWith("{") ? JSON.parse(stdout) : stdout, stderr });
    });
  });
}

function run(example: string, file: string, functions: string, input: unknown): Promise<Ended> {
  const config = ["--functions", functions, "--fast-forward", "--quiet"];
  return stepwell(example, "run", file, ...config, "--input", JSON.stringify(input));
}

describe("the examples", { timeout: 120_000 }, () => {
  it("typed-order prices, charges and ships", async () => {
    const input = {
      order: { id: "o-1", items: [{ sku: "tea", price: 4, quantity: 2 }] },
      customer: { email: "a@example.com" },
    };
    const { code, output } = await run("typed-order", "order.ts", "stepwell.functions.ts", input);
    expect({ code, output }).toEqual({
      code: 0,
      output: { order: "o-1", receipt: "receipt-o-1", tracking: "parcel-o-1" },
    });
  });

  it("typed-order ends with what it apologized for", async () => {
    const input = {
      order: { id: "o-2", items: [{ sku: "car", price: 9_000, quantity: 1 }] },
      customer: { email: "b@example.com" },
    };
    const { code, stderr, output } = await run("typed-order", "order.ts", "stepwell.functions.ts", input);
    expect(code).toBe(1);
    expect(`${stderr}${String(output)}`).toContain("OrderDeclined");
    expect(`${stderr}${String(output)}`).toContain("Dear b@example.com: CardDeclined");
  });

  it("cdk-style polls, evaluates and notifies", async () => {
    const { code, output } = await run("cdk-style", "machine.ts", "stepwell.yaml", { job: "nightly" });
    expect({ code, output }).toEqual({
      code: 0,
      output: { job: "nightly", status: "DONE", parts: ["a", "b", "c"], lengths: ["a", "b", "c"] },
    });
    const failed = await run("cdk-style", "machine.ts", "stepwell.yaml", { job: "broken" });
    expect(failed.code).toBe(1);
    expect(`${failed.stderr}${String(failed.output)}`).toContain("JobFailed");
  });

  it.each(["typed-order", "cdk-style"])("%s compiles", async (example) => {
    const compiled = await new Promise((resolve) => {
      execFile(TSC, ["-p", `${EXAMPLES}${example}`], (error, stdout) => resolve([error?.code ?? 0, stdout]));
    });
    expect(compiled).toEqual([0, ""]);
  });

  it("are valid", async () => {
    for (const [example, file] of [
      ["typed-order", "order.ts"],
      ["cdk-style", "machine.ts"],
    ] as const) {
      const { code, output } = await stepwell(example, "validate", file);
      expect([code, output]).toEqual([0, "1 file, 0 errors, 0 warnings\n"]);
    }
  });
});
