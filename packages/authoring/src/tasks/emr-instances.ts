// The shapes of EMR's CreateCluster, and how they are written into a definition.
import type { Duration } from "../duration.ts";
import type { Fields } from "../fields/field-utils.ts";
import { Misuse } from "../misuse.ts";
import type { Size } from "../size.ts";
import { isDynamic, isOutside } from "./checks.ts";
import {
  type CloudWatchAlarmComparisonOperator,
  type CloudWatchAlarmStatistic,
  type CloudWatchAlarmUnit,
  type EbsBlockDeviceVolumeType,
  type InstanceMarket,
  InstanceRoleType,
  type OnDemandAllocationStrategy,
  type ScalingAdjustmentType,
  type SpotAllocationStrategy,
  type SpotTimeoutAction,
} from "./emr-enums.ts";

export interface ConfigurationProperty {
  readonly classification?: string;
  readonly properties?: { readonly [name: string]: string };
  readonly configurations?: readonly ConfigurationProperty[];
}
export interface EbsConfigurationProperty {
  readonly ebsBlockDeviceConfigs?: readonly {
    readonly volumeSpecification: {
      readonly iops?: number;
      readonly volumeSize: Size;
      readonly volumeType: EbsBlockDeviceVolumeType;
    };
    readonly volumesPerInstance?: number;
  }[];
  readonly ebsOptimized?: boolean;
}
export interface InstanceTypeConfigProperty {
  readonly bidPrice?: string;
  readonly bidPriceAsPercentageOfOnDemandPrice?: number;
  readonly configurations?: readonly ConfigurationProperty[];
  readonly ebsConfiguration?: EbsConfigurationProperty;
  readonly instanceType: string;
  readonly priority?: number;
  readonly weightedCapacity?: number;
}
export interface SpotProvisioningSpecificationProperty {
  readonly allocationStrategy?: SpotAllocationStrategy;
  readonly blockDurationMinutes?: number;
  readonly timeoutAction: SpotTimeoutAction;
  /** The older form of `timeout`. */
  readonly timeoutDurationMinutes?: number;
  /** 5 minutes to 1 day. */
  readonly timeout?: Duration;
}
export interface InstanceFleetConfigProperty {
  readonly instanceFleetType: InstanceRoleType;
  readonly instanceTypeConfigs?: readonly InstanceTypeConfigProperty[];
  readonly launchSpecifications?: {
    readonly onDemandSpecification?: { readonly allocationStrategy: OnDemandAllocationStrategy };
    readonly spotSpecification?: SpotProvisioningSpecificationProperty;
  };
  readonly name?: string;
  /** One of the two is above 0; of a master's just one, and it is 1. */
  readonly targetOnDemandCapacity?: number;
  readonly targetSpotCapacity?: number;
}
export interface ScalingRuleProperty {
  readonly action: {
    readonly market?: InstanceMarket;
    readonly simpleScalingPolicyConfiguration: {
      readonly adjustmentType?: ScalingAdjustmentType;
      readonly coolDown?: number;
      readonly scalingAdjustment: number;
    };
  };
  readonly description?: string;
  readonly name: string;
  readonly trigger: {
    readonly cloudWatchAlarmDefinition: {
      readonly comparisonOperator: CloudWatchAlarmComparisonOperator;
      readonly dimensions?: readonly { readonly key: string; readonly value: string }[];
      readonly evaluationPeriods?: number;
      readonly metricName: string;
      readonly namespace?: string;
      readonly period: Duration;
      readonly statistic?: CloudWatchAlarmStatistic;
      readonly threshold?: number;
      readonly unit?: CloudWatchAlarmUnit;
    };
  };
}
export interface AutoScalingPolicyProperty {
  readonly constraints: { readonly maxCapacity: number; readonly minCapacity: number };
  readonly rules: readonly ScalingRuleProperty[];
}
export interface InstanceGroupConfigProperty {
  readonly autoScalingPolicy?: AutoScalingPolicyProperty;
  readonly bidPrice?: string;
  readonly configurations?: readonly ConfigurationProperty[];
  readonly ebsConfiguration?: EbsConfigurationProperty;
  readonly instanceCount: number;
  readonly instanceRole: InstanceRoleType;
  readonly instanceType: string;
  readonly market?: InstanceMarket;
  readonly name?: string;
}
/** What a cluster runs on: fleets, groups, or a plain number of instances. */
export interface InstancesConfigProperty {
  readonly additionalMasterSecurityGroups?: readonly string[];
  readonly additionalSlaveSecurityGroups?: readonly string[];
  readonly ec2KeyName?: string;
  readonly ec2SubnetId?: string;
  readonly ec2SubnetIds?: readonly string[];
  readonly emrManagedMasterSecurityGroup?: string;
  readonly emrManagedSlaveSecurityGroup?: string;
  readonly hadoopVersion?: string;
  readonly instanceCount?: number;
  readonly instanceFleets?: readonly InstanceFleetConfigProperty[];
  readonly instanceGroups?: readonly InstanceGroupConfigProperty[];
  readonly masterInstanceType?: string;
  readonly placement?: { readonly availabilityZone?: string; readonly availabilityZones?: readonly string[] };
  readonly serviceAccessSecurityGroup?: string;
  readonly slaveInstanceType?: string;
  readonly terminationProtected?: boolean;
}

