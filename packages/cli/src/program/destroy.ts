import type { Command } from "commander";
import type { DestroyOptions } from "../commands/destroy.ts";

/** `stepwell destroy`. */
export function addDestroyCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("destroy")
    .description("remove what stepwell deploy made for these stacks")
    .argument("<stack...>", "names of the stacks")
    .option("--dry-run", "show what would go and change nothing", false)
    .option("--endpoint <url>", "address of the running service (default: this machine, at the configured port)")
    .option("--data <directory>", "the service's data directory (default: .stepwell)")
    .option("--functions <file>", "configuration file (default: stepwell.yaml when it is there)")
    .action(async (stacks: string[], options: DestroyOptions) => {
      const { destroy } = await import("../commands/destroy.ts");
      end(await destroy(stacks, options));
    });
}
