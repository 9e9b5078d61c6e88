import { type Command, Option } from "commander";
import type { DeployOptions } from "../commands/deploy.ts";

/** `stepwell deploy`. */
export function addDeployCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("deploy")
    .description("deploy cdk.out, CloudFormation and SAM templates, a stepwell.yaml project or a definition")
    .argument("<path...>", "cdk.out, a template, stepwell.yaml or a definition")
    .option("--stack <name>", "name of the stack, for a source that does not name it")
    .option("--only <stack...>", "these stacks of cdk.out, and what they depend on", [])
    .option("--parameter <name=value...>", "values of the template's parameters", [])
    .option("--name <name>", "name of the state machine, for a definition")
    .option("--role-arn <arn>", "role of the state machine, for a definition")
    .addOption(
      new Option("--type <type>", "type of the state machine, for a definition").choices(["STANDARD", "EXPRESS"]),
    )
    .option("--name-only <type...>", "resource types that shall be no more than names here", [])
    .option("--adopt", "take over state machines of the same name that belong to no stack", false)
    .option("--dry-run", "show the plan and change nothing", false)
    .option("--run [machine]", "then run this state machine, by its logical id; without one the only one there is")
    .option("--input <json>", "input for --run as JSON text, or @file", "{}")
    .option("--endpoint <url>", "address of the running service (default: this machine, at the configured port)")
    .option("--data <directory>", "the service's data directory (default: .stepwell)")
    .option("--functions <file>", "configuration file (default: stepwell.yaml when it is there)")
    .action(async (paths: string[], options: DeployOptions) => {
      const { deploy } = await import("../commands/deploy.ts");
      end(await deploy(paths, options));
    });
}
