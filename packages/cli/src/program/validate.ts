import { type Command, Option } from "commander";
import { FINDINGS_FORMATS, type FindingsFormat } from "../validate/findings-formats.ts";

/** `stepwell validate`. */
export function addValidateCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("validate")
    .description("check definitions: all findings at once, each with code, pointer, line and column")
    .argument("<file...>", "state machine definitions, JSON or YAML")
    .addOption(new Option("--format <format>", "how to print").choices([...FINDINGS_FORMATS]).default("text"))
    .action(async (files: string[], options: { format: FindingsFormat }) => {
      const { validateFiles } = await import("../validate/validate-files.ts");
      const write = (text: string): void => void process.stdout.write(text);
      end(await validateFiles(files, { format: options.format, write }));
    });
}
