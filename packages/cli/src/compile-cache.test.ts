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
