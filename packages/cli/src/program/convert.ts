import { type Command, Option } from "commander";
import type { ConvertCommandOptions } from "../commands/convert.ts";
import { CONVERSIONS } from "../convert/conversions.ts";

/** `stepwell convert`. */
export function addConvertCommand(stepwell: Command, end: (code: number) => void): void {
  const conversions = Object.values(CONVERSIONS);
  const forms = [...new Set(conversions.map(({ to }) => to))];
  stepwell
    .command("convert")
    .description(
      `write workflows in another form: ${conversions.map(({ to, description }) => `${to}: ${description}`).join("; ")}`,
    )
    .argument("<path>", "a definition, a template or cdk.out")
    .addOption(new Option("--to <form>", "what it shall become (default, of a flow: asl)").choices(forms))
    .option("--out <directory>", "where the files go (default: one file goes to standard output)")
    .option("--parameter <name=value...>", "values of a template's parameters", [])
    .option("--only <stack...>", "these stacks of cdk.out", [])
    .action(async (path: string, options: ConvertCommandOptions) => {
      const { convert } = await import("../commands/convert.ts");
      end(await convert(path, options));
    });
}
