import { type Construct, Stack } from "../construct.ts";
import type { Duration } from "../duration.ts";
import type { Fields } from "../fields/field-utils.ts";
import { JsonPath } from "../fields/json-path.ts";
import { isJsonataExpression } from "../fields/jsonata.ts";
import { isReference } from "../fields/reference.ts";
import type { TaskInput } from "../fields/task-input.ts";
import type { InstanceSize, InstanceType, IVpc, SubnetSelection } from "../resources/ec2.ts";
import type { IRepository } from "../resources/ecr.ts";
import type { IKey } from "../resources/kms.ts";
import type { IBucket } from "../resources/s3.ts";
import type { Size } from "../size.ts";
import { isDynamic } from "./checks.ts";

export const S3DataType = {
  MANIFEST_FILE: "ManifestFile",
  S3_PREFIX: "S3Prefix",
  AUGMENTED_MANIFEST_FILE: "AugmentedManifestFile",
} as const;
export type S3DataType = (typeof S3DataType)[keyof typeof S3DataType];

export const S3DataDistributionType = {
  FULLY_REPLICATED: "FullyReplicated",
  SHARDED_BY_S3_KEY: "ShardedByS3Key",
} as const;
export type S3DataDistributionType = (typeof S3DataDistributionType)[keyof typeof S3DataDistributionType];

export const RecordWrapperType = { NONE: "None", RECORD_IO: "RecordIO" } as const;
export type RecordWrapperType = (typeof RecordWrapperType)[keyof typeof RecordWrapperType];

export const InputMode = { PIPE: "Pipe", FILE: "File", FAST_FILE: "FastFile" } as const;
export type InputMode = (typeof InputMode)[keyof typeof InputMode];

export const CompressionType = { NONE: "None", GZIP: "Gzip" } as const;
export type CompressionType = (typeof CompressionType)[keyof typeof CompressionType];

export const Mode = { SINGLE_MODEL: "SingleModel", MULTI_MODEL: "MultiModel" } as const;
export type Mode = (typeof Mode)[keyof typeof Mode];

export const BatchStrategy = { MULTI_RECORD: "MultiRecord", SINGLE_RECORD: "SingleRecord" } as const;
export type BatchStrategy = (typeof BatchStrategy)[keyof typeof BatchStrategy];

export const SplitType = { NONE: "None", LINE: "Line", RECORD_IO: "RecordIO", TF_RECORD: "TFRecord" } as const;
export type SplitType = (typeof SplitType)[keyof typeof SplitType];

export const AssembleWith = { NONE: "None", LINE: "Line" } as const;
export type AssembleWith = (typeof AssembleWith)[keyof typeof AssembleWith];

/** An object or a prefix in S3. */
export class S3Location {
  static fromBucket(bucket: IBucket, keyPrefix: string): S3Location {
    const key = keyPrefix.startsWith("/") ? keyPrefix.slice(1) : keyPrefix;
    return new S3Location((stack) => `https://s3.${stack.region}.${stack.urlSuffix}/${bucket.bucketName}/${key}`);
  }
  /** expression: a path or a JSONata expression that gives the URI. */
  static fromJsonExpression(expression: string): S3Location {
    const uri = isDynamic(expression) ? expression : JsonPath.stringAt(expression);
    return new S3Location(() => uri);
  }

  readonly #uri: (stack: Stack) => string;

  private constructor(uri: (stack: Stack) => string) {
    this.#uri = uri;
  }

  uri(task: Construct): string {
    return this.#uri(Stack.of(task));
  }
}

/** An image of a container. */
export class DockerImage {
  /** tagOrDigest: a digest begins with `sha256:`; `latest` unless given. */
  static fromEcrRepository(repository: IRepository, tagOrDigest: string = "latest"): DockerImage {
    const separator = tagOrDigest.startsWith("sha256:") ? "@" : ":";
    return new DockerImage(`${repository.repositoryUri}${separator}${tagOrDigest}`);
  }
  static fromJsonExpression(expression: string): DockerImage {
    return new DockerImage(expression);
  }
  static fromRegistry(imageUri: string): DockerImage {
    return new DockerImage(imageUri);
  }

  readonly imageUri: string;

  private constructor(imageUri: string) {
    this.imageUri = imageUri;
  }
}

