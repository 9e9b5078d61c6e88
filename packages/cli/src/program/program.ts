/**
 * The commands as they are typed.
 *
 * A command is two files. `program/<name>.ts` declares it: name, options, help. All of these are loaded whatever is typed, so
 * they import nothing but types, constants and commander. `commands/<name>.ts` is its work, imported by the action, with all
 * that it needs: `stepwell validate` loads no server, and `stepwell --help` nothing at all. program.test.ts holds this.
 */
import { StoreUnavailable } from "@stepwell/engine/failures";
import { Command, CommanderError } from "commander";
import { ConfigError } from "../config/config-error.ts";
import { UsageError } from "../usage-error.ts";
import { addBackupCommand } from "./backup.ts";
import { addConvertCommand } from "./convert.ts";
import { addDemoCommand } from "./demo.ts";
import { addDeployCommand } from "./deploy.ts";
import { addDestroyCommand } from "./destroy.ts";
import { addForkCommand } from "./fork.ts";
import { addKeysCommand } from "./keys.ts";
import { addLintCommand } from "./lint.ts";
import { addMapRunCommand } from "./map-run.ts";
import { addMigrateCommand } from "./migrate.ts";
import { addOpenCommand } from "./open.ts";
import { addPolicyCommand } from "./policy.ts";
import { addRunCommand } from "./run.ts";
import { addStartCommand } from "./start.ts";
import { addTestCommand } from "./test.ts";
import { addValidateCommand } from "./validate.ts";

/** Exit codes: 0 done, 1 the execution (or the validation) failed, 2 the command could not be carried out. */
const COULD_NOT = 2;

/** In the order of the help. */
const COMMANDS = [
  addRunCommand,
  addStartCommand,
  addValidateCommand,
  addKeysCommand,
  addBackupCommand,
  addLintCommand,
  addPolicyCommand,
  addMapRunCommand,
  addMigrateCommand,
  addForkCommand,
  addOpenCommand,
  addDeployCommand,
  addDestroyCommand,
  addConvertCommand,
  addTestCommand,
  addDemoCommand,
];

/** Does what the arguments of the process say, and sets its exit code. Rejects with what is a bug. */
export async function runProgram(): Promise<void> {
  try {
    await program().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) end(error.exitCode === 0 ? 0 : COULD_NOT);
    else if (isForTheCaller(error)) {
      process.stderr.write(`stepwell: ${error.message}\n`);
      end(COULD_NOT);
    } else throw error;
  }
}

function program(): Command {
  const stepwell = new Command("stepwell")
    .description("Runs Amazon States Language workflows, durably, on your own machine.")
    .exitOverride()
    .showHelpAfterError("(stepwell --help lists the commands)");
  for (const add of COMMANDS) add(stepwell, end);
  return stepwell;
}

function end(code: number): void {
  process.exitCode = code;
}

/** What whoever typed the command can mend: one line, no stack trace. A store that cannot be opened is StoreUnavailable. */
function isForTheCaller(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof ConfigError || error instanceof StoreUnavailable;
}
