#!/usr/bin/env node
import { StoreUnavailable } from "@stepwell/engine";
import { DatabaseFailure } from "@stepwell/runtime-embedded";
import { Command, CommanderError, Option } from "commander";
import { addBackupCommand } from "./commands/backup.ts";
import { addConvertCommand } from "./commands/convert.ts";
import { runDemo } from "./commands/demo.ts";
import { addDeployCommand } from "./commands/deploy.ts";
import { addDestroyCommand } from "./commands/destroy.ts";
import { addForkCommand } from "./commands/fork.ts";
import { type AddOptions, addAccessKey, listAccessKeys, removeAccessKey } from "./commands/keys.ts";
import { addLintCommand } from "./commands/lint.ts";
import { addMapRunCommand } from "./commands/map-run.ts";
import { addMigrateCommand } from "./commands/migrate.ts";
import { addOpenCommand } from "./commands/open.ts";
import { addPolicyCommand } from "./commands/policy.ts";
import { addRunCommand } from "./commands/run.ts";
import { startService } from "./commands/start.ts";
import { addTestCommand } from "./commands/test.ts";
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

  addRunCommand(stepwell, end);

  stepwell
    .command("start")
    .description("start the service, which speaks the AWS Step Functions API")
    .option("--data <directory>", "data directory (default: .stepwell)")
    .option("--database <url>", "PostgreSQL in the directory's place, shared by any number of nodes (docs/cluster.md)")
    .option("--port <number>", "port to listen on, 0 for any (default: 8083)")
    .option("--cloudflow-port <number>", "port for CloudFlow's API alone, 0 for any; it is answered on --port, too")
    .option("--host <address>", "address to listen on (default: 127.0.0.1)")
    .option("--functions <file>", "configuration file (default: stepwell.yaml when it is there)")
    .addOption(new Option("--durability <level>", "what a power loss may take").choices(["full", "normal"]))
    .option("--auth <file>", "keys that may sign requests (stepwell keys); without it only loopback is listened on")
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

  addKeysCommand(stepwell);
  addBackupCommand(stepwell, end);
  addLintCommand(stepwell, end);
  addPolicyCommand(stepwell, end);
  addMapRunCommand(stepwell, end);
  addMigrateCommand(stepwell, end);
  addForkCommand(stepwell, end);
  addOpenCommand(stepwell, end);
  addDeployCommand(stepwell, end);
  addDestroyCommand(stepwell, end);
  addConvertCommand(stepwell, end);
  addTestCommand(stepwell, end);

  stepwell
    .command("demo")
    .description("run the sample workflow of a checkout's examples/connect-users")
    .option("--data <directory>", "where the demo keeps its database and files (default: a new temporary directory)")
    .action(async (options: Parameters<typeof runDemo>[0]) => end(await runDemo(options)));
  return stepwell;
}

function addKeysCommand(stepwell: Command): void {
  const keys = stepwell.command("keys").description("keys that may sign requests to stepwell start --auth");
  const file = (): Option => new Option("--file <file>", "file of keys").default("keys.yaml");
  keys
    .command("add")
    .description("add a key, and show its secret this once")
    .requiredOption("--name <name>", "who it is for, as refusals name the caller")
    .option("--action <pattern...>", "what it may do: states:StartExecution, states:Describe*, …", ["states:*"])
    .option("--resource <pattern...>", "on what: ARNs, with * and ?", ["*"])
    .addOption(file())
    .action(async (options: AddOptions) => end(await addAccessKey(options)));
  keys
    .command("list")
    .description("show the keys, without their secrets")
    .addOption(file())
    .action(async (options: { file: string }) => end(await listAccessKeys(options)));
  keys
    .command("remove")
    .description("remove a key; a running service refuses it within a second")
    .argument("<access-key-id>")
    .addOption(file())
    .action(async (id: string, options: { file: string }) => end(await removeAccessKey(id, options)));
}

function end(code: number): void {
  process.exitCode = code;
}

/** What whoever typed the command can mend: one line, no stack trace. */
function isForTheCaller(error: unknown): error is Error {
  return (
    error instanceof UsageError ||
    error instanceof ConfigError ||
    error instanceof DatabaseFailure ||
    error instanceof StoreUnavailable
  );
}

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : COULD_NOT;
  else if (isForTheCaller(error)) {
    process.stderr.write(`stepwell: ${error.message}\n`);
    process.exitCode = COULD_NOT;
  } else throw error;
}
