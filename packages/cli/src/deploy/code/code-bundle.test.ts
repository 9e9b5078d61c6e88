import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { directoryBundle, inlineBundle, zipBundle } from "./code-bundle.ts";
import { findHandler } from "./handler.ts";
import { layeredHandler, withLayers } from "./layers.ts";
import { zipOf } from "./zip.test-support.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stepwell-bundle-"));
  mkdirSync(join(directory, "code", "lib"), { recursive: true });
  mkdirSync(join(directory, "out"));
  writeFileSync(join(directory, "code", "index.js"), "1");
  writeFileSync(join(directory, "code", "lib", "a.js"), "2");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("code of functions", () => {
  it("is inline text", async () => {
    const bundle = inlineBundle("index.js", "x");
    await bundle.unpack(directory);
    expect(readFileSync(join(directory, "index.js"), "utf8")).toBe("x");
    expect(inlineBundle("index.js", "y").hash).not.toBe(bundle.hash);
  });

  it("is a folder, whose hash is that of its content", async () => {
    const bundle = await directoryBundle(join(directory, "code"));
    expect([...bundle.files]).toEqual(["index.js", "lib/a.js"]);
    await bundle.unpack(join(directory, "out"));
    expect(readFileSync(join(directory, "out", "lib", "a.js"), "utf8")).toBe("2");
    expect((await directoryBundle(join(directory, "out"))).hash).toBe(bundle.hash);
    writeFileSync(join(directory, "code", "index.js"), "3");
    expect((await directoryBundle(join(directory, "code"))).hash).not.toBe(bundle.hash);
  });

  it("may have links inside of the folder, and none that lead out", async () => {
    symlinkSync("index.js", join(directory, "code", "link.js"));
    await (await directoryBundle(join(directory, "code"))).unpack(join(directory, "out"));
    expect(readFileSync(join(directory, "out", "link.js"), "utf8")).toBe("1");
    symlinkSync("/etc/passwd", join(directory, "code", "out.js"));
    await expect(directoryBundle(join(directory, "code"))).rejects.toThrow("must stay inside");
  });

  it("is an archive", async () => {
    const file = join(directory, "code.zip");
    writeFileSync(
      file,
      zipOf([
        { name: "index.py", text: "print(1)" },
        { name: "bin/run", text: "#!", mode: 0o100755 },
      ]),
    );
    const bundle = await zipBundle(file);
    expect([...bundle.files]).toEqual(["index.py", "bin/run"]);
    await bundle.unpack(join(directory, "unpacked"));
    expect(readFileSync(join(directory, "unpacked", "index.py"), "utf8")).toBe("print(1)");
    execFileSync("test", ["-x", join(directory, "unpacked", "bin", "run")]);
  });

  it.each([
    [{ name: "../evil.js", text: "x" }, /invalid relative path|must stay inside/],
    [{ name: "/etc/evil", text: "x" }, /absolute path|must stay inside/],
    [{ name: "link", text: "/etc/passwd", mode: 0o120777 }, /symbolic links/],
  ])("is no archive that leads out of itself: %#", async (entry, message) => {
    const file = join(directory, "evil.zip");
    writeFileSync(file, zipOf([entry]));
    await expect(zipBundle(file)).rejects.toThrow(message);
    expect(existsSync(join(directory, "evil.js"))).toBe(false);
  });
});

describe("layers", () => {
  it("lie where Node and Python look for packages, the later one over the earlier", async () => {
    const layer = async (name: string, files: Readonly<Record<string, string>>) => {
      const entries = Object.entries(files).map(([path, text]) => ({ name: path, text }));
      writeFileSync(join(directory, name), zipOf(entries));
      return zipBundle(join(directory, name));
    };
    const first = await layer("1.zip", {
      "nodejs/node_modules/a/index.js": "1",
      "nodejs/node_modules/b/index.js": "1",
    });
    const second = await layer("2.zip", { "nodejs/node22/node_modules/a/index.js": "2", "bin/tool": "x" });
    const bundle = withLayers(inlineBundle("index.js", "code"), [first, second], "node");
    await bundle.unpack(join(directory, "out"));
    const read = (path: string): string => readFileSync(join(directory, "out", path), "utf8");
    expect(read("code/index.js")).toBe("code");
    expect([read("node_modules/a/index.js"), read("node_modules/b/index.js")]).toEqual(["2", "1"]);
    const handler = { file: "index.js", exportName: "handler", shims: {} };
    expect(layeredHandler(handler, "node")).toEqual({ ...handler, file: "code/index.js" });
    const python = layeredHandler({ file: "app.py", exportName: "run", shims: {} }, "python");
    expect(python).toMatchObject({ file: "code/stepwell_layers.py", exportName: "handler" });
  });
});

describe("a handler", () => {
  const files = new Set(["index.js", "typed.ts", "src/app.mjs", "main.py", "pkg/api.py", "pkg/__init__.py"]);
  it.each([
    ["node", "index.handler", { file: "index.js", exportName: "handler", shims: {} }],
    ["node", "typed.run", { file: "typed.ts", exportName: "run", shims: {} }],
    ["python", "main.run", { file: "main.py", exportName: "run", shims: {} }],
  ] as const)("%s %s", (family, text, expected) => {
    expect(findHandler(text, family, files)).toEqual(expected);
  });
  it.each([
    ["node", "src/app.handler", "stepwell_handler.mjs"],
    ["node", "index.inner.handler", "stepwell_handler.mjs"],
    ["python", "pkg.api.run", "stepwell_handler.py"],
    ["python", "pkg/api.run", "stepwell_handler.py"],
  ] as const)("%s %s is loaded from the root", (family, text, file) => {
    expect(findHandler(text, family, files)).toMatchObject({ file, exportName: "handler" });
  });
  it.each([
    ["node", "nowhere.handler"],
    ["node", "index"],
    ["node", "../x.handler"],
    ["python", "nowhere.run"],
    ["python", "main.1"],
  ] as const)("%s %s is none", (family, text) => {
    expect(findHandler(text, family, files)).toHaveProperty("problem");
  });
});
