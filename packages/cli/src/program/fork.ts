import { type Command, Option } from "commander";
import type { ForkOptions } from "../commands/fork.ts";

/** `stepwell fork`. */
export function addForkCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("fork")
    .description("start a new execution where another one once entered a state; that one stays as it is")
    .argument("<arn>", "the execution")
    .requiredOption("--at <state|event>", "a state by name (its last entry), or the id of a StateEntered event")
    .option("--input <json>", "the state's input as JSON text, or @file (default: as it was recorded)")
    .addOption(
      new Option("--definition <file>", "run this definition, JSON or YAML, instead of the recorded one").conflicts(
        "version",
      ),
    )
    .option("--version <arn>", "run this version of the state machine instead")
    .option("--name <name>", "name of the new execution; the same again answers the one there is")
    .option("--endpoint <url>", "address of the service", "http://127.0.0.1:8083")
    .action(async (arn: string, options: ForkOptions) => {
      const { forkExecution } = await import("../commands/fork.ts");
      end(await forkExecution(arn, options));
    });
}
