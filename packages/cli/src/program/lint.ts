import { type Command, Option } from "commander";
import type { LintOptions } from "../commands/lint.ts";
import { LINT_LEVELS } from "../lint/lint-levels.ts";
import { FINDINGS_FORMATS } from "../validate/findings-formats.ts";

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
      const { lint } = await import("../commands/lint.ts");
      end(await lint(files, options));
    });
}
