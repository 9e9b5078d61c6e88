import { LINT_RULES, type StateMachineType } from "@stepwell/core";
import { type Command, Option } from "commander";
import { LINT_LEVELS, type LintLevel, lintFiles } from "../lint/lint-files.ts";
import { UsageError } from "../usage-error.ts";
import { FINDINGS_FORMATS, type FindingsFormat } from "../validate/validate-files.ts";

interface LintOptions {
  readonly type: StateMachineType;
  readonly format: FindingsFormat;
  readonly level: LintLevel;
  readonly failOn: LintLevel;
  readonly off: readonly string[];
  readonly fix: boolean;
}

/** `stepwell lint`. */
export function addLintCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("lint")
    .description("find what is valid and still likely to go wrong")
    .argument("<file...>", "state machine definitions, JSON or YAML")
    .addOption(
      new Option("--type <type>", "type of the state machines").choices(["STANDARD", "EXPRESS"]).default("STANDARD"),
    )
    .addOption(new Option("--format <format>", "how to print").choices([...FINDINGS_FORMATS]).default("text"))
    .addOption(
      new Option("--level <level>", "show findings of this level and worse")
        .choices([...LINT_LEVELS])
        .default("warning"),
    )
    .addOption(
      new Option("--fail-on <level>", "exit with 1 for findings of this level and worse")
        .choices([...LINT_LEVELS])
        .default("error"),
    )
    .option("--off <rule...>", "rules that are left out", [])
    .option("--fix", "make the changes that are safe, in the files", false)
    .action(async (files: string[], options: LintOptions) => {
      const unknown = options.off.find((name) => !LINT_RULES.some(({ code }) => code === name));
      if (unknown !== undefined)
        throw new UsageError(`--off: there is no rule "${unknown}" (docs/lint/README.md lists them)`);
      end(await lintFiles(files, { ...options, write: (text) => void process.stdout.write(text) }));
    });
}
