#!/usr/bin/env node
import { Command, CommanderError, Option } from "commander";
import { runDemo } from "./commands/demo.ts";
import { runFile } from "./commands/run.ts";
import { startService } from "./commands/start.ts";
import { ConfigError } from "./config/config-error.ts";
import { UsageError } from "./usage-error.ts";
import { FINDINGS_FORMATS, type FindingsFormat, validateFiles } from "./validate/validate-files.ts";

/** Exit codes: 0 done, 1 the execution (or the validation) failed, 2 the command could not be carried out. */
const COULD_NOT = 2;

function program(): Command {
  const stepwell = new Command("stepwell")
    .description("Runs Amazon States Language workflows, durably, on your own machine.")
    .exitOverride()
    .showHelpAfterError("(stepwell --help lists the commands)");

  stepwell
    .command("run")
    .description("run one execution in this process: output on stdout, progress on stderr")
    .argument("<file>", "state machine definition, JSON or YAML")
    .option("--input <json>", "execution input as JSON text, or @file", "{}")
    .option("--functions <file>", "stepwell.yaml that maps the functions")
    .option("--name <name>", "name of the execution")
    .addOption(
      new Option("--type <type>", "type of the state machine").choices(["STANDARD", "EXPRESS"]).default("STANDARD"),
    )
    .option("--fast-forward", "let waits, retry delays and timeouts pass at once", false)
    .option("--quiet", "no progress", false)
    .action(async (file: string, options: Parameters<typeof runFile>[1]) => end(await runFile(file, options)));

  stepwell
    .command("start")
    .description("start the service, which speaks the AWS Step Functions API")
    .option("--data <directory>", "data directory (default: .stepwell)")
    .option("--port <number>", "port to listen on, 0 for any (default: 8083)")
    .option("--host <address>", "address to listen on (default: 127.0.0.1)")
    .option("--functions <file>", "configuration file (default: stepwell.yaml when it is there)")
    .addOption(new Option("--durability <level>", "what a power loss may take").choices(["full", "normal"]))
    .option("--fast-forward", "let waits, retry delays and timeouts pass at once", false)
    .action(async (options: Parameters<typeof startService>[0]) => end(await startService(options)));

  stepwell
    .command("validate")
    .description("check definitions: all findings at once, each with code, pointer, line and column")
    .argument("<file...>", "state machine definitions, JSON or YAML")
    .addOption(new Option("--format <format>", "how to print").choices([...FINDINGS_FORMATS]).default("text"))
    .action(async (files: string[], options: { format: FindingsFormat }) => {
      const write = (text: string): void => void process.stdout.write(text);
      end(await validateFiles(files, { format: options.format, write }));
    });

  stepwell
    .command("demo")
    .description("run the sample workflow of a checkout's examples/connect-users")
    .option("--data <directory>", "where the demo keeps its database and files (default: a new temporary directory)")
    .action(async (options: Parameters<typeof runDemo>[0]) => end(await runDemo(options)));
  return stepwell;
}

function end(code: number): void {
  process.exitCode = code;
}

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : COULD_NOT;
  else if (error instanceof UsageError || error instanceof ConfigError) {
    process.stderr.write(`stepwell: ${error.message}\n`);
    process.exitCode = COULD_NOT;
  } else throw error;
}
