import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import { Misuse } from "../misuse.ts";
import type { ISecurityGroup, SubnetSelection } from "../resources/ec2.ts";
import { SecurityGroup, SubnetType, selectSubnetIds } from "../resources/ec2.ts";
import {
  type CapacityProviderStrategy,
  type ContainerReference,
  type FargatePlatformVersion,
  type ICluster,
  type ITaskDefinition,
  NetworkMode,
  type PlacementConstraint,
  type PlacementStrategy,
  type PropagatedTagSource,
} from "../resources/ecs.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import { hasWrongLength, isDynamic } from "./checks.ts";

export interface TaskEnvironmentVariable {
  readonly name: string;
  readonly value: string;
}
export interface ContainerOverride {
  readonly containerDefinition: ContainerReference;
  readonly command?: readonly string[];
  readonly environment?: readonly TaskEnvironmentVariable[];
  readonly cpu?: number;
  /** MiB. */
  readonly memoryLimit?: number;
  /** MiB. */
  readonly memoryReservation?: number;
}

/** Where tasks run: on Fargate or on instances of one's own. */
export interface IEcsLaunchTarget {
  bind(taskDefinition: ITaskDefinition, cluster: ICluster): Fields;
}

/** Which capacity providers run the task. */
export class CapacityProviderOptions {
  /** 1 to 20. */
  static custom(strategy: readonly CapacityProviderStrategy[]): CapacityProviderOptions {
    if (hasWrongLength(strategy, 1, 20)) {
      throw new Misuse(
        "CapacityProviderOptions",
        `between 1 and 20 capacity providers must be given, got ${strategy.length}`,
      );
    }
    return new CapacityProviderOptions(strategy);
  }
  /** The cluster's own strategy. */
  static default(): CapacityProviderOptions {
    return new CapacityProviderOptions([]);
  }

  readonly #strategy: readonly CapacityProviderStrategy[];

  private constructor(strategy: readonly CapacityProviderStrategy[]) {
    this.#strategy = strategy;
  }

  render(): Fields {
    const strategy = this.#strategy.map(({ capacityProvider, base, weight }) => ({
      CapacityProvider: capacityProvider,
      Base: base,
      Weight: weight,
    }));
    return { CapacityProviderStrategy: strategy.length === 0 ? undefined : strategy };
  }
}

export interface EcsFargateLaunchTargetOptions {
  readonly platformVersion?: FargatePlatformVersion;
  readonly capacityProviderOptions?: CapacityProviderOptions;
}

export class EcsFargateLaunchTarget implements IEcsLaunchTarget {
  readonly #options: EcsFargateLaunchTargetOptions;

  constructor(options: EcsFargateLaunchTargetOptions = {}) {
    this.#options = options;
  }

  bind(taskDefinition: ITaskDefinition): Fields {
    if (taskDefinition.isFargateCompatible === false) {
      throw new Misuse("EcsFargateLaunchTarget", "Supplied TaskDefinition is not compatible with Fargate");
    }
    const { capacityProviderOptions, platformVersion } = this.#options;
    return { ...(capacityProviderOptions?.render() ?? { LaunchType: "FARGATE" }), PlatformVersion: platformVersion };
  }
}

export interface EcsEc2LaunchTargetOptions {
  readonly placementConstraints?: readonly PlacementConstraint[];
  readonly placementStrategies?: readonly PlacementStrategy[];
  readonly capacityProviderOptions?: CapacityProviderOptions;
}

export class EcsEc2LaunchTarget implements IEcsLaunchTarget {
  readonly #options: EcsEc2LaunchTargetOptions;

  constructor(options: EcsEc2LaunchTargetOptions = {}) {
    this.#options = options;
  }

  bind(taskDefinition: ITaskDefinition, cluster: ICluster): Fields {
    if (taskDefinition.isEc2Compatible === false) {
      throw new Misuse("EcsEc2LaunchTarget", "Supplied TaskDefinition is not compatible with EC2");
    }
    if (cluster.hasEc2Capacity === false) {
      throw new Misuse("EcsEc2LaunchTarget", "Cluster for this service needs Ec2 capacity.");
    }
    const { capacityProviderOptions, placementConstraints = [], placementStrategies = [] } = this.#options;
    const constraints = placementConstraints.flatMap((constraint) => constraint.render());
    const strategies = placementStrategies.flatMap((strategy) => strategy.render());
    return {
      ...(capacityProviderOptions?.render() ?? { LaunchType: "EC2" }),
      PlacementConstraints: constraints.length === 0 ? undefined : constraints,
      PlacementStrategy: strategies.length === 0 ? undefined : strategies,
    };
  }
}

