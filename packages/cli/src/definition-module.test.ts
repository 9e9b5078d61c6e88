import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { isDefinitionModule, readDefinitionModule } from "./definition-module.ts";
import { readDefinition } from "./read-definition.ts";
import { checkFile } from "./validate/file-findings.ts";

const directory = mkdtempSync(join(tmpdir(), "stepwell-module-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

const machine = (findings: string) => `{
  [Symbol.for("stepwell.authoring.StateMachine")]: true,
  definitionText: '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}',
  diagnostics: () => ${findings},
}`;

describe("a definition in a module", () => {
  it("is the machine it exports", async () => {
    const file = write("one.mjs", `export const other = 1; export const orders = ${machine("[]")};`);
    expect(JSON.parse(await readDefinition(file))).toMatchObject({ StartAt: "A" });
    expect(await checkFile(file, {})).toEqual({ file, findings: [] });
  });

  it("may be an object, and in TypeScript", async () => {
    const file = write(
      "plain.mts",
      `export const definition: object = { StartAt: "A", States: { A: { Type: "Fial" } } };`,
    );
    expect((await readDefinitionModule(file)).text).toContain("Fial");
    expect((await checkFile(file, {})).findings).toMatchObject([{ severity: "ERROR" }, {}].slice(0, 1));
  });

  it("is one of several by its name", async () => {
    const file = write("two.mjs", `export const a = ${machine("[]")}; export const b = ${machine("[]")};`);
    await expect(readDefinition(file)).rejects.toThrow(
      `${file}: exports several machines: say which, as ${file}#a or #b`,
    );
    expect(await readDefinition(`${file}#b`)).toContain("StartAt");
    await expect(readDefinition(`${file}#c`)).rejects.toThrow("exports no machine 'c'");
  });

  it("tells what is wrong, by construct", async () => {
    const findings = `[{ severity: "ERROR", path: "Default/SM/Pay", message: "no", code: "C", location: "/States/Pay" }]`;
    const file = write("bad.mjs", `export const sm = ${machine(findings)};`);
    await expect(readDefinition(file)).rejects.toThrow("[Default/SM/Pay] no");
    expect(await checkFile(file, {})).toMatchObject({ findings: [{ code: "C", message: "[Default/SM/Pay] no" }] });
    const broken = write("broken.mjs", "throw new Error('at load');");
    expect(await checkFile(broken, {})).toMatchObject({ failure: "at load" });
  });

  it("is told by its ending", () => {
    expect(["a.ts", "a.mts#b", "A.JS", "a.cjs"].every(isDefinitionModule)).toBe(true);
    expect(["a.json", "a.ts.json", "a.yaml", "a.tsx"].some(isDefinitionModule)).toBe(false);
  });
});
