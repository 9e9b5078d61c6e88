import type { Construct } from "../construct.ts";
import type { Duration } from "../duration.ts";
import type { Fields } from "../fields/field-utils.ts";
import { Misuse } from "../misuse.ts";
import { type IRole, Role } from "../resources/iam.ts";
import type { Size } from "../size.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import { isDynamic, isOutside, keyValues } from "./checks.ts";
import * as words from "./emr-enums.ts";
import {
  type ConfigurationProperty,
  type InstancesConfigProperty,
  renderConfiguration,
  renderInstances,
} from "./emr-instances.ts";

export interface ApplicationConfigProperty {
  readonly additionalInfo?: { readonly [name: string]: string };
  readonly args?: readonly string[];
  readonly name: string;
  readonly version?: string;
}
export interface BootstrapActionConfigProperty {
  readonly name: string;
  readonly scriptBootstrapAction: { readonly path: string; readonly args?: readonly string[] };
}
export interface KerberosAttributesProperty {
  readonly adDomainJoinPassword?: string;
  readonly adDomainJoinUser?: string;
  readonly crossRealmTrustPrincipalPassword?: string;
  readonly kdcAdminPassword?: string;
  readonly realm: string;
}
export interface ManagedScalingPolicyProperty {
  readonly computeLimits?: {
    readonly unitType: words.ComputeLimitsUnitType;
    readonly minimumCapacityUnits: number;
    readonly maximumCapacityUnits: number;
    readonly maximumOnDemandCapacityUnits?: number;
    readonly maximumCoreCapacityUnits?: number;
  };
}
export interface EmrCreateClusterProps extends TaskStateBaseProps {
  readonly instances: InstancesConfigProperty;
  /** This role and the next two are named by this construct's path unless given. */
  readonly clusterRole?: IRole;
  readonly serviceRole?: IRole;
  /** Not with fleets. */
  readonly autoScalingRole?: IRole;
  readonly name: string;
  readonly additionalInfo?: string;
  readonly applications?: readonly ApplicationConfigProperty[];
  readonly bootstrapActions?: readonly BootstrapActionConfigProperty[];
  readonly configurations?: readonly ConfigurationProperty[];
  readonly customAmiId?: string;
  readonly ebsRootVolumeSize?: Size;
  /** 3,000 to 16,000. */
  readonly ebsRootVolumeIops?: number;
  /** 125 to 1,000. */
  readonly ebsRootVolumeThroughput?: number;
  readonly kerberosAttributes?: KerberosAttributesProperty;
  readonly logUri?: string;
  readonly managedScalingPolicy?: ManagedScalingPolicyProperty;
  readonly releaseLabel?: string;
  readonly scaleDownBehavior?: words.EmrClusterScaleDownBehavior;
  readonly securityConfiguration?: string;
  /** 1 to 256; above 1 from release 5.28.0 on. */
  readonly stepConcurrencyLevel?: number;
  readonly tags?: { readonly [key: string]: string };
  /** True unless said otherwise. */
  readonly visibleToAllUsers?: boolean;
  /** 1 minute to 7 days. */
  readonly autoTerminationPolicyIdleTimeout?: Duration;
}

// Asked for by the policies AWS keeps for EMR; the CDK adds it to every cluster.
const MANAGED_POLICY_TAG = { "for-use-with-amazon-emr-managed-policies": "true" };

/** Starts a cluster. */
export class EmrCreateCluster extends TaskStateBase {
  static readonly EmrClusterScaleDownBehavior: typeof words.EmrClusterScaleDownBehavior =
    words.EmrClusterScaleDownBehavior;
  static readonly InstanceRoleType: typeof words.InstanceRoleType = words.InstanceRoleType;
  static readonly EbsBlockDeviceVolumeType: typeof words.EbsBlockDeviceVolumeType = words.EbsBlockDeviceVolumeType;
  static readonly OnDemandAllocationStrategy: typeof words.OnDemandAllocationStrategy =
    words.OnDemandAllocationStrategy;
  static readonly SpotTimeoutAction: typeof words.SpotTimeoutAction = words.SpotTimeoutAction;
  static readonly SpotAllocationStrategy: typeof words.SpotAllocationStrategy = words.SpotAllocationStrategy;
  static readonly CloudWatchAlarmComparisonOperator: typeof words.CloudWatchAlarmComparisonOperator =
    words.CloudWatchAlarmComparisonOperator;
  static readonly CloudWatchAlarmStatistic: typeof words.CloudWatchAlarmStatistic = words.CloudWatchAlarmStatistic;
  static readonly CloudWatchAlarmUnit: typeof words.CloudWatchAlarmUnit = words.CloudWatchAlarmUnit;
  static readonly InstanceMarket: typeof words.InstanceMarket = words.InstanceMarket;
  static readonly ScalingAdjustmentType: typeof words.ScalingAdjustmentType = words.ScalingAdjustmentType;
  static readonly ComputeLimitsUnitType: typeof words.ComputeLimitsUnitType = words.ComputeLimitsUnitType;

