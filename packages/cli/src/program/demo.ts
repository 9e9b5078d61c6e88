import type { Command } from "commander";
import type { DemoOptions } from "../commands/demo.ts";

/** `stepwell demo`. */
export function addDemoCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("demo")
    .description("run the sample workflow of a checkout's examples/connect-users")
    .option("--data <directory>", "where the demo keeps its database and files (default: a new temporary directory)")
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import("../commands/demo.ts");
      end(await runDemo(options));
    });
}
