import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DeployedStacks } from "./deployed-stacks.ts";
import { readServiceFile } from "./service-file.ts";

let dataDir: string;
let stacks: DeployedStacks | undefined;
const functions = new Map<string, unknown>();
const router = {
  setFunction: async (name: string, config: unknown) => void functions.set(name, config),
  removeFunction: async (name: string) => void functions.delete(name),
};
const problems: unknown[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "stepwell-deployed-"));
  functions.clear();
  problems.length = 0;
});
afterEach(async () => {
  await stacks?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

function write(stack: string, content: object, revision: string): void {
  mkdirSync(join(dataDir, "deployed", stack), { recursive: true });
  writeFileSync(join(dataDir, "deployed", stack, "service.json"), JSON.stringify({ format: 1, ...content }));
  writeFileSync(join(dataDir, "deployed", "revision"), revision);
}

function open(own: readonly string[] = []): DeployedStacks {
  const ownFunctions = new Set(own);
  stacks = new DeployedStacks({
    dataDir,
    ownFunctions,
    ownBuckets: new Set(),
    onProblem: (problem) => void problems.push(problem),
  });
  return stacks;
}

const applied = (): string | undefined => {
  const file = join(dataDir, "deployed", "applied");
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
};

it("a service takes up functions and buckets at its start, and changes while it runs", async () => {
  const handler = "functions/F/1/index.js#handler";
  write("A", { functions: { F: { handler, timeoutSeconds: 3 } }, buckets: { data: "../../buckets/data" } }, "1");
  const deployed = open();
  expect([...deployed.buckets]).toEqual([["data", join(dataDir, "buckets", "data")]]);
  await deployed.start(router);
  expect(functions.get("F")).toEqual({ handler: join(dataDir, "deployed", "A", handler), timeoutSeconds: 3 });
  expect(applied()).toBe("1");

  write("A", { functions: { G: { command: ["functions/G/1/bootstrap"] } }, buckets: {} }, "2 ");
  await vi.waitFor(() => expect(applied()).toBe("2 "), 30_000);
  expect([...functions.keys()]).toEqual(["G"]);
  expect(deployed.buckets.size).toBe(0);
});

it("what stepwell.yaml says itself is stronger", async () => {
  write("A", { functions: { F: { handler: "f.js" }, G: { handler: "g.js" } }, buckets: {} }, "1");
  await open(["F"]).start(router);
  expect([...functions.keys()]).toEqual(["G"]);
});

it("a file that is wrong leaves out its stack alone", async () => {
  write("A", { functions: { F: { handler: "f.js" } }, buckets: {} }, "1");
  write("B", { functions: { G: { handler: 5 } }, buckets: {} }, "1");
  await open().start(router);
  expect([...functions.keys()]).toEqual(["F"]);
  expect(String(problems[0])).toContain("/functions/G/handler");
});

it.each([
  { functions: { F: { handler: "../../../etc/x.js" } }, buckets: {} },
  { functions: { F: { command: ["/bin/sh"] } }, buckets: {} },
  { functions: {}, buckets: { data: "../../../elsewhere" } },
])("paths stay inside of the data directory: %j", (content) => {
  write("A", content, "1");
  expect(() => readServiceFile(join(dataDir, "deployed", "A"), dataDir)).toThrow("must lie inside");
});