  readonly serviceRole: IRole;
  readonly clusterRole: IRole;
  readonly autoScalingRole: IRole | undefined;
  readonly #props: EmrCreateClusterProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: EmrCreateClusterProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.RUN_JOB, IntegrationPattern.REQUEST_RESPONSE);
    for (const finding of checkCluster(props)) throw this.misuse(finding);
    this.serviceRole = props.serviceRole ?? new Role(this, "ServiceRole");
    this.clusterRole = props.clusterRole ?? new Role(this, "InstanceRole");
    this.autoScalingRole = hasFleets(props) ? undefined : (props.autoScalingRole ?? new Role(this, "AutoScalingRole"));
    // What is wrong with the instances is told where they are written, not when the definition is asked for.
    try {
      renderInstances(props.instances);
    } catch (error) {
      throw error instanceof Misuse ? this.misuse(error.message) : error;
    }
  }

  protected renderCall(): TaskCall {
    const props = this.#props;
    return {
      resource: integrationResourceArn("elasticmapreduce", "createCluster", this.#pattern),
      parameters: {
        Instances: renderInstances(props.instances),
        JobFlowRole: this.clusterRole.roleName,
        Name: props.name,
        ServiceRole: this.serviceRole.roleName,
        AdditionalInfo: props.additionalInfo,
        Applications: props.applications?.map(renderApplication),
        AutoScalingRole: this.autoScalingRole?.roleName,
        BootstrapActions: props.bootstrapActions?.map(renderBootstrap),
        Configurations: props.configurations?.map(renderConfiguration),
        CustomAmiId: props.customAmiId,
        EbsRootVolumeSize: props.ebsRootVolumeSize?.toGibibytes(),
        EbsRootVolumeIops: props.ebsRootVolumeIops,
        EbsRootVolumeThroughput: props.ebsRootVolumeThroughput,
        KerberosAttributes: renderKerberos(props.kerberosAttributes),
        LogUri: props.logUri,
        ManagedScalingPolicy: renderManagedScaling(props.managedScalingPolicy),
        ReleaseLabel: props.releaseLabel,
        ScaleDownBehavior: props.scaleDownBehavior,
        SecurityConfiguration: props.securityConfiguration,
        StepConcurrencyLevel: props.stepConcurrencyLevel,
        Tags: keyValues({ ...props.tags, ...MANAGED_POLICY_TAG }),
        VisibleToAllUsers: props.visibleToAllUsers ?? true,
        AutoTerminationPolicy:
          props.autoTerminationPolicyIdleTimeout === undefined
            ? undefined
            : { IdleTimeout: props.autoTerminationPolicyIdleTimeout.toSeconds() },
      },
    };
  }
}

function hasFleets({ instances }: EmrCreateClusterProps): boolean {
  return (instances.instanceFleets?.length ?? 0) > 0;
}

const RELEASE_LABEL = /^emr-\d+\.\d+\.\d+$/;

function checkCluster(props: EmrCreateClusterProps): readonly string[] {
  const idleSeconds = props.autoTerminationPolicyIdleTimeout?.toSeconds();
  const level = props.stepConcurrencyLevel;
  const range = (name: string, value: number | undefined, least: number, most: number) =>
    isOutside(value, least, most) ? [`${name} must be in range [${least}, ${most}], but got ${value}.`] : [];
  return [
    ...(hasFleets(props) && props.autoScalingRole !== undefined
      ? ["Auto Scaling roles can not be specified with instance fleets."]
      : []),
    ...range("Step concurrency level", level, 1, 256),
    ...(level !== undefined && level !== 1 && isBefore(props.releaseLabel, 5, 28)
      ? [`Step concurrency is only supported in EMR release version 5.28.0 and above but got ${props.releaseLabel}.`]
      : []),
    ...range("ebsRootVolumeSize (GiB)", props.ebsRootVolumeSize?.toGibibytes(), 15, 100),
    ...(props.releaseLabel === undefined || isDynamic(props.releaseLabel) || RELEASE_LABEL.test(props.releaseLabel)
      ? []
      : [`The release label must be in the format 'emr-x.x.x' but got ${props.releaseLabel}`]),
    ...range("ebsRootVolumeIops", props.ebsRootVolumeIops, 3_000, 16_000),
    ...range("ebsRootVolumeThroughput", props.ebsRootVolumeThroughput, 125, 1_000),
    ...(isOutside(idleSeconds, 60, 604_800)
      ? [`\`autoTerminationPolicyIdleTimeout\` must be between 60 and 604800 seconds, got ${idleSeconds} seconds.`]
      : []),
  ];
}

function isBefore(releaseLabel: string | undefined, major: number, minor: number): boolean {
  if (releaseLabel === undefined || isDynamic(releaseLabel)) return false;
  const [own = Number.NaN, ownMinor = 0] = releaseLabel.replace(/^emr-/, "").split(".").map(Number);
  return own < major || (own === major && ownMinor < minor);
}

function renderApplication({ name, args, version, additionalInfo }: ApplicationConfigProperty): Fields {
  return { Name: name, Args: args, Version: version, AdditionalInfo: additionalInfo };
}

function renderBootstrap({ name, scriptBootstrapAction: { path, args } }: BootstrapActionConfigProperty): Fields {
  return { Name: name, ScriptBootstrapAction: { Path: path, Args: args } };
}

function renderKerberos(kerberos: KerberosAttributesProperty | undefined): Fields | undefined {
  if (kerberos === undefined) return undefined;
  return {
    ADDomainJoinPassword: kerberos.adDomainJoinPassword,
    ADDomainJoinUser: kerberos.adDomainJoinUser,
    CrossRealmTrustPrincipalPassword: kerberos.crossRealmTrustPrincipalPassword,
    KdcAdminPassword: kerberos.kdcAdminPassword,
    Realm: kerberos.realm,
  };
}

function renderManagedScaling(policy: ManagedScalingPolicyProperty | undefined): Fields | undefined {
  if (policy === undefined) return undefined;
  const limits = policy.computeLimits;
  if (limits === undefined) return {};
  return {
    ComputeLimits: {
      UnitType: limits.unitType,
      MinimumCapacityUnits: limits.minimumCapacityUnits,
      MaximumCapacityUnits: limits.maximumCapacityUnits,
      MaximumOnDemandCapacityUnits: limits.maximumOnDemandCapacityUnits,
      MaximumCoreCapacityUnits: limits.maximumCoreCapacityUnits,
    },
  };
}
