import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { STATES_ERRORS } from "./packages/core/src/errors/states-errors.ts";
import { PAGES } from "./scripts/docs/pages.ts";

test.each(PAGES)("docs/$file is what the code says; npm run docs writes it anew", ({ file, text }) => {
  expect(readFileSync(join(import.meta.dirname, "docs", file), "utf8")).toBe(text);
});

test("every States error that the code names is in the table", () => {
  const known = new Set(STATES_ERRORS.map(({ name }) => name));
  const functions = new Set(["States.Hash", "States.ArrayRange"]);
  const named = ["core", "engine", "connectors"].flatMap((room) => {
    const source = join(import.meta.dirname, "packages", room, "src");
    return readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !/\.test(-support)?\.ts$/.test(path))
      .flatMap((path) => [...readFileSync(join(source, path), "utf8").matchAll(/"(States\.[A-Za-z.]+)"/g)])
      .map(([, name = ""]) => name);
  });
  expect([...new Set(named)].filter((name) => !known.has(name) && !functions.has(name))).toEqual([]);
});
