import type { Construct } from "../construct.ts";
import { Duration } from "../duration.ts";
import type { Fields } from "../fields/field-utils.ts";
import type { TaskInput } from "../fields/task-input.ts";
import {
  InstanceClass,
  InstanceSize,
  InstanceType,
  type ISecurityGroup,
  type IVpc,
  SecurityGroup,
  type SubnetSelection,
  selectSubnetIds,
} from "../resources/ec2.ts";
import { type IRole, Role } from "../resources/iam.ts";
import type { IKey } from "../resources/kms.ts";
import { Size } from "../size.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import { hasWrongLength, isDynamic, isOutside, keyValues } from "./checks.ts";
import {
  type AlgorithmSpecification,
  type BatchStrategy,
  type Channel,
  type IContainerDefinition,
  InputMode,
  type ModelClientOptions,
  type OutputDataConfig,
  type ProductionVariant,
  type ResourceConfig,
  S3DataType,
  type SageMakerVpcConfig,
  sageMakerInstanceType,
  type TransformInput,
  type TransformOutput,
  type TransformResources,
} from "./sagemaker-types.ts";

const DEFAULT_INSTANCE = InstanceType.of(InstanceClass.M4, InstanceSize.XLARGE);

export interface SageMakerCreateTrainingJobProps extends TaskStateBaseProps {
  readonly trainingJobName: string;
  /** Named by this construct's path unless given. */
  readonly role?: IRole;
  readonly algorithmSpecification: AlgorithmSpecification;
  readonly enableNetworkIsolation?: boolean;
  readonly hyperparameters?: Fields;
  readonly inputDataConfig?: readonly Channel[];
  readonly tags?: { readonly [key: string]: string };
  readonly outputDataConfig: OutputDataConfig;
  /** One `ml.m4.xlarge` with 10 GiB unless given. */
  readonly resourceConfig?: ResourceConfig;
  /** 1 hour unless given. */
  readonly stoppingCondition?: { readonly maxRuntime?: Duration };
  readonly vpcConfig?: SageMakerVpcConfig;
  readonly environment?: { readonly [name: string]: string };
}