export function renderInstances(instances: InstancesConfigProperty): Fields {
  const { placement } = instances;
  return {
    AdditionalMasterSecurityGroups: instances.additionalMasterSecurityGroups,
    AdditionalSlaveSecurityGroups: instances.additionalSlaveSecurityGroups,
    Ec2KeyName: instances.ec2KeyName,
    Ec2SubnetId: instances.ec2SubnetId,
    Ec2SubnetIds: instances.ec2SubnetIds,
    EmrManagedMasterSecurityGroup: instances.emrManagedMasterSecurityGroup,
    EmrManagedSlaveSecurityGroup: instances.emrManagedSlaveSecurityGroup,
    HadoopVersion: instances.hadoopVersion,
    InstanceCount: instances.instanceCount,
    InstanceFleets: instances.instanceFleets?.map(renderFleet),
    InstanceGroups: instances.instanceGroups?.map(renderGroup),
    KeepJobFlowAliveWhenNoSteps: true,
    MasterInstanceType: instances.masterInstanceType,
    Placement:
      placement === undefined
        ? undefined
        : { AvailabilityZone: placement.availabilityZone, AvailabilityZones: placement.availabilityZones },
    ServiceAccessSecurityGroup: instances.serviceAccessSecurityGroup,
    SlaveInstanceType: instances.slaveInstanceType,
    TerminationProtected: instances.terminationProtected,
  };
}

export function renderConfiguration({ classification, properties, configurations }: ConfigurationProperty): Fields {
  return {
    Classification: classification,
    Properties: properties,
    Configurations: configurations?.map(renderConfiguration),
  };
}

function renderFleet(fleet: InstanceFleetConfigProperty): Fields {
  checkFleet(fleet);
  const launch = fleet.launchSpecifications;
  const onDemand = launch?.onDemandSpecification;
  return {
    InstanceFleetType: fleet.instanceFleetType,
    InstanceTypeConfigs: fleet.instanceTypeConfigs?.map(renderInstanceType),
    LaunchSpecifications:
      launch === undefined
        ? undefined
        : {
            OnDemandSpecification:
              onDemand === undefined ? undefined : { AllocationStrategy: onDemand.allocationStrategy },
            SpotSpecification:
              launch.spotSpecification === undefined ? undefined : renderSpot(launch.spotSpecification),
          },
    Name: fleet.name,
    TargetOnDemandCapacity: fleet.targetOnDemandCapacity,
    TargetSpotCapacity: fleet.targetSpotCapacity,
  };
}

function checkFleet({
  instanceFleetType,
  targetOnDemandCapacity,
  targetSpotCapacity,
}: InstanceFleetConfigProperty): void {
  if (isDynamic(targetOnDemandCapacity) || isDynamic(targetSpotCapacity)) return;
  const onDemand = targetOnDemandCapacity ?? 0;
  const spot = targetSpotCapacity ?? 0;
  if (onDemand <= 0 && spot <= 0) {
    throw new Misuse(
      "EmrCreateCluster",
      "At least one of targetSpotCapacity and targetOnDemandCapacity should be greater than 0",
    );
  }
  if (instanceFleetType === InstanceRoleType.MASTER && onDemand + spot !== 1) {
    throw new Misuse(
      "EmrCreateCluster",
      "For a master instance fleet, only one of targetSpotCapacity and targetOnDemandCapacity can be specified and its " +
        `value must be 1. Received: spot ${spot}, on-demand ${onDemand}`,
    );
  }
}

