import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { REPORT_FORMATS } from "@stepwell/server";
import { Command } from "commander";
import { expect, test } from "vitest";
import { CONVERSIONS } from "../convert/conversions.ts";
import { CONVERTERS } from "../convert/index.ts";
import { addMapRunCommand } from "./map-run.ts";

/** Prints what importing a module loads, without what belongs to Node. */
const LOADED = `
import { registerHooks } from "node:module";
const urls = [];
registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
await import(process.argv[1]);
console.log(urls.filter((url) => url.startsWith("file:")).join("\\n"));
`;

/** Far more than a process needs to load it all, on a machine that has much else to do. */
const PATIENCE_MS = 120_000;

async function loadedBy(module: string): Promise<string[]> {
  const path = join(import.meta.dirname, module);
  const args = ["--conditions=stepwell-source", "--input-type=module", "--eval", LOADED, path];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout.trim().split("\n");
}

/** The packages that modules are of, but for this one. */
function packagesOf(urls: readonly string[]): string[] {
  const names = urls.map((url) => /.*\/(?:packages|node_modules)\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? url);
  return [...new Set(names)].filter((name) => name !== "cli").sort();
}

test("declaring the commands loads none of their work", { timeout: PATIENCE_MS }, async () => {
  const loaded = await loadedBy("program.ts");
  expect(loaded.filter((url) => url.includes("/commands/"))).toEqual([]);
  // Of the engine its two errors that are shown to the caller.
  expect(packagesOf(loaded)).toEqual(["commander", "engine"]);
  expect(loaded.length).toBeLessThan(60);
});

test.each(["../validate/validate-files.ts", "../commands/lint.ts", "../commands/policy.ts"])(
  "%s loads no engine and no server",
  { timeout: PATIENCE_MS },
  async (work) => {
    const loaded = packagesOf(await loadedBy(work));
    for (const heavy of ["engine", "connectors", "server", "runtime-embedded", "runtime-postgres", "ajv"])
      expect(loaded).not.toContain(heavy);
  },
);

test("a service on a directory loads nothing of PostgreSQL and none of AWS's clients", {
  timeout: PATIENCE_MS,
}, async () => {
  const loaded = packagesOf(await loadedBy("../commands/start.ts"));
  expect(loaded.filter((name) => /^(runtime-postgres|pg|postgrator|@aws-sdk\/client-.*)$/.test(name))).toEqual([]);
});

test.each(["../commands/run.ts", "../commands/test.ts"])(
  "%s loads no HTTP server",
  { timeout: PATIENCE_MS },
  async (work) => {
    const loaded = packagesOf(await loadedBy(work));
    for (const heavy of ["fastify", "pino", "runtime-postgres"]) expect(loaded).not.toContain(heavy);
  },
);

test("what is declared is what there is", () => {
  const told = CONVERTERS.map(({ to, description }) => ({ to, description }));
  expect(Object.values(CONVERSIONS)).toEqual(told);
  const stepwell = new Command();
  addMapRunCommand(stepwell, () => undefined);
  const report = stepwell.commands[0]?.commands.find((command) => command.name() === "report");
  const format = report?.options.find(({ long }) => long === "--format");
  expect(format?.argChoices).toEqual([...REPORT_FORMATS]);
});
