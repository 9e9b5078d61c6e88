import type { Command } from "commander";

/** `stepwell open`. */
export function addOpenCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("open")
    .description("open the console of a running service in the browser")
    .option("--endpoint <url>", "address of the service", "http://127.0.0.1:8083")
    .action(async (options: { endpoint: string }) => {
      const { openConsole } = await import("../commands/open.ts");
      end(await openConsole(options.endpoint));
    });
}
