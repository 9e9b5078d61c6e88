// The names of aws-cdk-lib/aws-stepfunctions-tasks.
export * from "./tasks/api-gateway.ts";
export * from "./tasks/athena.ts";
export * from "./tasks/aws-sdk.ts";
export * from "./tasks/batch.ts";
export * from "./tasks/bedrock.ts";
export * from "./tasks/codebuild.ts";
export * from "./tasks/dynamodb.ts";
export {
  type DynamoAttributes,
  DynamoAttributeValue,
  DynamoConsumedCapacity,
  DynamoItemCollectionMetrics,
  DynamoProjectionExpression,
  DynamoReturnValues,
} from "./tasks/dynamodb-values.ts";
export * from "./tasks/ecs.ts";
export * from "./tasks/eks.ts";
export * from "./tasks/emr.ts";
export * from "./tasks/emr-containers.ts";
export * from "./tasks/emr-create-cluster.ts";
export { ActionOnFailure } from "./tasks/emr-enums.ts";
export type {
  ConfigurationProperty,
  InstanceFleetConfigProperty,
  InstanceGroupConfigProperty,
  InstancesConfigProperty,
} from "./tasks/emr-instances.ts";
export * from "./tasks/evaluate-expression.ts";
export * from "./tasks/eventbridge.ts";
export * from "./tasks/glue.ts";
export * from "./tasks/http.ts";
export {
  CallAwsServiceCrossRegion,
  type CallAwsServiceCrossRegionProps,
  type CallAwsServiceOptions,
  LambdaInvocationType,
  LambdaInvoke,
  type LambdaInvokeProps,
} from "./tasks/lambda.ts";
export * from "./tasks/mediaconvert.ts";
export * from "./tasks/sagemaker.ts";
export * from "./tasks/sagemaker-types.ts";
export * from "./tasks/scheduler.ts";
export * from "./tasks/sns.ts";
export * from "./tasks/sqs.ts";
export * from "./tasks/step-functions.ts";
