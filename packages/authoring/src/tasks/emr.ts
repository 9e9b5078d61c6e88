import type { Construct } from "../construct.ts";
import type { Duration } from "../duration.ts";
import type { Fields } from "../fields/field-utils.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import { keyValues } from "./checks.ts";
import { ActionOnFailure } from "./emr-enums.ts";
import { type ConfigurationProperty, renderConfiguration } from "./emr-instances.ts";

interface ClusterProps extends TaskStateBaseProps {
  readonly clusterId: string;
}

/** A call of EMR about one cluster, of which most tasks differ only in name and parameters. */
abstract class ClusterTask extends TaskStateBase {
  readonly #api: string;
  readonly #pattern: IntegrationPattern;

  constructor(
    scope: Construct,
    id: string,
    props: ClusterProps,
    api: string,
    supported: readonly [IntegrationPattern, ...IntegrationPattern[]],
  ) {
    super(scope, id, props);
    this.#api = api;
    this.#pattern = this.pattern(...supported);
  }

  protected abstract readonly parameters: Fields;

  protected renderCall(): TaskCall {
    const resource = integrationResourceArn("elasticmapreduce", this.#api, this.#pattern);
    return { resource, parameters: this.parameters };
  }
}

const AT_ONCE = [IntegrationPattern.REQUEST_RESPONSE] as const;
const JOB = [IntegrationPattern.RUN_JOB, IntegrationPattern.REQUEST_RESPONSE] as const;

export interface EmrAddStepProps extends ClusterProps {
  readonly name: string;
  /** `CONTINUE` unless said otherwise. */
  readonly actionOnFailure?: ActionOnFailure;
  readonly jar: string;
  readonly mainClass?: string;
  readonly args?: readonly string[];
  readonly properties?: { readonly [name: string]: string };
  readonly executionRoleArn?: string;
}

/** Adds a step to a cluster. */
export class EmrAddStep extends ClusterTask {
  protected readonly parameters: Fields;

  constructor(scope: Construct, id: string, props: EmrAddStepProps) {
    super(scope, id, props, "addStep", JOB);
    this.parameters = {
      ClusterId: props.clusterId,
      ExecutionRoleArn: props.executionRoleArn,
      Step: {
        Name: props.name,
        ActionOnFailure: props.actionOnFailure ?? ActionOnFailure.CONTINUE,
        HadoopJarStep: {
          Jar: props.jar,
          MainClass: props.mainClass,
          Args: props.args,
          Properties: keyValues(props.properties),
        },
      },
    };
  }
}

export interface EmrCancelStepProps extends ClusterProps {
  readonly stepId: string;
}

/** Cancels a step that has not begun. */
export class EmrCancelStep extends ClusterTask {
  protected readonly parameters: Fields;

  constructor(scope: Construct, id: string, props: EmrCancelStepProps) {
    super(scope, id, props, "cancelStep", AT_ONCE);
    this.parameters = { ClusterId: props.clusterId, StepId: props.stepId };
  }
}

export interface EmrTerminateClusterProps extends ClusterProps {}

/** Ends a cluster. */
export class EmrTerminateCluster extends ClusterTask {
  protected readonly parameters: Fields;

  constructor(scope: Construct, id: string, props: EmrTerminateClusterProps) {
    super(scope, id, props, "terminateCluster", JOB);
    this.parameters = { ClusterId: props.clusterId };
  }
}

export interface EmrSetClusterTerminationProtectionProps extends ClusterProps {
  readonly terminationProtected: boolean;
}

/** Protects a cluster from being ended by mistake, or no longer. */
export class EmrSetClusterTerminationProtection extends ClusterTask {
  protected readonly parameters: Fields;

  constructor(scope: Construct, id: string, props: EmrSetClusterTerminationProtectionProps) {
    super(scope, id, props, "setClusterTerminationProtection", AT_ONCE);
    this.parameters = { ClusterId: props.clusterId, TerminationProtected: props.terminationProtected };
  }
}

export interface EmrModifyInstanceFleetByNameProps extends ClusterProps {
  readonly instanceFleetName: string;
  readonly targetOnDemandCapacity: number;
  readonly targetSpotCapacity: number;
}

/** Changes how much of a fleet runs. */
export class EmrModifyInstanceFleetByName extends ClusterTask {
  protected readonly parameters: Fields;

  constructor(scope: Construct, id: string, props: EmrModifyInstanceFleetByNameProps) {
    super(scope, id, props, "modifyInstanceFleetByName", AT_ONCE);
    this.parameters = {
      ClusterId: props.clusterId,
      InstanceFleetName: props.instanceFleetName,
      InstanceFleet: {
        TargetOnDemandCapacity: props.targetOnDemandCapacity,
        TargetSpotCapacity: props.targetSpotCapacity,
      },
    };
  }
}

export interface ShrinkPolicyProperty {
  readonly decommissionTimeout?: Duration;
  readonly instanceResizePolicy?: {
    readonly instancesToProtect?: readonly string[];
    readonly instancesToTerminate?: readonly string[];
    readonly instanceTerminationTimeout?: Duration;
  };
}
export interface InstanceGroupModifyConfigProperty {
  readonly configurations?: readonly ConfigurationProperty[];
  readonly eC2InstanceIdsToTerminate?: readonly string[];
  readonly instanceCount?: number;
  readonly shrinkPolicy?: ShrinkPolicyProperty;
}
export interface EmrModifyInstanceGroupByNameProps extends ClusterProps {
  readonly instanceGroupName: string;
  readonly instanceGroup: InstanceGroupModifyConfigProperty;
}

/** Changes a group of instances. */
export class EmrModifyInstanceGroupByName extends ClusterTask {
  protected readonly parameters: Fields;

  constructor(scope: Construct, id: string, props: EmrModifyInstanceGroupByNameProps) {
    super(scope, id, props, "modifyInstanceGroupByName", AT_ONCE);
    const { configurations, eC2InstanceIdsToTerminate, instanceCount, shrinkPolicy } = props.instanceGroup;
    this.parameters = {
      ClusterId: props.clusterId,
      InstanceGroupName: props.instanceGroupName,
      InstanceGroup: {
        Configurations: configurations?.map(renderConfiguration),
        EC2InstanceIdsToTerminate: eC2InstanceIdsToTerminate,
        InstanceCount: instanceCount,
        ShrinkPolicy: renderShrinking(shrinkPolicy),
      },
    };
  }
}

function renderShrinking(policy: ShrinkPolicyProperty | undefined): Fields | undefined {
  if (policy === undefined) return undefined;
  const resize = policy.instanceResizePolicy;
  return {
    DecommissionTimeout: policy.decommissionTimeout?.toSeconds(),
    InstanceResizePolicy:
      resize === undefined
        ? undefined
        : {
            InstancesToProtect: resize.instancesToProtect,
            InstancesToTerminate: resize.instancesToTerminate,
            InstanceTerminationTimeout: resize.instanceTerminationTimeout?.toSeconds(),
          },
  };
}
