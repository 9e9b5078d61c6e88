import type { Command } from "commander";
import type { MigrateOptions } from "../commands/migrate.ts";

/** `stepwell migrate`. */
export function addMigrateCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("migrate")
    .description("copy all state of a data directory into an empty PostgreSQL, or back; nothing may run on either")
    .requiredOption("--data <directory>", "data directory")
    .requiredOption("--database <url>", "postgres://user:password@host:port/database")
    .option("--back", "from the database into the directory, which is new or empty", false)
    .action(async (options: MigrateOptions) => {
      const { migrate } = await import("../commands/migrate.ts");
      await migrate(options);
      end(0);
    });
}
