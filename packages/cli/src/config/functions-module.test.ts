import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { loadConfig } from "./load-config.ts";

const directory = mkdtempSync(join(tmpdir(), "stepwell-functions-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("a module of functions is a configuration of them", async () => {
  const file = join(directory, "stepwell.functions.ts");
  writeFileSync(
    file,
    `export const pay = Object.assign(async () => 1, { functionName: "Pay" });
     export const ship: () => number = () => 2;
     export const limit = 3;`,
  );
  const { functions, baseDirectory } = await loadConfig(file, {});
  expect(baseDirectory).toBe(directory);
  expect(functions).toEqual({
    Pay: { handler: "./stepwell.functions.ts#pay" },
    ship: { handler: "./stepwell.functions.ts#ship" },
  });
});

it("one that cannot be loaded says why", async () => {
  const file = join(directory, "broken.mjs");
  writeFileSync(file, "throw new Error('at load');");
  await expect(loadConfig(file, {})).rejects.toThrow("at load");
});
