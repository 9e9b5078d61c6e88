// The words of EMR's API, by the names the CDK gives them.

export const EmrClusterScaleDownBehavior = {
  TERMINATE_AT_INSTANCE_HOUR: "TERMINATE_AT_INSTANCE_HOUR",
  TERMINATE_AT_TASK_COMPLETION: "TERMINATE_AT_TASK_COMPLETION",
} as const;
export type EmrClusterScaleDownBehavior =
  (typeof EmrClusterScaleDownBehavior)[keyof typeof EmrClusterScaleDownBehavior];

export const InstanceRoleType = {
  MASTER: "MASTER",
  CORE: "CORE",
  TASK: "TASK",
} as const;
export type InstanceRoleType = (typeof InstanceRoleType)[keyof typeof InstanceRoleType];

export const EbsBlockDeviceVolumeType = {
  GP3: "gp3",
  GP2: "gp2",
  IO1: "io1",
  ST1: "st1",
  SC1: "sc1",
  STANDARD: "standard",
} as const;
export type EbsBlockDeviceVolumeType = (typeof EbsBlockDeviceVolumeType)[keyof typeof EbsBlockDeviceVolumeType];

export const OnDemandAllocationStrategy = {
  LOWEST_PRICE: "lowest-price",
  PRIORITIZED: "prioritized",
} as const;
export type OnDemandAllocationStrategy = (typeof OnDemandAllocationStrategy)[keyof typeof OnDemandAllocationStrategy];

export const SpotTimeoutAction = {
  SWITCH_TO_ON_DEMAND: "SWITCH_TO_ON_DEMAND",
  TERMINATE_CLUSTER: "TERMINATE_CLUSTER",
} as const;
export type SpotTimeoutAction = (typeof SpotTimeoutAction)[keyof typeof SpotTimeoutAction];

export const SpotAllocationStrategy = {
  CAPACITY_OPTIMIZED: "capacity-optimized",
  PRICE_CAPACITY_OPTIMIZED: "price-capacity-optimized",
  LOWEST_PRICE: "lowest-price",
  DIVERSIFIED: "diversified",
} as const;
export type SpotAllocationStrategy = (typeof SpotAllocationStrategy)[keyof typeof SpotAllocationStrategy];

export const CloudWatchAlarmComparisonOperator = {
  GREATER_THAN_OR_EQUAL: "GREATER_THAN_OR_EQUAL",
  GREATER_THAN: "GREATER_THAN",
  LESS_THAN: "LESS_THAN",
  LESS_THAN_OR_EQUAL: "LESS_THAN_OR_EQUAL",
} as const;
export type CloudWatchAlarmComparisonOperator =
  (typeof CloudWatchAlarmComparisonOperator)[keyof typeof CloudWatchAlarmComparisonOperator];

export const CloudWatchAlarmStatistic = {
  SAMPLE_COUNT: "SAMPLE_COUNT",
  AVERAGE: "AVERAGE",
  SUM: "SUM",
  MINIMUM: "MINIMUM",
  MAXIMUM: "MAXIMUM",
} as const;
export type CloudWatchAlarmStatistic = (typeof CloudWatchAlarmStatistic)[keyof typeof CloudWatchAlarmStatistic];

export const CloudWatchAlarmUnit = {
  NONE: "NONE",
  SECONDS: "SECONDS",
  MICRO_SECONDS: "MICRO_SECONDS",
  MILLI_SECONDS: "MILLI_SECONDS",
  BYTES: "BYTES",
  KILO_BYTES: "KILO_BYTES",
  MEGA_BYTES: "MEGA_BYTES",
  GIGA_BYTES: "GIGA_BYTES",
  TERA_BYTES: "TERA_BYTES",
  BITS: "BITS",
  KILO_BITS: "KILO_BITS",
  MEGA_BITS: "MEGA_BITS",
  GIGA_BITS: "GIGA_BITS",
  TERA_BITS: "TERA_BITS",
  PERCENT: "PERCENT",
  COUNT: "COUNT",
  BYTES_PER_SECOND: "BYTES_PER_SECOND",
  KILO_BYTES_PER_SECOND: "KILO_BYTES_PER_SECOND",
  MEGA_BYTES_PER_SECOND: "MEGA_BYTES_PER_SECOND",
  GIGA_BYTES_PER_SECOND: "GIGA_BYTES_PER_SECOND",
  TERA_BYTES_PER_SECOND: "TERA_BYTES_PER_SECOND",
  BITS_PER_SECOND: "BITS_PER_SECOND",
  KILO_BITS_PER_SECOND: "KILO_BITS_PER_SECOND",
  MEGA_BITS_PER_SECOND: "MEGA_BITS_PER_SECOND",
  GIGA_BITS_PER_SECOND: "GIGA_BITS_PER_SECOND",
  TERA_BITS_PER_SECOND: "TERA_BITS_PER_SECOND",
  COUNT_PER_SECOND: "COUNT_PER_SECOND",
} as const;
export type CloudWatchAlarmUnit = (typeof CloudWatchAlarmUnit)[keyof typeof CloudWatchAlarmUnit];

export const InstanceMarket = {
  ON_DEMAND: "ON_DEMAND",
  SPOT: "SPOT",
} as const;
export type InstanceMarket = (typeof InstanceMarket)[keyof typeof InstanceMarket];

export const ScalingAdjustmentType = {
  CHANGE_IN_CAPACITY: "CHANGE_IN_CAPACITY",
  PERCENT_CHANGE_IN_CAPACITY: "PERCENT_CHANGE_IN_CAPACITY",
  EXACT_CAPACITY: "EXACT_CAPACITY",
} as const;
export type ScalingAdjustmentType = (typeof ScalingAdjustmentType)[keyof typeof ScalingAdjustmentType];

export const ComputeLimitsUnitType = {
  INSTANCE_FLEET_UNITS: "InstanceFleetUnits",
  INSTANCES: "Instances",
  VCPU: "VCPU",
} as const;
export type ComputeLimitsUnitType = (typeof ComputeLimitsUnitType)[keyof typeof ComputeLimitsUnitType];

export const ActionOnFailure = {
  TERMINATE_CLUSTER: "TERMINATE_CLUSTER",
  CANCEL_AND_WAIT: "CANCEL_AND_WAIT",
  CONTINUE: "CONTINUE",
} as const;
export type ActionOnFailure = (typeof ActionOnFailure)[keyof typeof ActionOnFailure];
