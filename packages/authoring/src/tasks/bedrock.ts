import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import type { TaskInput } from "../fields/task-input.ts";
import { Misuse } from "../misuse.ts";
import type { IModel } from "../resources/bedrock.ts";
import type { ISecurityGroup, ISubnet } from "../resources/ec2.ts";
import { type IRole, Role } from "../resources/iam.ts";
import type { IKey } from "../resources/kms.ts";
import type { IBucket, Location } from "../resources/s3.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import { hasWrongLength, isDynamic, isOutside } from "./checks.ts";

/** What a model may say. */
export class Guardrail {
  /** identifier: its id (lower case letters and digits) or ARN. version: 1 to 99,999,999. */
  static enable(identifier: string, version: number): Guardrail {
    if (isOutside(version, 1, 99_999_999)) {
      throw new Misuse("Guardrail", `The version of Guardrail must be from 1 to 99999999, got ${version}`);
    }
    return new Guardrail(identifier, version.toString());
  }
  /** The version not yet published. */
  static enableDraft(identifier: string): Guardrail {
    return new Guardrail(identifier, "DRAFT");
  }

  readonly guardrailIdentifier: string;
  readonly guardrailVersion: string;

  private constructor(identifier: string, version: string) {
    const id = identifier.startsWith("arn:") ? identifier.slice(identifier.lastIndexOf("/") + 1) : identifier;
    if (!isDynamic(identifier) && !/^[a-z0-9]+$/.test(id)) {
      throw new Misuse("Guardrail", `The id of Guardrail must contain only lowercase letters and numbers, got ${id}.`);
    }
    if (hasWrongLength(identifier, 1, 2_048)) {
      throw new Misuse("Guardrail", "guardrailIdentifier must have from 1 to 2048 characters");
    }
    this.guardrailIdentifier = identifier;
    this.guardrailVersion = version;
  }
}

export interface BedrockInvokeModelProps extends TaskStateBaseProps {
  readonly model: IModel;
  /** Either this or `input`. */
  readonly body?: TaskInput;
  readonly accept?: string;
  readonly contentType?: string;
  /** Either a location or a URI. */
  readonly input?: { readonly s3Location?: Location; readonly s3InputUri?: string };
  /** Either a location or a URI. */
  readonly output?: { readonly s3Location?: Location; readonly s3OutputUri?: string };
  readonly guardrail?: Guardrail;
  readonly traceEnabled?: boolean;
}

/** Asks a model. */
export class BedrockInvokeModel extends TaskStateBase {
  readonly #props: BedrockInvokeModelProps;

  constructor(scope: Construct, id: string, props: BedrockInvokeModelProps) {
    super(scope, id, props);
    this.#props = props;
    this.pattern(IntegrationPattern.REQUEST_RESPONSE);
    for (const finding of checkInvocation(props)) throw this.misuse(finding);
  }

  protected renderCall(): TaskCall {
    const { model, accept, contentType, body, input, output, guardrail, traceEnabled } = this.#props;
    return {
      resource: integrationResourceArn("bedrock", "invokeModel"),
      parameters: {
        ModelId: model.modelArn,
        Accept: accept,
        ContentType: contentType,
        Body: body?.value,
        Input: renderUri(input?.s3Location, input?.s3InputUri),
        Output: renderUri(output?.s3Location, output?.s3OutputUri),
        GuardrailIdentifier: guardrail?.guardrailIdentifier,
        GuardrailVersion: guardrail?.guardrailVersion,
        Trace: traceEnabled === undefined ? undefined : traceEnabled ? "ENABLED" : "DISABLED",
      },
    };
  }
}

function checkInvocation({ body, input, output }: BedrockInvokeModelProps): readonly string[] {
  const hasInput = input?.s3Location !== undefined || input?.s3InputUri !== undefined;
  return [
    ...([input?.s3InputUri, output?.s3OutputUri].includes("") ? ["S3 Uri cannot be an empty string"] : []),
    ...(body !== undefined && hasInput ? ["Either `body` or `input` must be specified, but not both."] : []),
    ...(body === undefined && !hasInput ? ["Either `body` or `input` must be specified."] : []),
    ...(input?.s3Location !== undefined && input.s3InputUri !== undefined
      ? ["Either specify S3 Input location or S3 Input URI, but not both."]
      : []),
    ...(output?.s3Location !== undefined && output.s3OutputUri !== undefined
      ? ["Either specify S3 Output location or S3 Output URI, but not both."]
      : []),
    ...(input?.s3Location?.objectVersion === undefined ? [] : ["Input S3 object version is not supported."]),
    ...(output?.s3Location?.objectVersion === undefined ? [] : ["Output S3 object version is not supported."]),
  ];
}

function renderUri(place: Location | undefined, uri: string | undefined): Fields | undefined {
  if (uri !== undefined) return { S3Uri: uri };
  return place === undefined ? undefined : { S3Uri: `s3://${place.bucketName}/${place.objectKey}` };
}

export const CustomizationType = {
  FINE_TUNING: "FINE_TUNING",
  CONTINUED_PRE_TRAINING: "CONTINUED_PRE_TRAINING",
  DISTILLATION: "DISTILLATION",
} as const;
export type CustomizationType = (typeof CustomizationType)[keyof typeof CustomizationType];

