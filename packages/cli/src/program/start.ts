import { type Command, Option } from "commander";
import type { StartOptions } from "../commands/start.ts";

/** `stepwell start`. */
export function addStartCommand(stepwell: Command, end: (code: number) => void): void {
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
    .action(async (options: StartOptions) => {
      const { startService } = await import("../commands/start.ts");
      end(await startService(options));
    });
}
