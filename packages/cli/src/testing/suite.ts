import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../config/load-config.ts";
import { readDefinition } from "../read-definition.ts";
import { UsageError } from "../usage-error.ts";
import { readTestFile, TEST_FILE_NAME } from "./read-test-file.ts";
import type { Suite } from "./run-case.ts";

const DEPTH_MAX = 20;
const FILES_MAX = 10_000;

/** The test files that arguments name: files as they are, directories by the names of what is in them. */
export function findTestFiles(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    if (!existsSync(path)) throw new UsageError(`${path}: there is no such file or directory`);
    return statSync(path).isDirectory() ? inDirectory(path, 0) : [path];
  });
  if (found.length > FILES_MAX) throw new UsageError(`more than ${FILES_MAX} test files: name fewer directories`);
  return [...new Set(found)];
}

function inDirectory(directory: string, depth: number): string[] {
  if (depth > DEPTH_MAX) return [];
  return readdirSync(directory, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return /^(\..*|node_modules)$/.test(entry.name) ? [] : inDirectory(path, depth + 1);
      return TEST_FILE_NAME.test(entry.name) ? [path] : [];
    });
}

/** Reads a test file and all it names. Throws ConfigError or UsageError. */
export async function openSuite(path: string): Promise<Suite> {
  const file = await readTestFile(path);
  const others = Object.entries(file.others ?? {}).map(async ([name, other]) => {
    const { definition: path, type = "STANDARD" } = typeof other === "string" ? { definition: other } : other;
    return { name, path, definition: await readDefinition(path), type };
  });
  return {
    path,
    file,
    definition: await readDefinition(file.stateMachine),
    others: await Promise.all(others),
    ...(file.config === undefined ? {} : { config: await loadConfig(file.config, process.env) }),
  };
}