function renderInstanceType(type: InstanceTypeConfigProperty): Fields {
  if (type.bidPrice !== undefined && type.bidPriceAsPercentageOfOnDemandPrice !== undefined) {
    throw new Misuse("EmrCreateCluster", "Cannot specify both bidPrice and bidPriceAsPercentageOfOnDemandPrice");
  }
  return {
    BidPrice: type.bidPrice,
    BidPriceAsPercentageOfOnDemandPrice: type.bidPriceAsPercentageOfOnDemandPrice,
    Configurations: type.configurations?.map(renderConfiguration),
    EbsConfiguration: renderEbs(type.ebsConfiguration),
    InstanceType: type.instanceType,
    Priority: type.priority,
    WeightedCapacity: type.weightedCapacity,
  };
}

function renderSpot(spot: SpotProvisioningSpecificationProperty): Fields {
  const { timeout, timeoutDurationMinutes } = spot;
  if ((timeout === undefined) === (timeoutDurationMinutes === undefined)) {
    throw new Misuse("EmrCreateCluster", "one of timeout and timeoutDurationMinutes must be specified");
  }
  const minutes = timeout?.toMinutes() ?? timeoutDurationMinutes;
  if (isOutside(minutes, 5, 1_440)) {
    throw new Misuse("EmrCreateCluster", `timeout must be between 5 and 1440 minutes, got ${minutes} minutes.`);
  }
  return {
    AllocationStrategy: spot.allocationStrategy,
    BlockDurationMinutes: spot.blockDurationMinutes,
    TimeoutAction: spot.timeoutAction,
    TimeoutDurationMinutes: minutes,
  };
}

function renderEbs(ebs: EbsConfigurationProperty | undefined): Fields | undefined {
  if (ebs === undefined) return undefined;
  const devices = ebs.ebsBlockDeviceConfigs?.map(({ volumeSpecification: volume, volumesPerInstance }) => ({
    VolumeSpecification: {
      Iops: volume.iops,
      SizeInGB: volume.volumeSize.toGibibytes(),
      VolumeType: volume.volumeType,
    },
    VolumesPerInstance: volumesPerInstance,
  }));
  return { EbsBlockDeviceConfigs: devices, EbsOptimized: ebs.ebsOptimized };
}

function renderGroup(group: InstanceGroupConfigProperty): Fields {
  return {
    AutoScalingPolicy: renderScaling(group.autoScalingPolicy),
    BidPrice: group.bidPrice,
    Configurations: group.configurations?.map(renderConfiguration),
    EbsConfiguration: renderEbs(group.ebsConfiguration),
    InstanceCount: group.instanceCount,
    InstanceRole: group.instanceRole,
    InstanceType: group.instanceType,
    Market: group.market,
    Name: group.name,
  };
}

function renderScaling(policy: AutoScalingPolicyProperty | undefined): Fields | undefined {
  if (policy === undefined) return undefined;
  const { maxCapacity, minCapacity } = policy.constraints;
  return {
    Constraints: { MaxCapacity: maxCapacity, MinCapacity: minCapacity },
    Rules: policy.rules.map(renderRule),
  };
}

function renderRule({ action, description, name, trigger }: ScalingRuleProperty): Fields {
  const { adjustmentType, coolDown, scalingAdjustment } = action.simpleScalingPolicyConfiguration;
  const alarm = trigger.cloudWatchAlarmDefinition;
  return {
    Action: {
      Market: action.market,
      SimpleScalingPolicyConfiguration: {
        AdjustmentType: adjustmentType,
        CoolDown: coolDown,
        ScalingAdjustment: scalingAdjustment,
      },
    },
    Description: description,
    Name: name,
    Trigger: {
      CloudWatchAlarmDefinition: {
        ComparisonOperator: alarm.comparisonOperator,
        Dimensions: alarm.dimensions?.map(({ key, value }) => ({ Key: key, Value: value })),
        EvaluationPeriods: alarm.evaluationPeriods,
        MetricName: alarm.metricName,
        Namespace: alarm.namespace,
        Period: alarm.period.toSeconds(),
        Statistic: alarm.statistic,
        Threshold: alarm.threshold,
        Unit: alarm.unit,
      },
    },
  };
}
