import { readFile } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseConfigDocument } from "../config/config-document.ts";
import { ConfigError, type ConfigFinding } from "../config/config-error.ts";
import { rulesOf } from "../config/validate-config.ts";
import { readDefinitionFile } from "../validate/definition-file.ts";
import type { TestFile } from "./test-file.ts";
import { TEST_FILE_SCHEMA } from "./test-file-schema.ts";

const brokenRules = rulesOf(TEST_FILE_SCHEMA);

/** Files that `stepwell test DIRECTORY` takes. */
export const TEST_FILE_NAME: RegExp = /\.stepwell\.test\.(ya?ml|json|m?[jt]s)$/;

/** A test file with its paths made absolute, and the inputs of its cases read. Throws ConfigError with all that is wrong. */
export async function readTestFile(path: string): Promise<TestFile> {
  const { value, placeOf } = /\.m?[jt]s$/.test(extname(path)) ? await fromModule(path) : await fromDocument(path);
  const broken = brokenRules(withoutFunctions(value));
  const findings = broken.map((rule) => ({ place: placeOf(rule.pointer), ...rule }));
  if (findings.length === 0) findings.push(...unclear(value as TestFile, placeOf));
  if (findings.length > 0) throw new ConfigError(findings);
  return resolved(value as TestFile, dirname(path), placeOf);
}

interface Source {
  readonly value: unknown;
  placeOf(pointer: string): string;
}

async function fromDocument(path: string): Promise<Source> {
  const text = await readDefinitionFile(path).catch((error: Error) => {
    throw new ConfigError([{ place: path, pointer: "", message: error.message }]);
  });
  return parseConfigDocument(path, text);
}

async function fromModule(path: string): Promise<Source> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new ConfigError([{ place: path, pointer: "", message: `cannot be loaded: ${(error as Error).message}` }]);
  }
  const files = Object.values(module).filter(
    (value) => typeof value === "object" && value !== null && "cases" in value && "stateMachine" in value,
  );
  if (files.length !== 1) {
    const message = `must export one set of tests, made by defineTests; it exports ${files.length}`;
    throw new ConfigError([{ place: path, pointer: "", message }]);
  }
  return { value: files[0], placeOf: () => path };
}

/** What the schema sees of a TypeScript file: its types have checked the functions. */
function withoutFunctions(value: unknown): unknown {
  if (typeof value === "function") return {};
  if (Array.isArray(value)) return value.map(withoutFunctions);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutFunctions(member)]));
}

/** What the schema cannot say. */
function unclear(file: TestFile, placeOf: Source["placeOf"]): ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  const find = (pointer: string, message: string): void => {
    findings.push({ place: placeOf(pointer), pointer, message });
  };
  const names = new Set<string>();
  for (const [i, { name, input, inputFile, expect }] of file.cases.entries()) {
    if (names.has(name)) find(`/cases/${i}/name`, `must be another name than those before, got "${name}"`);
    names.add(name);
    if (input !== undefined && inputFile !== undefined) find(`/cases/${i}/inputFile`, "must not stand beside input");
    const wantsError = expect?.error !== undefined || expect?.cause !== undefined;
    if (wantsError && expect?.status === "SUCCEEDED") find(`/cases/${i}/expect`, "SUCCEEDED has no error and no cause");
    const wantsOutput = expect?.output !== undefined || expect?.outputContains !== undefined;
    const ends = expect?.status ?? (wantsError ? "FAILED" : "SUCCEEDED");
    if (wantsOutput && ends !== "SUCCEEDED") find(`/cases/${i}/expect`, `${ends} has no output`);
    if (/^\/.*\/$/s.test(expect?.cause ?? ""))
      checkPattern(expect?.cause ?? "", (why) => find(`/cases/${i}/expect/cause`, why));
  }
  return findings;
}

function checkPattern(cause: string, find: (why: string) => void): void {
  try {
    new RegExp(cause.slice(1, -1), "su");
  } catch (error) {
    find(`must be a regular expression: ${(error as Error).message}`);
  }
}

async function resolved(file: TestFile, directory: string, placeOf: Source["placeOf"]): Promise<TestFile> {
  const cases = await Promise.all(
    file.cases.map(async (each, i) => {
      if (each.inputFile === undefined) return each;
      try {
        return { ...each, input: JSON.parse(await readFile(resolve(directory, each.inputFile), "utf8")) };
      } catch (error) {
        const pointer = `/cases/${i}/inputFile`;
        const message = `must be a file with JSON: ${(error as Error).message}`;
        throw new ConfigError([{ place: placeOf(pointer), pointer, message }]);
      }
    }),
  );
  return {
    ...file,
    cases,
    stateMachine: resolve(directory, file.stateMachine),
    ...(file.config === undefined ? {} : { config: resolve(directory, file.config) }),
    ...(file.others === undefined
      ? {}
      : {
          others: Object.fromEntries(
            Object.entries(file.others).map(([name, other]) => [
              name,
              typeof other === "string"
                ? resolve(directory, other)
                : { ...other, definition: resolve(directory, other.definition) },
            ]),
          ),
        }),
  };
}
