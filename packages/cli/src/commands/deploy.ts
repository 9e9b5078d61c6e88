import { type Command, Option } from "commander";
import { applyPlans, planStacks } from "../deploy/deploy-stacks.ts";
import { acknowledged } from "../deploy/local-parts.ts";
import { openDeployment, type TargetOptions } from "../deploy/open-deployment.ts";
import { hasChanges, planText } from "../deploy/plan-report.ts";
import { StackRecords } from "../deploy/stack-record.ts";
import { UsageError } from "../usage-error.ts";
import { readInput } from "./run.ts";
import { runDeployed } from "./run-deployed.ts";

interface DeployOptions extends TargetOptions {
  readonly stack?: string;
  readonly only: readonly string[];
  readonly parameter: readonly string[];
  readonly name?: string;
  readonly roleArn?: string;
  readonly type?: string;
  readonly nameOnly: readonly string[];
  readonly adopt: boolean;
  readonly dryRun: boolean;
  readonly run?: string | true;
  readonly input: string;
}

/** `stepwell deploy`. */
export function addDeployCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("deploy")
    .description("deploy cdk.out, CloudFormation and SAM templates, a stepwell.yaml project or a definition")
    .argument("<path...>", "cdk.out, a template, stepwell.yaml or a definition")
    .option("--stack <name>", "name of the stack, for a source that does not name it")
    .option("--only <stack...>", "these stacks of cdk.out, and what they depend on", [])
    .option("--parameter <name=value...>", "values of the template's parameters", [])
    .option("--name <name>", "name of the state machine, for a definition")
    .option("--role-arn <arn>", "role of the state machine, for a definition")
    .addOption(
      new Option("--type <type>", "type of the state machine, for a definition").choices(["STANDARD", "EXPRESS"]),
    )
    .option("--name-only <type...>", "resource types that shall be no more than names here", [])
    .option("--adopt", "take over state machines of the same name that belong to no stack", false)
    .option("--dry-run", "show the plan and change nothing", false)
    .option("--run [machine]", "then run this state machine, by its logical id; without one the only one there is")
    .option("--input <json>", "input for --run as JSON text, or @file", "{}")
    .option("--endpoint <url>", "address of the running service (default: this machine, at the configured port)")
    .option("--data <directory>", "the service's data directory (default: .stepwell)")
    .option("--functions <file>", "configuration file (default: stepwell.yaml when it is there)")
    .action(async (paths: string[], options: DeployOptions) => end(await deploy(paths, options)));
}

/** Answers 0 when all is as the sources say; the plan is on standard output, the steps on standard error. */
async function deploy(paths: readonly string[], options: DeployOptions): Promise<number> {
  const input = await readInput(options.input);
  const deployment = await openDeployment(
    options,
    {
      nameOnly: new Set(options.nameOnly),
      adopt: options.adopt,
      tell: (line) => void process.stderr.write(`${line}\n`),
    },
    options.dryRun,
  );
  try {
    const plans = await planStacks(
      paths,
      {
        ...(options.stack === undefined ? {} : { stackName: options.stack }),
        only: options.only,
        parameters: new Map(options.parameter.map(parameterOf)),
        machine: {
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(options.roleArn === undefined ? {} : { roleArn: options.roleArn }),
          ...(options.type === undefined ? {} : { type: options.type }),
        },
      },
      deployment,
    );
    process.stdout.write(`${planText(plans)}\n`);
    if (options.dryRun) return 0;
    const records = await applyPlans(plans, deployment);
    for (const { stackName, outputs } of records) {
      for (const [name, value] of Object.entries(outputs).filter(([name]) => !MADE_BY_CDK.test(name)))
        process.stdout.write(`${stackName}.${name} = ${typeof value === "string" ? value : JSON.stringify(value)}\n`);
    }
    const where = deployment.target?.description ?? "";
    process.stdout.write(hasChanges(plans) ? `Deployed to ${where}\n` : `Nothing to do: ${where} is as it should be\n`);
    const { run } = options;
    if (run === undefined || deployment.target === undefined) return 0;
    const machine = run === true ? {} : { machine: run };
    // A service has; where none runs, what was deployed is to be taken up here.
    await acknowledged(new StackRecords(deployment.dataDirectory));
    return await runDeployed(deployment.target, records, { ...machine, input, quiet: false });
  } finally {
    await deployment.close();
  }
}

/** Outputs by which the CDK hands values from stack to stack. */
const MADE_BY_CDK = /^(ExportsOutput|PublishOutput)/;

function parameterOf(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`--parameter must be <name>=<value>, got ${text}`);
}
