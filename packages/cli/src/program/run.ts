import { type Command, Option } from "commander";
import type { RunCommandOptions } from "../commands/run.ts";

/** `stepwell run`. */
export function addRunCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("run")
    .description("run one execution: output on stdout, progress on stderr")
    .argument("[file]", "state machine definition, JSON or YAML; with --stack the machine's logical id")
    .option("--input <json>", "execution input as JSON text, or @file", "{}")
    .option("--functions <file>", "stepwell.yaml that maps the functions")
    .option("--name <name>", "name of the execution")
    .addOption(
      new Option("--type <type>", "type of the state machine").choices(["STANDARD", "EXPRESS"]).default("STANDARD"),
    )
    .addOption(
      new Option("--fast-forward", "let waits, retry delays and timeouts pass at once")
        .default(false)
        .conflicts("stack"),
    )
    .option("--quiet", "no progress", false)
    .option("--stack <name>", "run a state machine of this deployed stack, on the running service if there is one")
    .option("--endpoint <url>", "with --stack: address of the service (default: this machine, at the configured port)")
    .option("--data <directory>", "with --stack: the service's data directory (default: .stepwell)")
    .action(async (what: string | undefined, options: RunCommandOptions) => {
      const { run } = await import("../commands/run.ts");
      end(await run(what, options));
    });
}
