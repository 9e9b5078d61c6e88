/**
 * Resources that nothing here makes: they get a stable name and ARN, so that what refers to them can be resolved. What will
 * be missed is said, where something is.
 */
import type { Json } from "@stepwell/core";
import type { PlannedResource, ResourceKind } from "./resource-kind.ts";

interface RecordedType {
  /** The property that holds its name. */
  readonly nameFrom?: string;
  /** `{name}`, `{region}`, `{account}`, `{partition}` stand for values. */
  readonly arn: string;
  /** What `Ref` gives; the name unless said otherwise. */
  readonly ref?: "arn";
  /** Attributes whose value is the name (or the ARN) under another name. */
  readonly names?: readonly string[];
  readonly arns?: readonly string[];
  /** Attributes that are addresses: none of them is answered. */
  readonly urls?: readonly string[];
  readonly warning?: string;
}

const REGIONAL = "{region}:{account}";
const iam = (path: string): string => `arn:{partition}:iam::{account}:${path}/{name}`;
const arnOf = (service: string, path: string): string => `arn:{partition}:${service}:${REGIONAL}:${path}`;

const NOT_RUN = "is not run here: tasks that use it need an endpoint, or a mock under tasks: in stepwell.yaml";

const RECORDED: Readonly<Record<string, RecordedType>> = {
  "AWS::IAM::Role": { nameFrom: "RoleName", arn: iam("role"), names: ["RoleId"] },
  "AWS::IAM::User": { nameFrom: "UserName", arn: iam("user") },
  "AWS::IAM::Group": { nameFrom: "GroupName", arn: iam("group") },
  "AWS::IAM::InstanceProfile": { nameFrom: "InstanceProfileName", arn: iam("instance-profile") },
  "AWS::IAM::ManagedPolicy": { nameFrom: "ManagedPolicyName", arn: iam("policy"), ref: "arn", arns: ["PolicyArn"] },
  "AWS::IAM::Policy": { nameFrom: "PolicyName", arn: iam("policy"), names: ["Id"] },
  "AWS::Logs::LogGroup": { nameFrom: "LogGroupName", arn: arnOf("logs", "log-group:{name}:*") },
  "AWS::KMS::Key": { arn: arnOf("kms", "key/{name}"), names: ["KeyId"], warning: "nothing is encrypted with it" },
  "AWS::KMS::Alias": { nameFrom: "AliasName", arn: arnOf("kms", "{name}") },
  "AWS::Events::Connection": {
    nameFrom: "Name",
    arn: arnOf("events", "connection/{name}"),
    warning: "HTTP tasks need its credentials under connections: in stepwell.yaml",
  },
  "AWS::Events::ApiDestination": { nameFrom: "Name", arn: arnOf("events", "api-destination/{name}") },
  "AWS::Events::Archive": {
    nameFrom: "ArchiveName",
    arn: arnOf("events", "archive/{name}"),
    warning: "nothing is kept",
  },
  "AWS::Scheduler::ScheduleGroup": { nameFrom: "Name", arn: arnOf("scheduler", "schedule-group/{name}") },
  "AWS::Pipes::Pipe": { nameFrom: "Name", arn: arnOf("pipes", "pipe/{name}"), warning: "it starts nothing here" },
  "AWS::Lambda::EventSourceMapping": {
    arn: arnOf("lambda", "event-source-mapping:{name}"),
    names: ["Id"],
    warning: "no function is called for it",
  },
  "AWS::Lambda::LayerVersion": {
    nameFrom: "LayerName",
    arn: arnOf("lambda", "layer:{name}:1"),
    ref: "arn",
    arns: ["LayerVersionArn"],
  },
  "AWS::Lambda::Url": {
    arn: arnOf("lambda", "function:{name}"),
    ref: "arn",
    arns: ["FunctionArn"],
    urls: ["FunctionUrl"],
    warning: "it is not listened on here",
  },
  "AWS::Lambda::CodeSigningConfig": { arn: arnOf("lambda", "code-signing-config:{name}"), ref: "arn" },
  "AWS::ApiGateway::RestApi": {
    arn: "arn:{partition}:apigateway:{region}::/restapis/{name}",
    names: ["RestApiId", "RootResourceId"],
    warning: "no request is answered here",
  },
  "AWS::ApiGateway::Stage": { nameFrom: "StageName", arn: "arn:{partition}:apigateway:{region}::/stages/{name}" },
  "AWS::ApiGateway::Resource": { arn: "arn:{partition}:apigateway:{region}::/resources/{name}", names: ["ResourceId"] },
  "AWS::ApiGateway::Deployment": {
    arn: "arn:{partition}:apigateway:{region}::/deployments/{name}",
    names: ["DeploymentId"],
  },
  "AWS::ApiGatewayV2::Api": {
    arn: "arn:{partition}:apigateway:{region}::/apis/{name}",
    names: ["ApiId"],
    urls: ["ApiEndpoint"],
    warning: "no request is answered here",
  },
  "AWS::ApiGatewayV2::Stage": { nameFrom: "StageName", arn: "arn:{partition}:apigateway:{region}::/stages/{name}" },
  "AWS::ApiGatewayV2::Integration": {
    arn: "arn:{partition}:apigateway:{region}::/integrations/{name}",
    names: ["IntegrationId"],
  },
  "AWS::ApiGatewayV2::Route": { arn: "arn:{partition}:apigateway:{region}::/routes/{name}", names: ["RouteId"] },
  "AWS::CloudWatch::Alarm": {
    nameFrom: "AlarmName",
    arn: arnOf("cloudwatch", "alarm:{name}"),
    warning: "it watches nothing here",
  },
  "AWS::CloudWatch::Dashboard": { nameFrom: "DashboardName", arn: arnOf("cloudwatch", "dashboard/{name}") },
  "AWS::EC2::VPC": { arn: arnOf("ec2", "vpc/{name}"), names: ["VpcId", "DefaultSecurityGroup", "CidrBlock"] },
  "AWS::EC2::Subnet": { arn: arnOf("ec2", "subnet/{name}"), names: ["SubnetId", "AvailabilityZone"] },
  "AWS::EC2::SecurityGroup": { arn: arnOf("ec2", "security-group/{name}"), names: ["GroupId", "VpcId"] },
  "AWS::ECS::Cluster": { nameFrom: "ClusterName", arn: arnOf("ecs", "cluster/{name}"), warning: NOT_RUN },
  "AWS::ECS::TaskDefinition": {
    nameFrom: "Family",
    arn: arnOf("ecs", "task-definition/{name}:1"),
    ref: "arn",
    warning: NOT_RUN,
  },
  "AWS::Batch::JobQueue": {
    nameFrom: "JobQueueName",
    arn: arnOf("batch", "job-queue/{name}"),
    ref: "arn",
    arns: ["JobQueueArn"],
    warning: NOT_RUN,
  },
  "AWS::Batch::JobDefinition": {
    nameFrom: "JobDefinitionName",
    arn: arnOf("batch", "job-definition/{name}:1"),
    ref: "arn",
    warning: NOT_RUN,
  },
  "AWS::Batch::ComputeEnvironment": {
    arn: arnOf("batch", "compute-environment/{name}"),
    ref: "arn",
    arns: ["ComputeEnvironmentArn"],
  },
  "AWS::CodeBuild::Project": { nameFrom: "Name", arn: arnOf("codebuild", "project/{name}"), warning: NOT_RUN },
  "AWS::Glue::Job": { nameFrom: "Name", arn: arnOf("glue", "job/{name}"), warning: NOT_RUN },
  "AWS::Glue::Database": { arn: arnOf("glue", "database/{name}"), warning: NOT_RUN },
  "AWS::Glue::Crawler": { nameFrom: "Name", arn: arnOf("glue", "crawler/{name}"), warning: NOT_RUN },
  "AWS::Athena::WorkGroup": { nameFrom: "Name", arn: arnOf("athena", "workgroup/{name}"), warning: NOT_RUN },
  "AWS::Kinesis::Stream": { nameFrom: "Name", arn: arnOf("kinesis", "stream/{name}"), warning: NOT_RUN },
  "AWS::KinesisFirehose::DeliveryStream": {
    nameFrom: "DeliveryStreamName",
    arn: arnOf("firehose", "deliverystream/{name}"),
    warning: NOT_RUN,
  },
  "AWS::SageMaker::Model": { nameFrom: "ModelName", arn: arnOf("sagemaker", "model/{name}"), warning: NOT_RUN },
  "AWS::ECR::Repository": {
    nameFrom: "RepositoryName",
    arn: arnOf("ecr", "repository/{name}"),
    names: ["RepositoryUri"],
  },
};

