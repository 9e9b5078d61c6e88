import { applyPlans, planStacks } from "../deploy/deploy-stacks.ts";
import { acknowledged } from "../deploy/local-parts.ts";
import { openDeployment, type TargetOptions } from "../deploy/open-deployment.ts";
import { hasChanges, planText } from "../deploy/plan-report.ts";
import { StackRecords } from "../deploy/stack-record.ts";
import { UsageError } from "../usage-error.ts";
import { readInput } from "./run.ts";
import { runDeployed } from "./run-deployed.ts";

export interface DeployOptions extends TargetOptions {
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

/** `stepwell deploy`: answers 0 when all is as the sources say; the plan is on standard output, the steps on standard error. */
export async function deploy(paths: readonly string[], options: DeployOptions): Promise<number> {
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