export interface MetricDefinition {
  readonly name: string;
  readonly regex: string;
}
/** Either a name or an image. */
export interface AlgorithmSpecification {
  readonly algorithmName?: string;
  readonly metricDefinitions?: readonly MetricDefinition[];
  readonly trainingImage?: DockerImage;
  /** `File` unless said otherwise. */
  readonly trainingInputMode?: InputMode;
}
export interface S3DataSource {
  readonly attributeNames?: readonly string[];
  readonly s3DataDistributionType?: S3DataDistributionType;
  /** `S3Prefix` unless said otherwise. */
  readonly s3DataType?: S3DataType;
  readonly s3Location: S3Location;
}
export interface Channel {
  readonly channelName: string;
  readonly compressionType?: CompressionType;
  readonly contentType?: string;
  readonly dataSource: { readonly s3DataSource: S3DataSource };
  readonly inputMode?: InputMode;
  readonly recordWrapperType?: RecordWrapperType;
  /** Taken, and not written into the definition, as the CDK does. */
  readonly shuffleConfig?: { readonly seed: number };
}
export interface OutputDataConfig {
  readonly encryptionKey?: IKey;
  readonly s3OutputLocation: S3Location;
}
export interface ResourceConfig {
  readonly instanceCount: number;
  readonly instanceType: InstanceType;
  readonly volumeEncryptionKey?: IKey;
  readonly volumeSize: Size;
}
export interface SageMakerVpcConfig {
  readonly vpc: IVpc;
  readonly subnets?: SubnetSelection;
}
export interface ModelClientOptions {
  /** 0 to 3. */
  readonly invocationsMaxRetries?: number;
  /** 1 second to 1 hour. */
  readonly invocationsTimeout?: Duration;
}
export interface TransformInput {
  readonly compressionType?: CompressionType;
  readonly contentType?: string;
  readonly transformDataSource: {
    /** s3DataType: `S3Prefix` unless said otherwise. */
    readonly s3DataSource: { readonly s3DataType?: S3DataType; readonly s3Uri: string };
  };
  readonly splitType?: SplitType;
}
export interface TransformOutput {
  readonly accept?: string;
  readonly assembleWith?: AssembleWith;
  readonly encryptionKey?: IKey;
  readonly s3OutputPath: string;
}
export interface TransformResources {
  readonly instanceCount: number;
  readonly instanceType: InstanceType;
  readonly volumeEncryptionKey?: IKey;
}

export interface ContainerDefinitionOptions {
  readonly image?: DockerImage;
  readonly environmentVariables?: TaskInput;
  readonly modelPackageName?: string;
  readonly mode?: Mode;
  readonly containerHostName?: string;
  readonly modelS3Location?: S3Location;
}
export interface IContainerDefinition {
  bind(task: Construct): { readonly parameters: Fields };
}

/** A container of a model. */
export class ContainerDefinition implements IContainerDefinition {
  readonly #options: ContainerDefinitionOptions;

  constructor(options: ContainerDefinitionOptions) {
    this.#options = options;
  }

  bind(task: Construct): { readonly parameters: Fields } {
    const { containerHostName, image, mode, modelS3Location, modelPackageName, environmentVariables } = this.#options;
    return {
      parameters: {
        ContainerHostname: containerHostName,
        Image: image?.imageUri,
        Mode: mode,
        ModelDataUrl: modelS3Location?.uri(task),
        ModelPackageName: modelPackageName,
        Environment: environmentVariables?.value,
      },
    };
  }
}

/** A generation of Elastic Inference. */
export class AcceleratorClass {
  static readonly EIA1: AcceleratorClass = new AcceleratorClass("eia1");
  static readonly EIA2: AcceleratorClass = new AcceleratorClass("eia2");
  static of(version: string): AcceleratorClass {
    return new AcceleratorClass(version);
  }

  readonly version: string;

  private constructor(version: string) {
    this.version = version;
  }
}

/** An accelerator. The CDK writes its class as `[object Object]`, and so the same comes out here. */
export class AcceleratorType {
  static of(acceleratorClass: AcceleratorClass, instanceSize: InstanceSize): AcceleratorType {
    return new AcceleratorType(`ml.${acceleratorClass}.${instanceSize}`);
  }

  readonly instanceTypeIdentifier: string;

  constructor(instanceTypeIdentifier: string) {
    this.instanceTypeIdentifier = instanceTypeIdentifier;
  }

  toString(): string {
    return this.instanceTypeIdentifier;
  }
}

export interface ProductionVariant {
  readonly acceleratorType?: AcceleratorType;
  /** 1 unless said otherwise. */
  readonly initialInstanceCount?: number;
  readonly initialVariantWeight?: number;
  readonly instanceType: InstanceType;
  readonly variantName: string;
  readonly modelName: string;
}

/** SageMaker's name of an instance type: `ml.` before it, unless it is known only at run time. */
export function sageMakerInstanceType(type: InstanceType): string {
  const name = type.toString();
  return isReference(name) || isJsonataExpression(name) ? name : `ml.${name}`;
}