/** What only grants rights, or says something about other resources: nothing refers to it, and nothing is missed. */
const PASSED_OVER: readonly string[] = [
  "AWS::ApiGateway::Account",
  "AWS::ApiGateway::GatewayResponse",
  "AWS::ApiGateway::Method",
  "AWS::ApiGateway::Model",
  "AWS::ApiGateway::RequestValidator",
  "AWS::CDK::Metadata",
  "AWS::CloudFormation::WaitConditionHandle",
  "AWS::Events::EventBusPolicy",
  "AWS::IAM::RolePolicy",
  "AWS::IAM::UserPolicy",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::LayerVersionPermission",
  "AWS::Lambda::Permission",
  "AWS::Logs::LogStream",
  "AWS::Logs::MetricFilter",
  "AWS::Logs::ResourcePolicy",
  "AWS::Logs::SubscriptionFilter",
  "AWS::S3::BucketPolicy",
  "AWS::SecretsManager::ResourcePolicy",
  "AWS::SNS::TopicPolicy",
  "AWS::SQS::QueuePolicy",
  "Custom::LogRetention",
  "Custom::S3AutoDeleteObjects",
  "Custom::VpcRestrictDefaultSG",
];

const WARNINGS: Readonly<Record<string, string>> = {
  "AWS::Lambda::EventInvokeConfig": "destinations of asynchronous calls are not served here",
};

