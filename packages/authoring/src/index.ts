export * from "./construct.ts";
export * from "./duration.ts";
export * from "./misuse.ts";
export * as apigateway from "./resources/apigateway.ts";
export * as bedrock from "./resources/bedrock.ts";
export * as cdk from "./resources/cdk.ts";
export * as codebuild from "./resources/codebuild.ts";
export * as dynamodb from "./resources/dynamodb.ts";
export * as ec2 from "./resources/ec2.ts";
export * as ecr from "./resources/ecr.ts";
export * as ecs from "./resources/ecs.ts";
export * as eks from "./resources/eks.ts";
export * as events from "./resources/events.ts";
export * as iam from "./resources/iam.ts";
export * as kms from "./resources/kms.ts";
export * as lambda from "./resources/lambda.ts";
export { fn } from "./resources/lambda.ts";
export * as logs from "./resources/logs.ts";
export * as s3 from "./resources/s3.ts";
export * as sns from "./resources/sns.ts";
export * as sqs from "./resources/sqs.ts";
export * from "./sfn.ts";
export * as sfn from "./sfn.ts";
export * from "./size.ts";
export * from "./tasks.ts";
export * as tasks from "./tasks.ts";
export {
  asNumber,
  asString,
  type Evaluated,
  type Expr,
  expr,
  type Ref,
  type Template,
  type Type,
  taskInput,
  type,
} from "./typed/expression.ts";
export {
  type CaughtError,
  type ContextData,
  defineStateMachine,
  type Flow,
  type FlowOptions,
  type Giving,
  type ResultData,
  type Step,
  type StepData,
  type Ways,
} from "./typed/flow.ts";
export { defineFunctions, type TypedFunction, type TypedReference, typedFunction } from "./typed/functions.ts";
export * from "./typed/operators.ts";
export { type AtPath, type Paths, paths } from "./typed/paths.ts";
