import type { Command } from "commander";
import type { PolicyOptions } from "../commands/policy.ts";

/** `stepwell policy`. */
export function addPolicyCommand(stepwell: Command, end: (code: number) => void): void {
  stepwell
    .command("policy")
    .description("print the least-privilege IAM policy of the role that runs a definition on AWS")
    .argument("<file>", "state machine definition, JSON or YAML")
    .option("--name <name>", "name of the state machine (default: the file's)")
    .option("--region <region>", "where it will run", process.env["AWS_REGION"] ?? "us-east-1")
    .option("--account <id>", "whose it will be", "123456789012")
    .option("--partition <partition>", "aws, aws-cn or aws-us-gov", "aws")
    .option("--logging", "it logs to CloudWatch Logs", false)
    .option("--tracing", "X-Ray traces it", false)
    .option("--kms-key <arn>", "the customer managed key that encrypts its data")
    .action(async (file: string, options: PolicyOptions) => {
      const { policy } = await import("../commands/policy.ts");
      end(await policy(file, options));
    });
}
