import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkFile } from "./file-findings.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "stepwell-flow-"));
});

afterAll(() => rm(directory, { recursive: true }));

async function findingsOf(text: string): Promise<readonly string[]> {
  const file = join(directory, "flow.yaml");
  await writeFile(file, text);
  const { findings } = await checkFile(file, {});
  return findings.map(({ line, severity, code, message }) => `${line} ${severity} ${code}: ${message}`);
}

test("a flow of CloudFlow is checked as one, with its steps and lines", async () => {
  expect(await findingsOf("type: flow\nsteps:\n  - { type: pass, name: p }\n")).toEqual([]);
  const wrong = "type: flow\nsteps:\n  - type: wait\n    name: w\n    duration: -1\n  - type: jump\n    name: j\n";
  expect(await findingsOf(wrong)).toEqual([
    "5 ERROR CLOUDFLOW: step 'w': duration must be a whole number from 0 to 172800, got -1",
    "6 ERROR CLOUDFLOW: step 'j': type must be one of pass, succeed, fail, wait, task, choice, parallel, foreach, got \"jump\"",
  ]);
});
