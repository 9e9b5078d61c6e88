import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

// What no tool says about the house: style.md, section 3.

const ROOMS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  engine: ["core"],
  "runtime-embedded": ["core", "engine"],
  "runtime-postgres": ["core", "engine"],
  authoring: ["core"],
  connectors: ["core", "engine"],
  server: ["core", "engine"],
  // Of the server only types: nothing of it is in the browser.
  console: ["core", "server"],
  cli: ["connectors", "core", "engine", "runtime-embedded", "runtime-postgres", "server"],
};

interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly text: string;
}

const files: SourceFile[] = Object.keys(ROOMS).flatMap((room) => {
  const source = join(import.meta.dirname, "packages", room, "src");
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => ({ path: join(room, path), room, text: readFileSync(join(source, path), "utf8") }));
});

const isTest = ({ path }: SourceFile): boolean => /\.(test|test-support)\.ts$/.test(path);

test("rooms import only the rooms they may", () => {
  const wrong = files.flatMap(({ path, room, text }) =>
    [...text.matchAll(/from "@stepwell\/([a-z-]+)/g)]
      .map((match) => match[1] ?? "")
      .filter((imported) => imported !== room && !(ROOMS[room] ?? []).includes(imported))
      .map((imported) => `${path} imports ${imported}`),
  );
  expect(wrong).toEqual([]);
});

test("the console names the server's types only", () => {
  const wrong = files.filter(
    ({ room, text }) => room === "console" && /(?:import|export) (?!type\b)[^;]*?from "@stepwell\/server/.test(text),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test("the core has no clock, no chance and nothing of Node", () => {
  const banned = /\bMath\.random\b|\bnew Date\b|\bDate\.now\b|from "node:|\bprocess\.|\bsetTimeout\b|\bawait\b/;
  // JSONata's library wants the time of the facts as a Date.
  const mayUseDate = new Set([join("core", "data", "timestamp.ts"), join("core", "data", "jsonata.ts")]);
  const wrong = files.filter(
    (file) => file.room === "core" && !isTest(file) && !file.path.includes("generated") && !mayUseDate.has(file.path),
  );
  const found = wrong.filter(({ text }) => banned.test(withoutComments(text))).map(({ path }) => path);
  expect(found).toEqual([]);
});

function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, (quoted) => (quoted.includes("node:") ? quoted : '""'));
}

test("nothing is left to do in a comment, and no file names a package registry", () => {
  const marks = new RegExp(["FIX" + "ME", "TO" + "DO\\b", "XX" + "X\\b"].join("|"));
  const written = files.filter(({ path }) => !path.includes("generated"));
  expect(written.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([]);
  const lock = readFileSync(join(import.meta.dirname, "package-lock.json"), "utf8");
  expect(lock).not.toMatch(/"resolved": "https?:/);
});

test("no product code reads the recorded cases", () => {
  const wrong = files.filter((file) => !isTest(file) && /conformance\/data/.test(withoutComments(file.text)));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test("documents name files that exist", () => {
  const docs = ["README.md", "docs/architecture.md", "docs/lifecycle.md"];
  const missing = docs.flatMap((doc) =>
    [...readFileSync(join(import.meta.dirname, doc), "utf8").matchAll(/\]\((?!https?:)([^)#]+)\)/g)]
      .map((match) => join(doc, "..", match[1] ?? ""))
      .filter((path) => !exists(path)),
  );
  expect(missing).toEqual([]);
});

function exists(path: string): boolean {
  try {
    readdirSync(join(import.meta.dirname, path));
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOTDIR";
  }
}
