/** aws-cdk-lib's modules as the cases name them: ours, and what only makes resources stood in for. */
import * as authoring from "@stepwell/authoring";
import type { Fixtures } from "./cdk-case.ts";

type Named = { readonly [name: string]: unknown };

/** A construct that only has to exist, and to be called by its name. */
class Resource extends authoring.Construct {
  protected get name(): string {
    return this.node.resourceName;
  }
  protected arn(service: string, resource: string): string {
    return authoring.Stack.of(this).arn(service, resource);
  }
}

class JobQueue extends Resource {
  get jobQueueArn(): string {
    return this.arn("batch", `job-queue/${this.name}`);
  }
}

class EcsJobDefinition extends Resource {
  get jobDefinitionArn(): string {
    return this.arn("batch", `job-definition/${this.name}:1`);
  }
}

class EcsCluster extends authoring.ecs.Cluster {
  hasEc2Capacity = false;
  addCapacity(): void {
    this.hasEc2Capacity = true;
  }
}

class EksCluster extends Resource {
  readonly clusterName: string;
  readonly clusterCertificateAuthorityData = "Q0VSVA==";
  constructor(scope: authoring.Construct, id: string, props: { readonly clusterName?: string } = {}) {
    super(scope, id);
    this.clusterName = props.clusterName ?? this.name;
  }
  get clusterEndpoint(): string {
    return `https://${this.clusterName}.gr7.us-east-1.eks.amazonaws.com`;
  }
}

function nothing(): void {}

const anyName: unknown = new Proxy({}, { get: (_, name) => String(name) });

export const MODULES: Named = {
  sfn: authoring.sfn,
  tasks: authoring.tasks,
  cdk: authoring.cdk,
  Construct: authoring.Construct,
  apigateway: authoring.apigateway,
  batch: { FargateComputeEnvironment: Resource, JobQueue, EcsJobDefinition, EcsFargateContainerDefinition: Resource },
  bedrock: authoring.bedrock,
  codebuild: authoring.codebuild,
  dynamodb: authoring.dynamodb,
  ec2: authoring.ec2,
  ecr: authoring.ecr,
  ecs: { ...authoring.ecs, Cluster: EcsCluster, ContainerImage: { fromRegistry: String } },
  eks: { Cluster: EksCluster, KubernetesVersion: anyName },
  KubectlV33Layer: Resource,
  events: authoring.events,
  iam: { ...authoring.iam, Effect: anyName },
  kms: authoring.kms,
  lambda: authoring.lambda,
  logs: authoring.logs,
  s3: authoring.s3,
  sns: authoring.sns,
  sqs: authoring.sqs,
  ACCOUNT: "123456789012",
  REGION: "us-east-1",
};

/** What `f` of a case offers, with the methods that cases call. */
export function fixturesOf(data: Fixtures): Named {
  const subnets = (ids: unknown) => (ids as readonly string[]).map((subnetId) => ({ subnetId }));
  const vpc = {
    ...data["vpc"],
    publicSubnets: subnets(data["vpc"]?.["publicSubnets"]),
    privateSubnets: subnets(data["vpc"]?.["privateSubnets"]),
  };
  const task = (name: string, fargate: boolean) => ({
    ...data[name],
    isFargateCompatible: fargate,
    isEc2Compatible: !fargate,
    networkMode: fargate ? "awsvpc" : "bridge",
  });
  const extended: Record<string, unknown> = {
    ...data,
    vpc,
    ecsCluster: { ...data["ecsCluster"], vpc, hasEc2Capacity: false },
    ec2TaskDef: task("ec2TaskDef", false),
    fargateTaskDef: task("fargateTaskDef", true),
    fifoTopic: { ...data["fifoTopic"], contentBasedDeduplication: false },
    activity: new authoring.Activity(new authoring.Stack(), String(data["activity"]?.["activityName"])),
    project: { ...data["project"], enableBatchBuilds: nothing },
  };
  for (const name of ["bucket", "outBucket", "encryptedBucket"]) {
    const arn = data[name]?.["bucketArn"];
    extended[name] = { ...data[name], arnForObjects: (pattern: string) => `${arn}/${pattern}` };
  }
  return extended;
}
