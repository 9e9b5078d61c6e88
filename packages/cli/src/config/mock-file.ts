/** Reads a MockConfigFile.json, and reads it again when it changes while the server runs. */
import { readFileSync, statSync } from "node:fs";
import { MOCK_CONFIG_SCHEMA, type MockConfig, mockConfigProblems } from "@stepwell/connectors";
import { Ajv, type ValidateFunction } from "ajv";
import { ConfigError } from "./config-error.ts";

const FILE_BYTES_MAX = 16_777_216;
/** How often the file is looked at, at most. */
const LOOK_AGAIN_MS = 500;

/** Made for the first file: most commands have none. */
let compiled: ValidateFunction | undefined;

/**
 * The mocks in a file. Throws ConfigError with all that is wrong when it is first read; a change that is wrong is told to
 * `onProblem`, and the mocks before it stay.
 */
export function openMockFile(file: string, onProblem: (problem: unknown, about: string) => void): () => MockConfig {
  let mocks = readMocks(file);
  let changed = changeOf(file);
  let lookedAt = Date.now();
  return () => {
    if (Date.now() - lookedAt < LOOK_AGAIN_MS) return mocks;
    lookedAt = Date.now();
    const now = changeOf(file);
    if (now === changed) return mocks;
    changed = now;
    try {
      mocks = readMocks(file);
    } catch (error) {
      onProblem(error, file);
    }
    return mocks;
  };
}

function changeOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? "" : `${stats.mtimeMs} ${stats.size}`;
}

function readMocks(file: string): MockConfig {
  const config = parsed(file);
  compiled ??= new Ajv({ allErrors: true, verbose: true }).compile(MOCK_CONFIG_SCHEMA);
  const validate = compiled;
  if (!validate(config)) {
    throw new ConfigError(
      (validate.errors ?? []).map(({ instancePath, message = "is wrong", data }) => {
        const shown = (JSON.stringify(data) ?? "nothing").slice(0, 80);
        return { place: file, pointer: instancePath, message: `${message}, got ${shown}` };
      }),
    );
  }
  const mocks = config as MockConfig;
  const problems = mockConfigProblems(mocks);
  if (problems.length === 0) return mocks;
  throw new ConfigError(problems.map((message) => ({ place: file, pointer: "", message })));
}

function parsed(file: string): unknown {
  try {
    const { size } = statSync(file);
    if (size > FILE_BYTES_MAX) throw new Error(`must be at most ${FILE_BYTES_MAX} bytes`);
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ConfigError([{ place: file, pointer: "", message: (error as Error).message }]);
  }
}
