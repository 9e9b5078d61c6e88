import { type Command, Option } from "commander";
import type { AddOptions } from "../commands/keys.ts";

/** `stepwell keys add | list | remove`. */
export function addKeysCommand(stepwell: Command, end: (code: number) => void): void {
  const keys = stepwell.command("keys").description("keys that may sign requests to stepwell start --auth");
  const file = (): Option => new Option("--file <file>", "file of keys").default("keys.yaml");
  keys
    .command("add")
    .description("add a key, and show its secret this once")
    .requiredOption("--name <name>", "who it is for, as refusals name the caller")
    .option("--action <pattern...>", "what it may do: states:StartExecution, states:Describe*, …", ["states:*"])
    .option("--resource <pattern...>", "on what: ARNs, with * and ?", ["*"])
    .addOption(file())
    .action(async (options: AddOptions) => {
      const { addAccessKey } = await import("../commands/keys.ts");
      end(await addAccessKey(options));
    });
  keys
    .command("list")
    .description("show the keys, without their secrets")
    .addOption(file())
    .action(async (options: { file: string }) => {
      const { listAccessKeys } = await import("../commands/keys.ts");
      end(await listAccessKeys(options));
    });
  keys
    .command("remove")
    .description("remove a key; a running service refuses it within a second")
    .argument("<access-key-id>")
    .addOption(file())
    .action(async (id: string, options: { file: string }) => {
      const { removeAccessKey } = await import("../commands/keys.ts");
      end(await removeAccessKey(id, options));
    });
}
