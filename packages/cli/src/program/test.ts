import { type Command, Option } from "commander";
import type { TestOptions } from "../commands/test.ts";
import { TEST_FORMATS } from "../testing/test-report.ts";

/** `stepwell test`. */
export function addTestCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("test")
    .description("run the cases of test files: whole state machines, with mocks, in virtual time")
    .argument("[path...]", "test files, or directories with *.stepwell.test.yaml, .json and .ts", ["."])
    .option("--filter <text>", "only cases whose name contains this")
    .addOption(new Option("--format <format>", "how to print").choices([...TEST_FORMATS]).default("text"))
    .option("--coverage", "show what of each definition was run through", false)
    .option("--coverage-file <file>", "write the coverage there, as JSON")
    .option("--min-coverage <percent>", "fail when less of a definition is covered")
    .option("--chaos", "repeat each case with a crash after every commit and a failure of every task", false)
    .action(async (paths: string[], options: TestOptions) => {
      const { testFiles } = await import("../commands/test.ts");
      end(await testFiles(paths, options, (text) => void process.stdout.write(text)));
    });
}
