import { LINT_RULES, type StateMachineType } from "@stepwell/core";
import { lintFiles } from "../lint/lint-files.ts";
import type { LintLevel } from "../lint/lint-levels.ts";
import { UsageError } from "../usage-error.ts";
import type { FindingsFormat } from "../validate/findings-formats.ts";

export interface LintOptions {
  readonly type: StateMachineType;
  readonly format: FindingsFormat;
  readonly level: LintLevel;
  readonly failOn: LintLevel;
  readonly off: readonly string[];
  readonly fix: boolean;
}

/** `stepwell lint`: 1 for findings as bad as `failOn` says, 2 when a file cannot be read. */
export async function lint(files: readonly string[], options: LintOptions): Promise<number> {
  const unknown = options.off.find((name) => !LINT_RULES.some(({ code }) => code === name));
  if (unknown !== undefined)
    throw new UsageError(`--off: there is no rule "${unknown}" (docs/lint/README.md lists them)`);
  return lintFiles(files, { ...options, write: (text) => void process.stdout.write(text) });
}