// SageMaker's API reference, "AlgorithmSpecification": a name, or the ARN of one, of at most 170 characters.
const ALGORITHM_NAME =
  /^(arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:[a-z-]*\/)?([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)$/;
const ALGORITHM_NAME_LENGTH_MAX = 170;

function isAlgorithmName(name: string): boolean {
  return name.length <= ALGORITHM_NAME_LENGTH_MAX && ALGORITHM_NAME.test(name);
}

/** Trains a model. */
export class SageMakerCreateTrainingJob extends TaskStateBase {
  readonly role: IRole;
  readonly #props: SageMakerCreateTrainingJobProps;
  readonly #pattern: IntegrationPattern;
  readonly #groups: ISecurityGroup[];

  constructor(scope: Construct, id: string, props: SageMakerCreateTrainingJobProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.RUN_JOB);
    const { algorithmName, trainingImage } = props.algorithmSpecification;
    if (algorithmName === undefined && trainingImage === undefined) {
      throw this.misuse("Must define either an algorithm name or training image URI in the algorithm specification");
    }
    if (algorithmName !== undefined && trainingImage !== undefined) {
      throw this.misuse("Cannot define both an algorithm name and training image URI in the algorithm specification");
    }
    if (algorithmName !== undefined && !isDynamic(algorithmName) && !isAlgorithmName(algorithmName)) {
      throw this.misuse(`Expected algorithm name to match pattern ${ALGORITHM_NAME.source}, but got ${algorithmName}`);
    }
    this.role = props.role ?? new Role(this, "SagemakerRole");
    this.#groups = props.vpcConfig === undefined ? [] : [new SecurityGroup(this, "TrainJobSecurityGroup")];
  }

  /** Only where the job is in a network of its own. */
  addSecurityGroup(securityGroup: ISecurityGroup): void {
    this.#groups.push(securityGroup);
  }

  protected renderCall(): TaskCall {
    const props = this.#props;
    const { stoppingCondition, vpcConfig } = props;
    return {
      resource: integrationResourceArn("sagemaker", "createTrainingJob", this.#pattern),
      parameters: {
        TrainingJobName: props.trainingJobName,
        EnableNetworkIsolation: props.enableNetworkIsolation,
        RoleArn: this.role.roleArn,
        AlgorithmSpecification: renderAlgorithm(props.algorithmSpecification),
        InputDataConfig: props.inputDataConfig?.map((channel) => this.#renderChannel(channel)),
        OutputDataConfig: {
          S3OutputPath: props.outputDataConfig.s3OutputLocation.uri(this),
          KmsKeyId: props.outputDataConfig.encryptionKey?.keyArn,
        },
        ResourceConfig: renderResources(props.resourceConfig),
        StoppingCondition: {
          MaxRuntimeInSeconds: (stoppingCondition ?? { maxRuntime: Duration.hours(1) }).maxRuntime?.toSeconds(),
        },
        HyperParameters: props.hyperparameters,
        Tags: keyValues(props.tags),
        VpcConfig: vpcConfig === undefined ? undefined : renderVpc(vpcConfig.vpc, vpcConfig.subnets, this.#groups),
        Environment: props.environment,
      },
    };
  }

  #renderChannel(channel: Channel): Fields {
    const { s3DataSource: source } = channel.dataSource;
    return {
      ChannelName: channel.channelName,
      DataSource: {
        S3DataSource: {
          S3Uri: source.s3Location.uri(this),
          S3DataType: source.s3DataType ?? S3DataType.S3_PREFIX,
          S3DataDistributionType: source.s3DataDistributionType,
          AttributeNames: source.attributeNames,
        },
      },
      CompressionType: channel.compressionType,
      ContentType: channel.contentType,
      InputMode: channel.inputMode,
      RecordWrapperType: channel.recordWrapperType,
    };
  }
}

function renderAlgorithm(algorithm: AlgorithmSpecification): Fields {
  return {
    TrainingInputMode: algorithm.trainingInputMode ?? InputMode.FILE,
    TrainingImage: algorithm.trainingImage?.imageUri,
    AlgorithmName: algorithm.algorithmName,
    MetricDefinitions: algorithm.metricDefinitions?.map(({ name, regex }) => ({ Name: name, Regex: regex })),
  };
}

function renderResources(config: ResourceConfig | undefined): Fields {
  const { instanceCount, instanceType, volumeSize, volumeEncryptionKey }: ResourceConfig = config ?? {
    instanceCount: 1,
    instanceType: DEFAULT_INSTANCE,
    volumeSize: Size.gibibytes(10),
  };
  return {
    InstanceCount: instanceCount,
    InstanceType: sageMakerInstanceType(instanceType),
    VolumeSizeInGB: volumeSize.toGibibytes(),
    VolumeKmsKeyId: volumeEncryptionKey?.keyArn,
  };
}

function renderVpc(vpc: IVpc, selection: SubnetSelection | undefined, groups: readonly ISecurityGroup[]): Fields {
  return {
    SecurityGroupIds: groups.map(({ securityGroupId }) => securityGroupId),
    Subnets: selectSubnetIds(vpc, selection),
  };
}

export interface SageMakerCreateTransformJobProps extends TaskStateBaseProps {
  readonly transformJobName: string;
  /** Named by this construct's path unless given; it is passed on, not written into the definition. */
  readonly role?: IRole;
  readonly batchStrategy?: BatchStrategy;
  readonly environment?: { readonly [name: string]: string };
  readonly maxConcurrentTransforms?: number;
  readonly maxPayload?: Size;
  readonly modelName: string;
  readonly modelClientOptions?: ModelClientOptions;
  readonly tags?: { readonly [key: string]: string };
  readonly transformInput: TransformInput;
  readonly transformOutput: TransformOutput;
  /** One `ml.m4.xlarge` unless given. */
  readonly transformResources?: TransformResources;
}

/** Applies a model to many records. */
export class SageMakerCreateTransformJob extends TaskStateBase {
  readonly role: IRole;
  readonly #props: SageMakerCreateTransformJobProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: SageMakerCreateTransformJobProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.RUN_JOB);
    for (const finding of checkClient(props.modelClientOptions)) throw this.misuse(finding);
    this.role = props.role ?? new Role(this, "SagemakerTransformRole");
  }

  protected renderCall(): TaskCall {
    const props = this.#props;
    const client = props.modelClientOptions;
    return {
      resource: integrationResourceArn("sagemaker", "createTransformJob", this.#pattern),
      parameters: {
        BatchStrategy: props.batchStrategy,
        Environment: props.environment,
        // 0 is what SageMaker takes anyway: as many as it finds best.
        MaxConcurrentTransforms: props.maxConcurrentTransforms || undefined,
        MaxPayloadInMB: props.maxPayload?.toMebibytes(),
        ModelClientConfig:
          client === undefined
            ? undefined
            : {
                InvocationsMaxRetries: client.invocationsMaxRetries ?? 0,
                InvocationsTimeoutInSeconds: client.invocationsTimeout?.toSeconds() ?? 60,
              },
        ModelName: props.modelName,
        Tags: keyValues(props.tags),
        TransformInput: renderTransformInput(props.transformInput),
        TransformJobName: props.transformJobName,
        TransformOutput: {
          S3OutputPath: props.transformOutput.s3OutputPath,
          KmsKeyId: props.transformOutput.encryptionKey?.keyArn,
          Accept: props.transformOutput.accept,
          AssembleWith: props.transformOutput.assembleWith,
        },
        TransformResources: renderTransformResources(props.transformResources),
      },
    };
  }
}

function checkClient(client: ModelClientOptions | undefined): readonly string[] {
  const seconds = client?.invocationsTimeout?.toSeconds();
  return [
    ...(isOutside(client?.invocationsMaxRetries, 0, 3)
      ? [`invocationsMaxRetries should be between 0 and 3. Received: ${client?.invocationsMaxRetries}.`]
      : []),
    ...(isOutside(seconds, 1, 3_600)
      ? [`invocationsTimeout should be between 1 and 3600 seconds. Received: ${seconds}.`]
      : []),
  ];
}

function renderTransformInput({
  compressionType,
  contentType,
  transformDataSource,
  splitType,
}: TransformInput): Fields {
  const { s3Uri, s3DataType = S3DataType.S3_PREFIX } = transformDataSource.s3DataSource;
  return {
    CompressionType: compressionType,
    ContentType: contentType,
    DataSource: { S3DataSource: { S3Uri: s3Uri, S3DataType: s3DataType } },
    SplitType: splitType,
  };
}

function renderTransformResources(resources: TransformResources | undefined): Fields {
  const { instanceCount, instanceType, volumeEncryptionKey }: TransformResources = resources ?? {
    instanceCount: 1,
    instanceType: DEFAULT_INSTANCE,
  };
  return {
    InstanceCount: instanceCount,
    InstanceType: sageMakerInstanceType(instanceType),
    VolumeKmsKeyId: volumeEncryptionKey?.keyArn,
  };
}

export interface SageMakerCreateModelProps extends TaskStateBaseProps {
  /** Named by this construct's path unless given. */
  readonly role?: IRole;
  readonly modelName: string;
  readonly primaryContainer: IContainerDefinition;
  readonly containers?: readonly IContainerDefinition[];
  readonly enableNetworkIsolation?: boolean;
  readonly vpc?: IVpc;
  readonly subnetSelection?: SubnetSelection;
  readonly tags?: TaskInput;
}

/** Makes a model. */
export class SageMakerCreateModel extends TaskStateBase {
  readonly role: IRole;
  readonly #props: SageMakerCreateModelProps;
  readonly #groups: ISecurityGroup[];

  constructor(scope: Construct, id: string, props: SageMakerCreateModelProps) {
    super(scope, id, props);
    this.#props = props;
    this.pattern(IntegrationPattern.REQUEST_RESPONSE);
    this.role = props.role ?? new Role(this, "SagemakerRole");
    this.#groups = props.vpc === undefined ? [] : [new SecurityGroup(this, "ModelSecurityGroup")];
  }

  /** Only where the model is in a network of its own. */
  addSecurityGroup(securityGroup: ISecurityGroup): void {
    this.#groups.push(securityGroup);
  }

  protected renderCall(): TaskCall {
    const { modelName, primaryContainer, containers, enableNetworkIsolation, vpc, subnetSelection, tags } = this.#props;
    return {
      resource: integrationResourceArn("sagemaker", "createModel"),
      parameters: {
        EnableNetworkIsolation: enableNetworkIsolation,
        ExecutionRoleArn: this.role.roleArn,
        ModelName: modelName,
        Tags: tags?.value,
        PrimaryContainer: primaryContainer.bind(this).parameters,
        // The CDK writes what `bind` gives, wrapper and all; the same comes out here.
        Containers: containers?.map((container) => container.bind(this)),
        VpcConfig: vpc === undefined ? undefined : renderVpc(vpc, subnetSelection, this.#groups),
      },
    };
  }
}

export interface SageMakerCreateEndpointConfigProps extends TaskStateBaseProps {
  readonly endpointConfigName: string;
  readonly kmsKey?: IKey;
  /** 1 to 10. */
  readonly productionVariants: readonly ProductionVariant[];
  readonly tags?: TaskInput;
}

/** Describes an endpoint. */
export class SageMakerCreateEndpointConfig extends TaskStateBase {
  readonly #props: SageMakerCreateEndpointConfigProps;

  constructor(scope: Construct, id: string, props: SageMakerCreateEndpointConfigProps) {
    super(scope, id, props);
    this.#props = props;
    this.pattern(IntegrationPattern.REQUEST_RESPONSE);
    if (hasWrongLength(props.productionVariants, 1, 10)) {
      throw this.misuse("Must specify from 1 to 10 production variants per endpoint configuration");
    }
  }

  protected renderCall(): TaskCall {
    const { endpointConfigName, kmsKey, productionVariants, tags } = this.#props;
    return {
      resource: integrationResourceArn("sagemaker", "createEndpointConfig"),
      parameters: {
        EndpointConfigName: endpointConfigName,
        Tags: tags?.value,
        KmsKeyId: kmsKey?.keyId,
        ProductionVariants: productionVariants.map(renderVariant),
      },
    };
  }
}

function renderVariant(variant: ProductionVariant): Fields {
  return {
    InitialInstanceCount: variant.initialInstanceCount ?? 1,
    InstanceType: sageMakerInstanceType(variant.instanceType),
    ModelName: variant.modelName,
    VariantName: variant.variantName,
    AcceleratorType: variant.acceleratorType,
    InitialVariantWeight: variant.initialVariantWeight,
  };
}

export interface SageMakerUpdateEndpointProps extends TaskStateBaseProps {
  readonly endpointConfigName: string;
  readonly endpointName: string;
}
export interface SageMakerCreateEndpointProps extends SageMakerUpdateEndpointProps {
  readonly tags?: TaskInput;
}

abstract class EndpointTask extends TaskStateBase {
  readonly #props: SageMakerCreateEndpointProps;

  constructor(scope: Construct, id: string, props: SageMakerCreateEndpointProps) {
    super(scope, id, props);
    this.#props = props;
    this.pattern(IntegrationPattern.REQUEST_RESPONSE);
  }

  protected abstract readonly api: string;

  protected renderCall(): TaskCall {
    const { endpointConfigName, endpointName, tags } = this.#props;
    return {
      resource: integrationResourceArn("sagemaker", this.api),
      parameters: { EndpointConfigName: endpointConfigName, EndpointName: endpointName, Tags: tags?.value },
    };
  }
}

/** Makes an endpoint. */
export class SageMakerCreateEndpoint extends EndpointTask {
  protected readonly api = "createEndpoint";
}

/** Gives an endpoint another configuration. */
export class SageMakerUpdateEndpoint extends EndpointTask {
  protected readonly api = "updateEndpoint";

  // The parameter only narrows what may be given: an endpoint's tags are not updated this way.
  constructor(scope: Construct, id: string, props: SageMakerUpdateEndpointProps) {
    super(scope, id, props);
  }
}
