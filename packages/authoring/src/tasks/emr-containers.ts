import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import { JsonPath } from "../fields/json-path.ts";
import type { TaskInput } from "../fields/task-input.ts";
import type { ICluster } from "../resources/eks.ts";
import { type IRole, Role } from "../resources/iam.ts";
import { type ILogGroup, LogGroup } from "../resources/logs.ts";
import { Bucket, type IBucket } from "../resources/s3.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import { hasWrongLength, isDynamic } from "./checks.ts";

/** The cluster of Kubernetes that a virtual cluster is in. */
export class EksClusterInput {
  static fromCluster(cluster: Pick<ICluster, "clusterName">): EksClusterInput {
    return new EksClusterInput(cluster.clusterName);
  }
  static fromTaskInput(taskInput: TaskInput): EksClusterInput {
    return new EksClusterInput(taskInput.value as string);
  }

  readonly clusterName: string;

  private constructor(clusterName: string) {
    this.clusterName = clusterName;
  }
}

export interface EmrContainersCreateVirtualClusterProps extends TaskStateBaseProps {
  readonly eksCluster: EksClusterInput;
  /** `default` unless said otherwise. */
  readonly eksNamespace?: string;
  /** The execution's and the state's names unless said otherwise. */
  readonly virtualClusterName?: string;
  readonly tags?: { readonly [key: string]: string };
}

/** Makes a virtual cluster in a namespace of Kubernetes. */
export class EmrContainersCreateVirtualCluster extends TaskStateBase {
  readonly #props: EmrContainersCreateVirtualClusterProps;

  constructor(scope: Construct, id: string, props: EmrContainersCreateVirtualClusterProps) {
    super(scope, id, props);
    this.#props = props;
    this.pattern(IntegrationPattern.REQUEST_RESPONSE);
  }

  protected renderCall(jsonata: boolean): TaskCall {
    const { eksCluster, eksNamespace = "default", virtualClusterName, tags } = this.#props;
    return {
      resource: integrationResourceArn("emr-containers", "createVirtualCluster"),
      parameters: {
        Name: virtualClusterName ?? defaultName(jsonata),
        ContainerProvider: {
          Id: eksCluster.clusterName,
          Info: { EksInfo: { Namespace: eksNamespace } },
          Type: "EKS",
        },
        Tags: tags,
      },
    };
  }
}

function defaultName(jsonata: boolean): string {
  if (jsonata) return "{% $states.context.Execution.Name & '/' & $states.context.State.Name %}";
  return JsonPath.format("{}/{}", JsonPath.executionName, JsonPath.stateName);
}

export interface EmrContainersDeleteVirtualClusterProps extends TaskStateBaseProps {
  readonly virtualClusterId: TaskInput;
}