export function recordedKinds(): ReadonlyMap<string, ResourceKind> {
  const recorded = Object.entries(RECORDED).map(([type, rule]) => [type, recordedKind(rule)] as const);
  const passed = PASSED_OVER.map((type) => [type, passedOverKind(WARNINGS[type])] as const);
  return new Map([...recorded, ...passed]);
}

/** For types that the one who deploys has said shall be no more than a name (`--name-only`). */
export const nameOnlyKind: ResourceKind = {
  ...recordedKind({
    arn: "arn:{partition}:stepwell:{region}:{account}:{name}",
    warning: "it is no more than a name, as --name-only says",
  }),
  ignoresProperties: true,
};

/** Custom resources: what their functions would make is not known, so a value of one that is asked for is a problem. */
export const customKind: ResourceKind = {
  ...passedOverKind("its function is not called, and nothing is made for it"),
  ignoresProperties: true,
};

export function isCustom(type: string): boolean {
  return type.startsWith("Custom::") || type === "AWS::CloudFormation::CustomResource";
}

function recordedKind(rule: RecordedType): ResourceKind {
  return {
    takesValues: false,
    plan(context): PlannedResource {
      const { identity, declaration, properties } = context;
      const given = rule.nameFrom === undefined ? undefined : properties[rule.nameFrom];
      const name = context.name(given, { lengthMax: NAME_LENGTH_MAX });
      if (rule.warning !== undefined) context.warn(`${declaration.logicalId} (${declaration.type}): ${rule.warning}`);
      const values: Readonly<Record<string, string>> = {
        partition: identity.partition,
        region: identity.region,
        account: identity.accountId,
        name,
      };
      const arn = rule.arn.replace(/\{(\w+)\}/g, (_whole, key: string) => values[key] ?? "");
      const attributes: Record<string, Json> = { Arn: arn, Name: name };
      for (const attribute of rule.names ?? []) attributes[attribute] = name;
      for (const attribute of rule.arns ?? []) attributes[attribute] = arn;
      // The top level domain that never resolves (RFC 6761).
      for (const attribute of rule.urls ?? []) attributes[attribute] = `https://${name.toLowerCase()}.invalid/`;
      return {
        physicalId: name,
        reference: rule.ref === "arn" ? arn : name,
        attributes,
        desired: { name },
        where: "a name only",
      };
    },
  };
}

const NAME_LENGTH_MAX = 255;

function passedOverKind(warning: string | undefined): ResourceKind {
  return {
    takesValues: false,
    plan(context): PlannedResource {
      const { stackName, declaration } = context;
      if (warning !== undefined) context.warn(`${declaration.logicalId} (${declaration.type}): ${warning}`);
      const name = `${stackName}-${declaration.logicalId}`;
      return { physicalId: name, reference: name, attributes: {}, desired: {}, where: "passed over" };
    },
  };
}
