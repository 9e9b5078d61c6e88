import type { Command } from "commander";

/** `stepwell backup`. */
export function addBackupCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("backup")
    .description("copy a data directory, also while a service runs on it; the copy is a data directory too")
    .argument("<directory>", "where the copy goes: a new directory, or an empty one")
    .option("--data <directory>", "data directory (default: .stepwell)")
    .action(async (target: string, options: { data?: string }) => {
      const { backup } = await import("../commands/backup.ts");
      end(await backup(target, options));
    });
}