export interface EcsRunTaskProps extends TaskStateBaseProps {
  readonly cluster: ICluster;
  readonly taskDefinition: ITaskDefinition;
  /** The latest unless said otherwise. */
  readonly revisionNumber?: number;
  readonly containerOverrides?: readonly ContainerOverride[];
  /** Public ones with `assignPublicIp`, private ones otherwise. */
  readonly subnets?: SubnetSelection;
  /** One named by this construct's path unless given. */
  readonly securityGroups?: readonly ISecurityGroup[];
  readonly assignPublicIp?: boolean;
  readonly launchTarget: IEcsLaunchTarget;
  readonly propagatedTagSource?: PropagatedTagSource;
  readonly enableExecuteCommand?: boolean;
  readonly cpu?: string;
  readonly memoryMiB?: string;
}

/** Runs a task of containers. */
export class EcsRunTask extends TaskStateBase {
  readonly #props: EcsRunTaskProps;
  readonly #pattern: IntegrationPattern;
  readonly #network: Fields | undefined;
  readonly #target: Fields;

  constructor(scope: Construct, id: string, props: EcsRunTaskProps) {
    super(scope, id, props);
    this.#props = props;
    const { REQUEST_RESPONSE, RUN_JOB, WAIT_FOR_TASK_TOKEN } = IntegrationPattern;
    this.#pattern = this.pattern(REQUEST_RESPONSE, RUN_JOB, WAIT_FOR_TASK_TOKEN);
    const environments = props.containerOverrides?.map(({ environment }) => environment);
    const message = "Task Token is required in at least one `containerOverrides.environment` for callback.";
    this.requireTaskToken(this.#pattern, environments, message);
    for (const finding of checkContainers(props)) throw this.misuse(finding);
    this.#network = this.#networkOf(props);
    try {
      this.#target = props.launchTarget.bind(props.taskDefinition, props.cluster);
    } catch (error) {
      throw error instanceof Misuse ? this.misuse(error.message) : error;
    }
  }

  protected renderCall(): TaskCall {
    const { cluster, taskDefinition, revisionNumber, propagatedTagSource, enableExecuteCommand } = this.#props;
    const { family } = taskDefinition;
    return {
      resource: integrationResourceArn("ecs", "runTask", this.#pattern),
      parameters: {
        Cluster: cluster.clusterArn,
        TaskDefinition: revisionNumber === undefined ? family : `${family}:${revisionNumber}`,
        NetworkConfiguration: this.#network,
        Overrides: renderOverrides(this.#props),
        PropagateTags: propagatedTagSource,
        EnableExecuteCommand: enableExecuteCommand,
        ...this.#target,
      },
    };
  }

  #networkOf({
    taskDefinition,
    cluster,
    subnets,
    securityGroups,
    assignPublicIp,
  }: EcsRunTaskProps): Fields | undefined {
    const { networkMode = NetworkMode.AWS_VPC } = taskDefinition;
    if (networkMode !== NetworkMode.AWS_VPC) {
      if (subnets === undefined && securityGroups === undefined) return undefined;
      throw this.misuse(
        `Supplied TaskDefinition must have 'networkMode' of 'AWS_VPC' to use 'vpcSubnets' and 'securityGroup'. Received: ${networkMode}`,
      );
    }
    if (cluster.vpc === undefined) return undefined;
    const wanted = subnets ?? (assignPublicIp === true ? { subnetType: SubnetType.PUBLIC } : undefined);
    const groups = securityGroups ?? [new SecurityGroup(this, "SecurityGroup")];
    return {
      AwsvpcConfiguration: {
        // DISABLED is what ECS takes anyway.
        AssignPublicIp: assignPublicIp === true ? "ENABLED" : undefined,
        Subnets: selectSubnetIds(cluster.vpc, wanted),
        SecurityGroups: groups.map(({ securityGroupId }) => securityGroupId),
      },
    };
  }
}

function checkContainers({
  taskDefinition: { containers },
  containerOverrides = [],
}: EcsRunTaskProps): readonly string[] {
  if (containers === undefined) return [];
  if (containers.length === 0) return ["A TaskDefinition must have at least one essential container"];
  const known = new Set(containers.map(({ containerName }) => containerName));
  return containerOverrides
    .map(({ containerDefinition }) => containerDefinition.containerName)
    .filter((name) => !isDynamic(name) && !known.has(name))
    .map((name) => `Overrides mention container with name '${name}', but no such container in task definition`);
}

function renderOverrides({ cpu, memoryMiB, containerOverrides = [] }: EcsRunTaskProps): Fields | undefined {
  const containers = containerOverrides.map((override) => ({
    Name: override.containerDefinition.containerName,
    Command: override.command,
    Cpu: override.cpu,
    Memory: override.memoryLimit,
    MemoryReservation: override.memoryReservation,
    Environment: override.environment?.map(({ name, value }) => ({ Name: name, Value: value })),
  }));
  if (containers.length === 0 && cpu === undefined && memoryMiB === undefined) return undefined;
  return { ContainerOverrides: containers.length === 0 ? undefined : containers, Cpu: cpu, Memory: memoryMiB };
}
