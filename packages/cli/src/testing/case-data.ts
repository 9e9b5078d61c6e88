import { join } from "node:path";
import type { CaseOptions } from "./run-case.ts";

/** Where a case that may crash keeps what it must find again. */
export function dataIn(directory: string): NonNullable<CaseOptions["data"]> {
  return { directory, journal: join(directory, "mocks.jsonl") };
}
