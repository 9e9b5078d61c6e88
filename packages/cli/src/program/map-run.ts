import type { ReportFormat } from "@stepwell/server";
import { type Command, Option } from "commander";
import type { RedriveOptions, ReportOptions } from "../commands/map-run.ts";

/** Written here once more: the list is the server's, and loading that is not for showing a help text. */
const REPORT_FORMATS = Object.keys({ table: true, csv: true, jsonl: true } satisfies Record<ReportFormat, true>);

/** `stepwell map-run report | redrive | watch`. */
export function addMapRunCommand(stepwell: Command, end: (code: number) => void): void {
  const mapRun = stepwell.command("map-run").description("the items of Maps: reports, reruns, progress");
  const data = (): Option =>
    new Option("--data <directory>", "data directory of a service that is not running (default: .stepwell)");
  const endpoint = (): Option => new Option("--endpoint <url>", "address of a running service").conflicts("data");
  mapRun
    .command("report")
    .description("one line per item, of a Map Run or of an inline Map")
    .argument("<arn>", "the Map Run, or the execution with an inline Map")
    .option("--failed", "only items that failed, or whose workflow caught an error", false)
    .addOption(new Option("--format <format>", "how to print").choices(REPORT_FORMATS).default("table"))
    .option("--columns <columns>", 'what to show: "id=$.number,error=$.error.Error", from output, input or line')
    .option("--map <name>", "which inline Map, when the execution has several")
    .addOption(data())
    .addOption(endpoint())
    .action(async (arn: string, options: ReportOptions) => {
      const { reportItems } = await import("../commands/map-run.ts");
      end(await reportItems(arn, options));
    });
  mapRun
    .command("redrive")
    .description("run some items of a Map Run once more, as a Map Run of its own; the first stays as it is")
    .argument("<arn>", "the Map Run, which must be over")
    .requiredOption("--items <items>", "indexes as in the report: 3,17-20")
    .option("--input-patch <file>", "JSON file: an object is merged into the inputs, anything else replaces them")
    .option("--functions <file>", "stepwell.yaml that maps the functions")
    .addOption(data())
    .addOption(endpoint().conflicts("functions"))
    .action(async (arn: string, options: RedriveOptions) => {
      const { redriveItems } = await import("../commands/map-run.ts");
      end(await redriveItems(arn, options));
    });
  mapRun
    .command("watch")
    .description("show how far a Map Run is, until it is over")
    .argument("<arn>", "the Map Run")
    .addOption(endpoint().default("http://127.0.0.1:8083"))
    .action(async (arn: string, options: { endpoint: string }) => {
      const { watchRun } = await import("../commands/map-run.ts");
      end(await watchRun(arn, options.endpoint));
    });
}
