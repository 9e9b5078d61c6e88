import type { Construct } from "../construct.ts";
import { Misuse } from "../misuse.ts";
import type { IVpc } from "./ec2.ts";
import { NamedReference } from "./named-reference.ts";

export interface ICluster {
  readonly clusterArn: string;
  readonly clusterName?: string;
  /** False: there are no instances in it, only Fargate. */
  readonly hasEc2Capacity?: boolean;
  /** Where tasks with a network of their own are put. */
  readonly vpc?: IVpc;
}

export interface ContainerReference {
  readonly containerName: string;
}

export interface ITaskDefinition {
  readonly family: string;
  readonly taskDefinitionArn?: string;
  /** `awsvpc` gives each task a network interface; Fargate has nothing else. */
  readonly networkMode?: NetworkMode;
  readonly isFargateCompatible?: boolean;
  readonly isEc2Compatible?: boolean;
  readonly defaultContainer?: ContainerReference;
  /** All of them, where they are known: overrides must name one of these. */
  readonly containers?: readonly ContainerReference[];
}

export const Compatibility = {
  EC2: "EC2",
  FARGATE: "FARGATE",
  EC2_AND_FARGATE: "EC2_AND_FARGATE",
  EXTERNAL: "EXTERNAL",
} as const;
export type Compatibility = (typeof Compatibility)[keyof typeof Compatibility];

export const NetworkMode = { NONE: "none", BRIDGE: "bridge", AWS_VPC: "awsvpc", HOST: "host", NAT: "nat" } as const;
export type NetworkMode = (typeof NetworkMode)[keyof typeof NetworkMode];

export const FargatePlatformVersion = {
  LATEST: "LATEST",
  VERSION1_4: "1.4.0",
  VERSION1_3: "1.3.0",
  VERSION1_2: "1.2.0",
  VERSION1_1: "1.1.0",
  VERSION1_0: "1.0.0",
} as const;
export type FargatePlatformVersion = (typeof FargatePlatformVersion)[keyof typeof FargatePlatformVersion];

export const PropagatedTagSource = { SERVICE: "SERVICE", TASK_DEFINITION: "TASK_DEFINITION", NONE: "NONE" } as const;
export type PropagatedTagSource = (typeof PropagatedTagSource)[keyof typeof PropagatedTagSource];

/** A cluster that exists elsewhere. */
export class Cluster extends NamedReference implements ICluster {
  readonly vpc?: IVpc;

  constructor(scope: Construct, id: string, props: { readonly clusterName?: string; readonly vpc?: IVpc } = {}) {
    super(scope, id, props.clusterName);
    if (props.vpc !== undefined) this.vpc = props.vpc;
  }

  get clusterName(): string {
    return this.resourceName;
  }
  get clusterArn(): string {
    return this.stack.arn("ecs", `cluster/${this.clusterName}`);
  }
}

export interface TaskDefinitionProps {
  readonly family?: string;
  readonly compatibility: Compatibility;
  readonly networkMode?: NetworkMode;
}

/** A task definition that exists elsewhere. */
export class TaskDefinition extends NamedReference implements ITaskDefinition {
  readonly networkMode: NetworkMode;
  readonly isFargateCompatible: boolean;
  readonly isEc2Compatible: boolean;
  readonly containers: ContainerReference[] = [];
  defaultContainer?: ContainerReference;

  constructor(scope: Construct, id: string, props: TaskDefinitionProps) {
    super(scope, id, props.family);
    this.isFargateCompatible = props.compatibility === "FARGATE" || props.compatibility === "EC2_AND_FARGATE";
    this.isEc2Compatible = props.compatibility === "EC2" || props.compatibility === "EC2_AND_FARGATE";
    this.networkMode = props.networkMode ?? (this.isFargateCompatible ? NetworkMode.AWS_VPC : NetworkMode.BRIDGE);
  }

  get family(): string {
    return this.resourceName;
  }

  /** Names one of the containers; the first is the default. */
  addContainer(name: string, _props?: unknown): ContainerReference {
    const container = { containerName: name };
    this.defaultContainer ??= container;
    this.containers.push(container);
    return container;
  }
}

/** Where the tasks of a cluster may run. */
export class PlacementConstraint {
  static distinctInstances(): PlacementConstraint {
    return new PlacementConstraint([{ Type: "distinctInstance" }]);
  }
  static memberOf(...expressions: readonly string[]): PlacementConstraint {
    return new PlacementConstraint(expressions.map((expression) => ({ Type: "memberOf", Expression: expression })));
  }

  readonly #rules: readonly { Type: string; Expression?: string }[];

  private constructor(rules: readonly { Type: string; Expression?: string }[]) {
    this.#rules = rules;
  }

  render(): readonly { Type: string; Expression?: string }[] {
    return this.#rules;
  }
}

/** Which of the instances that may run a task runs it. */
export class PlacementStrategy {
  static spreadAcrossInstances(): PlacementStrategy {
    return PlacementStrategy.spreadAcross("instanceId");
  }
  static spreadAcross(...fields: readonly string[]): PlacementStrategy {
    if (fields.length === 0)
      throw new Misuse("PlacementStrategy", "spreadAcross: give at least one field to spread by");
    return new PlacementStrategy(fields.map((field) => ({ Type: "spread", Field: field })));
  }
  static packedByCpu(): PlacementStrategy {
    return PlacementStrategy.packedBy("CPU");
  }
  static packedByMemory(): PlacementStrategy {
    return PlacementStrategy.packedBy("MEMORY");
  }
  static packedBy(resource: "CPU" | "MEMORY"): PlacementStrategy {
    return new PlacementStrategy([{ Type: "binpack", Field: resource }]);
  }
  static randomly(): PlacementStrategy {
    return new PlacementStrategy([{ Type: "random" }]);
  }

  readonly #rules: readonly { Type: string; Field?: string }[];

  private constructor(rules: readonly { Type: string; Field?: string }[]) {
    this.#rules = rules;
  }

  render(): readonly { Type: string; Field?: string }[] {
    return this.#rules;
  }
}

export interface CapacityProviderStrategy {
  readonly capacityProvider: string;
  readonly base?: number;
  readonly weight?: number;
}
