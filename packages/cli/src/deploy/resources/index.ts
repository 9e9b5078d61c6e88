import { bucket } from "./bucket.ts";
import { bucketDeployment } from "./bucket-deployment.ts";
import { table } from "./dynamodb-table.ts";
import { eventBus, secret, ssmParameter } from "./events-and-secrets.ts";
import { lambdaFunction } from "./lambda-function.ts";
import { lambdaAlias, lambdaVersion } from "./lambda-names.ts";
import { queue, subscription, topic } from "./queues-and-topics.ts";
import { recordedKinds } from "./recorded-types.ts";
import type { ResourceKind } from "./resource-kind.ts";
import { rule, schedule } from "./rules-and-schedules.ts";
import { stateMachine } from "./state-machine.ts";
import { activity, stateMachineAlias, stateMachineVersion } from "./state-machine-names.ts";

/** By type. A type that is not here is refused by name. */
export const RESOURCE_KINDS: ReadonlyMap<string, ResourceKind> = new Map([
  ...recordedKinds(),
  ["AWS::StepFunctions::StateMachine", stateMachine],
  ["AWS::StepFunctions::StateMachineVersion", stateMachineVersion],
  ["AWS::StepFunctions::StateMachineAlias", stateMachineAlias],
  ["AWS::StepFunctions::Activity", activity],
  ["AWS::Lambda::Function", lambdaFunction],
  ["AWS::Lambda::Version", lambdaVersion],
  ["AWS::Lambda::Alias", lambdaAlias],
  ["AWS::SQS::Queue", queue],
  ["AWS::SNS::Topic", topic],
  ["AWS::SNS::Subscription", subscription],
  ["AWS::DynamoDB::Table", table],
  ["AWS::S3::Bucket", bucket],
  ["Custom::CDKBucketDeployment", bucketDeployment],
  ["AWS::Events::EventBus", eventBus],
  ["AWS::Events::Rule", rule],
  ["AWS::Scheduler::Schedule", schedule],
  ["AWS::SSM::Parameter", ssmParameter],
  ["AWS::SecretsManager::Secret", secret],
]);
