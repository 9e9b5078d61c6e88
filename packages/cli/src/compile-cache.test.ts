import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { cacheDirectory } from "./compile-cache.ts";

test("compiled modules are kept where programs of the user keep what they can make again", () => {
  expect(cacheDirectory({ HOME: "/home/ann" }, "linux")).toBe("/home/ann/.cache");
  expect(cacheDirectory({ HOME: "/home/ann", XDG_CACHE_HOME: "/var/ann" }, "linux")).toBe("/var/ann");
  expect(cacheDirectory({ HOME: "/home/ann" }, "darwin")).toBe("/home/ann/Library/Caches");
});

test("where no such place is known nothing is kept", () => {
  expect(cacheDirectory({}, "linux")).toBeUndefined();
  expect(cacheDirectory({ HOME: "" }, "linux")).toBeUndefined();
  expect(cacheDirectory({ XDG_CACHE_HOME: "relative" }, "linux")).toBeUndefined();
});

test.each(["/proc/none", "/dev/null", import.meta.filename])(
  "no command fails where nothing can be kept: %s",
  {
    timeout: 120_000,
  },
  async (directory) => {
    const main = join(import.meta.dirname, "main.ts");
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--conditions=stepwell-source", main, "open", "--help"],
      { env: { ...process.env, XDG_CACHE_HOME: directory, LOCALAPPDATA: directory } },
    );
    expect(stdout).toContain("Usage: stepwell open");
    expect(stderr).toBe("");
  },
);
