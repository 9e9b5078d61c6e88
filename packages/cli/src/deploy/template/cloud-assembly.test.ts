import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readCloudAssembly } from "./cloud-assembly.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stepwell-assembly-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function assembly(templateFile: string, assetPath: string): Promise<unknown> {
  const artifacts = {
    "A.assets": { type: "cdk:asset-manifest", properties: { file: "A.assets.json" } },
    A: { type: "aws:cloudformation:stack", properties: { templateFile }, dependencies: ["A.assets"] },
  };
  const destinations = { here: { bucketName: "b", objectKey: "k.zip" } };
  const files = { x: { source: { path: assetPath, packaging: "zip" }, destinations } };
  writeFileSync(join(directory, "manifest.json"), JSON.stringify({ artifacts }));
  writeFileSync(join(directory, "A.assets.json"), JSON.stringify({ files }));
  writeFileSync(join(directory, "A.template.json"), "{}");
  mkdirSync(join(directory, "asset.x"));
  return readCloudAssembly(directory);
}

describe("a cloud assembly", () => {
  it("names its stacks with templates and assets", async () => {
    const [stack] = (await assembly("A.template.json", "asset.x")) as [{ assets: Map<string, unknown> }];
    expect(stack).toMatchObject({ stackName: "A", templateFile: join(directory, "A.template.json") });
    expect(stack.assets.get("k.zip")).toMatchObject({ path: join(directory, "asset.x"), packaging: "zip" });
  });

  it.each([
    ["../A.template.json", "asset.x"],
    ["A.template.json", "/etc"],
    ["A.template.json", "../.."],
  ])("that leads out of itself is refused: %s, %s", async (templateFile, assetPath) => {
    await expect(assembly(templateFile, assetPath)).rejects.toThrow(/must lie inside|no such file/);
  });

  it("is refused when a link leads out of it", async () => {
    symlinkSync("/etc", join(directory, "linked"));
    await expect(assembly("A.template.json", "linked")).rejects.toThrow("must lie inside");
  });
});