/** Deletes a virtual cluster. */
export class EmrContainersDeleteVirtualCluster extends TaskStateBase {
  readonly #id: TaskInput;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: EmrContainersDeleteVirtualClusterProps) {
    super(scope, id, props);
    this.#id = props.virtualClusterId;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.RUN_JOB);
  }

  protected renderCall(): TaskCall {
    const resource = integrationResourceArn("emr-containers", "deleteVirtualCluster", this.#pattern);
    return { resource, parameters: { Id: this.#id.value } };
  }
}

/** The virtual cluster of a job. */
export class VirtualClusterInput {
  static fromTaskInput(taskInput: TaskInput): VirtualClusterInput {
    return new VirtualClusterInput(taskInput.value as string);
  }
  static fromVirtualClusterId(virtualClusterId: string): VirtualClusterInput {
    return new VirtualClusterInput(virtualClusterId);
  }

  readonly id: string;

  private constructor(id: string) {
    this.id = id;
  }
}

/** A release of EMR on EKS; any other by its label. */
export class ReleaseLabel {
  static readonly EMR_5_32_0: ReleaseLabel = new ReleaseLabel("emr-5.32.0-latest");
  static readonly EMR_5_33_0: ReleaseLabel = new ReleaseLabel("emr-5.33.0-latest");
  static readonly EMR_6_2_0: ReleaseLabel = new ReleaseLabel("emr-6.2.0-latest");
  static readonly EMR_6_3_0: ReleaseLabel = new ReleaseLabel("emr-6.3.0-latest");

  readonly label: string;

  constructor(label: string) {
    this.label = label;
  }
}

/** Which file of Spark's configuration; any other by its name. */
export class Classification {
  static readonly SPARK: Classification = new Classification("spark");
  static readonly SPARK_DEFAULTS: Classification = new Classification("spark-defaults");
  static readonly SPARK_ENV: Classification = new Classification("spark-env");
  static readonly SPARK_HIVE_SITE: Classification = new Classification("spark-hive-site");
  static readonly SPARK_LOG4J: Classification = new Classification("spark-log4j");
  static readonly SPARK_METRICS: Classification = new Classification("spark-metrics");

  readonly classificationStatement: string;

  constructor(classificationStatement: string) {
    this.classificationStatement = classificationStatement;
  }
}

export interface ApplicationConfiguration {
  readonly classification: Classification;
  /** At most 100. */
  readonly nestedConfig?: readonly ApplicationConfiguration[];
  /** At most 100. */
  readonly properties?: { readonly [name: string]: string };
}
export interface JobDriver {
  readonly sparkSubmitJobDriver: {
    /** 1 to 256 characters. */
    readonly entryPoint: TaskInput;
    /** A list of texts, or what gives one. */
    readonly entryPointArguments?: TaskInput;
    /** 1 to 102,400 characters. */
    readonly sparkSubmitParameters?: string;
  };
}
export interface Monitoring {
  /** Writes to a log group and a bucket, each named by this construct's path unless given. */
  readonly logging?: boolean;
  readonly logGroup?: ILogGroup;
  readonly logStreamNamePrefix?: string;
  readonly logBucket?: IBucket;
  /** True unless said otherwise. */
  readonly persistentAppUI?: boolean;
}
export interface EmrContainersStartJobRunProps extends TaskStateBaseProps {
  readonly virtualCluster: VirtualClusterInput;
  readonly jobName?: string;
  /** Named by this construct's path unless given; required where the virtual cluster is known only at run time. */
  readonly executionRole?: IRole;
  readonly releaseLabel: ReleaseLabel;
  /** At most 100. */
  readonly applicationConfig?: readonly ApplicationConfiguration[];
  readonly jobDriver: JobDriver;
  readonly monitoring?: Monitoring;
  readonly tags?: { readonly [key: string]: string };
}

/** Runs a Spark job in a virtual cluster. */
export class EmrContainersStartJobRun extends TaskStateBase {
  readonly #props: EmrContainersStartJobRunProps;
  readonly #pattern: IntegrationPattern;
  readonly #role: IRole;
  readonly #logGroup: ILogGroup | undefined;
  readonly #logBucket: IBucket | undefined;

  constructor(scope: Construct, id: string, props: EmrContainersStartJobRunProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.RUN_JOB, IntegrationPattern.REQUEST_RESPONSE);
    for (const finding of checkJob(props)) throw this.misuse(finding);
    this.#role = props.executionRole ?? new Role(this, "Job-Execution-Role");
    const { logging, logGroup, logBucket } = props.monitoring ?? {};
    this.#logGroup = logGroup ?? (logging === true ? new LogGroup(this, "MonitoringLogGroup") : undefined);
    this.#logBucket = logBucket ?? (logging === true ? new Bucket(this, "MonitoringBucket") : undefined);
  }

  protected renderCall(): TaskCall {
    const { virtualCluster, jobName, releaseLabel, jobDriver, applicationConfig, tags } = this.#props;
    const { entryPoint, entryPointArguments, sparkSubmitParameters } = jobDriver.sparkSubmitJobDriver;
    return {
      resource: integrationResourceArn("emr-containers", "startJobRun", this.#pattern),
      parameters: {
        VirtualClusterId: virtualCluster.id,
        Name: jobName,
        ExecutionRoleArn: this.#role.roleArn,
        ReleaseLabel: releaseLabel.label,
        JobDriver: {
          SparkSubmitJobDriver: {
            EntryPoint: entryPoint.value,
            EntryPointArguments: entryPointArguments?.value,
            SparkSubmitParameters: sparkSubmitParameters,
          },
        },
        ConfigurationOverrides: {
          ApplicationConfiguration: applicationConfig?.map(renderConfiguration),
          MonitoringConfiguration: this.#renderMonitoring(),
        },
        Tags: tags,
      },
    };
  }

  #renderMonitoring(): Fields {
    const { logStreamNamePrefix, persistentAppUI = true } = this.#props.monitoring ?? {};
    const group = this.#logGroup;
    const bucket = this.#logBucket;
    return {
      CloudWatchMonitoringConfiguration:
        group === undefined
          ? undefined
          : { LogGroupName: group.logGroupName, LogStreamNamePrefix: logStreamNamePrefix },
      PersistentAppUI: persistentAppUI ? "ENABLED" : "DISABLED",
      S3MonitoringConfiguration: bucket === undefined ? undefined : { LogUri: `s3://${bucket.bucketName}` },
    };
  }
}

const ENTRIES_MAX = 100;

function checkJob(props: EmrContainersStartJobRunProps): readonly string[] {
  const { entryPoint, entryPointArguments, sparkSubmitParameters } = props.jobDriver.sparkSubmitJobDriver;
  const args = entryPointArguments?.value;
  return [
    ...(props.executionRole === undefined && isDynamic(props.virtualCluster.id)
      ? [
          "Execution role cannot be undefined when the virtual cluster ID is not a concrete value. " +
            "Provide an execution role with the correct trust policy",
        ]
      : []),
    ...(hasWrongLength(entryPoint.value as string, 1, 256)
      ? [`Entry point must be between 1 and 256 characters in length. Received ${(entryPoint.value as string).length}.`]
      : []),
    ...(args === undefined || Array.isArray(args) || isDynamic(args)
      ? []
      : [`Entry point arguments must be a string array or an encoded JSON path, but received ${typeof args}.`]),
    ...(hasWrongLength(sparkSubmitParameters, 1, 102_400)
      ? ["Spark submit parameters must be between 1 and 102400 characters in length."]
      : []),
    ...(hasWrongLength(props.applicationConfig, 0, ENTRIES_MAX)
      ? [`Application configuration array must have ${ENTRIES_MAX} or fewer entries.`]
      : []),
    ...(props.applicationConfig ?? []).flatMap((configuration) => checkConfiguration(configuration, 0)),
  ];
}

function checkConfiguration({ properties, nestedConfig }: ApplicationConfiguration, depth: number): readonly string[] {
  if (depth > ENTRIES_MAX) return ["Application configurations are nested without end"];
  if (properties === undefined && nestedConfig === undefined) {
    return ["Application configuration must have either properties or nested app configurations defined."];
  }
  const counts = [Object.keys(properties ?? {}).length, nestedConfig?.length ?? 0];
  return [
    ...(counts.some((count) => count > ENTRIES_MAX)
      ? [`Application configuration properties and nested ones must have ${ENTRIES_MAX} or fewer entries.`]
      : []),
    ...(nestedConfig ?? []).flatMap((nested) => checkConfiguration(nested, depth + 1)),
  ];
}

function renderConfiguration({ classification, nestedConfig, properties }: ApplicationConfiguration): Fields {
  return {
    Classification: classification.classificationStatement,
    Configurations: nestedConfig?.map(renderConfiguration),
    Properties: properties,
  };
}
