import type { Json } from "@stepwell/core";
import type { AwsIdentity } from "@stepwell/engine";

/** CloudFormation, "Pseudo parameters". `AWS::NoValue` is no value, and so not among them. */
export function pseudoParameters(
  { partition, region, accountId }: AwsIdentity,
  stackName: string,
): ReadonlyMap<string, Json> {
  return new Map<string, Json>([
    ["AWS::AccountId", accountId],
    ["AWS::Region", region],
    ["AWS::Partition", partition],
    ["AWS::URLSuffix", urlSuffix(partition)],
    ["AWS::StackName", stackName],
    ["AWS::StackId", `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stackName}/stepwell`],
    ["AWS::NotificationARNs", []],
  ]);
}

/** The domain of the partition's services. */
export function urlSuffix(partition: string): string {
  return partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}
