import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import type { TaskInput } from "../fields/task-input.ts";
import type { InstanceType } from "../resources/ec2.ts";
import type { Size } from "../size.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import type { Timeout } from "../states/timeout.ts";
import { hasWrongLength, isOutside, numberAtPath } from "./checks.ts";

export interface BatchContainerOverrides {
  readonly command?: readonly string[];
  /** No name may begin with `AWS_BATCH`. */
  readonly environment?: { readonly [name: string]: string };
  readonly instanceType?: InstanceType;
  readonly memory?: Size;
  readonly gpuCount?: number;
  readonly vcpus?: number;
}
export interface BatchJobDependency {
  readonly jobId?: string;
  readonly type?: string;
}
export interface BatchSubmitJobProps extends TaskStateBaseProps {
  readonly jobDefinitionArn: string;
  readonly jobName: string;
  readonly jobQueueArn: string;
  /** 2 to 10,000. */
  readonly arraySize?: number;
  readonly containerOverrides?: BatchContainerOverrides;
  /** At most 20. */
  readonly dependsOn?: readonly BatchJobDependency[];
  readonly payload?: TaskInput;
  /** 1 to 10. */
  readonly attempts?: number;
  readonly tags?: { readonly [key: string]: string };
}

/** Submits a job; its own timeout is the task's. */
export class BatchSubmitJob extends TaskStateBase {
  readonly #props: BatchSubmitJobProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: BatchSubmitJobProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.RUN_JOB, IntegrationPattern.REQUEST_RESPONSE);
    for (const finding of checkJob(props, this.timeout())) throw this.misuse(finding);
  }

  protected renderCall(): TaskCall {
    const { arraySize, attempts, dependsOn } = this.#props;
    return {
      resource: integrationResourceArn("batch", "submitJob", this.#pattern),
      parameters: {
        JobDefinition: this.#props.jobDefinitionArn,
        JobName: this.#props.jobName,
        JobQueue: this.#props.jobQueueArn,
        Parameters: this.#props.payload?.value,
        ArrayProperties: arraySize === undefined ? undefined : { Size: arraySize },
        ContainerOverrides: renderOverrides(this.#props.containerOverrides),
        DependsOn: dependsOn?.map(({ jobId, type }) => ({ JobId: jobId, Type: type })),
        RetryStrategy: attempts === undefined ? undefined : { Attempts: attempts },
        Tags: this.#props.tags,
        Timeout: renderTimeout(this.timeout()),
      },
    };
  }

  // The service ends the job by itself: of its own the state has only the heartbeat.
  protected override renderTimeouts(): Fields {
    return this.renderHeartbeat();
  }
}

const TAGS_MAX = 50;

function checkJob(props: BatchSubmitJobProps, timeout: Timeout | undefined): readonly string[] {
  const { arraySize, attempts, dependsOn, containerOverrides } = props;
  const reserved = Object.keys(containerOverrides?.environment ?? {}).filter((name) => name.startsWith("AWS_BATCH"));
  return [
    ...(isOutside(arraySize, 2, 10_000) ? [`arraySize must be between 2 and 10,000. Received ${arraySize}.`] : []),
    ...(hasWrongLength(dependsOn, 0, 20) ? [`dependencies must be 20 or less. Received ${dependsOn?.length}.`] : []),
    ...(isOutside(attempts, 1, 10) ? [`attempts must be between 1 and 10. Received ${attempts}.`] : []),
    ...(isOutside(timeout?.seconds, 60, Number.MAX_SAFE_INTEGER)
      ? [`attempt duration must be greater than 60 seconds. Received ${timeout?.seconds} seconds.`]
      : []),
    ...checkTags(props.tags),
    ...reserved.map(
      (name) => `Invalid environment variable name: ${name}. Names starting with 'AWS_BATCH' are reserved.`,
    ),
  ];
}

function checkTags(tags: { readonly [key: string]: string } = {}): readonly string[] {
  const entries = Object.entries(tags);
  return [
    ...(hasWrongLength(entries, 0, TAGS_MAX)
      ? [`Maximum tag number of entries is ${TAGS_MAX}. Received ${entries.length}.`]
      : []),
    ...entries.flatMap(([key, value]) => [
      ...(hasWrongLength(key, 1, 128) ? [`Tag key size must be between 1 and 128, but got ${key.length}.`] : []),
      ...(hasWrongLength(value, 0, 256) ? [`Tag value maximum size is 256, but got ${value.length}.`] : []),
    ]),
  ];
}

function renderOverrides(overrides: BatchContainerOverrides | undefined): Fields | undefined {
  if (overrides === undefined) return undefined;
  const { environment, gpuCount, memory, vcpus } = overrides;
  const requirements = [
    ...(gpuCount === undefined || gpuCount === 0 ? [] : [{ Type: "GPU", Value: `${gpuCount}` }]),
    ...(memory === undefined ? [] : [{ Type: "MEMORY", Value: `${memory.toMebibytes()}` }]),
    ...(vcpus === undefined ? [] : [{ Type: "VCPU", Value: `${vcpus}` }]),
  ];
  return {
    Command: overrides.command,
    Environment:
      environment === undefined
        ? undefined
        : Object.entries(environment).map(([name, value]) => ({ Name: name, Value: value })),
    InstanceType: overrides.instanceType?.toString(),
    ResourceRequirements: requirements.length === 0 ? undefined : requirements,
  };
}

function renderTimeout(timeout: Timeout | undefined): Fields | undefined {
  if (timeout === undefined) return undefined;
  const { seconds, jsonataExpression, path } = timeout;
  const duration = seconds ?? jsonataExpression ?? (path === undefined ? undefined : numberAtPath(path));
  return { AttemptDurationSeconds: duration };
}