export interface CustomModelTag {
  readonly key: string;
  readonly value: string;
}
export interface DataBucketConfiguration {
  readonly bucket: IBucket;
  readonly path?: string;
}
export interface BedrockCreateModelCustomizationJobProps extends TaskStateBaseProps {
  readonly baseModel: IModel;
  /** 1 to 256 characters. */
  readonly clientRequestToken?: string;
  readonly customizationType?: CustomizationType;
  readonly customModelKmsKey?: IKey;
  /** 1 to 63 characters. */
  readonly customModelName: string;
  /** At most 200. */
  readonly customModelTags?: readonly CustomModelTag[];
  readonly hyperParameters?: { readonly [name: string]: string };
  /** 1 to 63 characters. */
  readonly jobName: string;
  /** At most 200. */
  readonly jobTags?: readonly CustomModelTag[];
  readonly outputData: DataBucketConfiguration;
  /** Named by this construct's path unless given. */
  readonly role?: IRole;
  readonly trainingData: DataBucketConfiguration;
  /** 1 to 10. */
  readonly validationData?: readonly DataBucketConfiguration[];
  /** 1 to 5 security groups, 1 to 16 subnets. */
  readonly vpcConfig?: { readonly securityGroups: readonly ISecurityGroup[]; readonly subnets: readonly ISubnet[] };
}

/** Starts a job that makes a model of one's own. */
export class BedrockCreateModelCustomizationJob extends TaskStateBase {
  readonly role: IRole;
  readonly #props: BedrockCreateModelCustomizationJobProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: BedrockCreateModelCustomizationJobProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.RUN_JOB);
    for (const finding of checkCustomization(props)) throw this.misuse(finding);
    this.role = props.role ?? new Role(this, "BedrockRole");
  }

  protected renderCall(): TaskCall {
    const props = this.#props;
    const { validationData, vpcConfig } = props;
    return {
      resource: integrationResourceArn("bedrock", "createModelCustomizationJob", this.#pattern),
      parameters: {
        BaseModelIdentifier: props.baseModel.modelArn,
        ClientRequestToken: props.clientRequestToken,
        CustomizationType: props.customizationType,
        CustomModelKmsKeyId: props.customModelKmsKey?.keyArn,
        CustomModelName: props.customModelName,
        CustomModelTags: renderTags(props.customModelTags),
        HyperParameters: props.hyperParameters,
        JobName: props.jobName,
        JobTags: renderTags(props.jobTags),
        OutputDataConfig: renderData(props.outputData),
        RoleArn: this.role.roleArn,
        TrainingDataConfig: renderData(props.trainingData),
        ValidationDataConfig: validationData === undefined ? undefined : { Validators: validationData.map(renderData) },
        VpcConfig:
          vpcConfig === undefined
            ? undefined
            : {
                SecurityGroupIds: vpcConfig.securityGroups.map(({ securityGroupId }) => securityGroupId),
                SubnetIds: vpcConfig.subnets.map(({ subnetId }) => subnetId),
              },
      },
    };
  }
}

function checkCustomization(props: BedrockCreateModelCustomizationJobProps): readonly string[] {
  const length = (name: string, value: string | readonly unknown[] | undefined, least: number, most: number) =>
    hasWrongLength(value, least, most)
      ? [`${name} must be between ${least} and ${most} long, got ${value?.length}`]
      : [];
  const form = (name: string, value: string | undefined, pattern: RegExp) =>
    value === undefined || isDynamic(value) || pattern.test(value)
      ? []
      : [`${name} must match ${pattern}, got '${value}'`];
  const evaluates =
    props.validationData !== undefined || props.hyperParameters?.["Evaluation percentage"] !== undefined;
  return [
    ...(evaluates ? [] : ["validationData or Evaluation percentage hyperparameter must be provided."]),
    ...length("clientRequestToken", props.clientRequestToken, 1, 256),
    ...form("clientRequestToken", props.clientRequestToken, /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/),
    ...length("customModelName", props.customModelName, 1, 63),
    ...form("customModelName", props.customModelName, /^([0-9a-zA-Z][_-]?)+$/),
    ...length("customModelTags", props.customModelTags, 0, 200),
    ...length("jobName", props.jobName, 1, 63),
    ...form("jobName", props.jobName, /^[a-zA-Z0-9](-*[a-zA-Z0-9+\-.])*$/),
    ...length("jobTags", props.jobTags, 0, 200),
    ...length("validationData", props.validationData, 1, 10),
    ...length("securityGroups", props.vpcConfig?.securityGroups, 1, 5),
    ...length("subnets", props.vpcConfig?.subnets, 1, 16),
  ];
}

function renderTags(tags: readonly CustomModelTag[] | undefined): unknown {
  return tags?.map(({ key, value }) => ({ Key: key, Value: value }));
}

function renderData({ bucket, path }: DataBucketConfiguration): Fields {
  return { S3Uri: path === undefined ? `s3://${bucket.bucketName}` : `s3://${bucket.bucketName}/${path}` };
}
