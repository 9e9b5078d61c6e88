import { applyDestroy, planDestroy } from "../deploy/destroy-stacks.ts";
import { openDeployment, type TargetOptions } from "../deploy/open-deployment.ts";
import { isNoMoreThanAName } from "../deploy/plan-report.ts";

export interface DestroyOptions extends TargetOptions {
  readonly dryRun: boolean;
}

/** `stepwell destroy`. */
export async function destroy(stacks: readonly string[], options: DestroyOptions): Promise<number> {
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const deployment = await openDeployment(options, { nameOnly: new Set(), adopt: false, tell }, options.dryRun);
  try {
    const plans = await planDestroy(stacks, deployment);
    for (const { record, steps } of plans) {
      process.stdout.write(`Stack ${record.stackName}\n`);
      for (const { action, type, physicalId, where, reason } of steps) {
        if (isNoMoreThanAName(where)) continue;
        process.stdout.write(`  ${action}  ${type}  ${physicalId}${reason === undefined ? "" : ` (${reason})`}\n`);
      }
    }
    if (options.dryRun) return 0;
    await applyDestroy(plans, deployment);
    process.stdout.write(`Destroyed ${stacks.join(", ")}\n`);
    return 0;
  } finally {
    await deployment.close();
  }
}
