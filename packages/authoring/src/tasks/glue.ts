import type { Construct } from "../construct.ts";
import { Duration } from "../duration.ts";
import type { Fields } from "../fields/field-utils.ts";
import type { TaskInput } from "../fields/task-input.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import { numberAtPath } from "./checks.ts";

export const WorkerType = {
  STANDARD: "Standard",
  G_025X: "G.025X",
  G_1X: "G.1X",
  G_2X: "G.2X",
  G_4X: "G.4X",
  G_8X: "G.8X",
  Z_2X: "Z.2X",
} as const;
export type WorkerType = (typeof WorkerType)[keyof typeof WorkerType];

/** The kind of a job's workers; any text, so that it may be a reference. */
export class WorkerTypeV2 {
  static readonly STANDARD: WorkerTypeV2 = new WorkerTypeV2(WorkerType.STANDARD);
  static readonly G_1X: WorkerTypeV2 = new WorkerTypeV2(WorkerType.G_1X);
  static readonly G_2X: WorkerTypeV2 = new WorkerTypeV2(WorkerType.G_2X);
  static readonly G_4X: WorkerTypeV2 = new WorkerTypeV2(WorkerType.G_4X);
  static readonly G_8X: WorkerTypeV2 = new WorkerTypeV2(WorkerType.G_8X);
  static readonly G_025X: WorkerTypeV2 = new WorkerTypeV2(WorkerType.G_025X);
  static readonly Z_2X: WorkerTypeV2 = new WorkerTypeV2(WorkerType.Z_2X);
  static of(workerType: string): WorkerTypeV2 {
    return new WorkerTypeV2(workerType);
  }

  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }
}

export const ExecutionClass = { FLEX: "FLEX", STANDARD: "STANDARD" } as const;
export type ExecutionClass = (typeof ExecutionClass)[keyof typeof ExecutionClass];

export interface WorkerConfigurationProperty {
  /** Either this or `workerTypeV2`. */
  readonly workerType?: WorkerType;
  readonly workerTypeV2?: WorkerTypeV2;
  readonly numberOfWorkers: number;
}
export interface GlueStartJobRunProps extends TaskStateBaseProps {
  readonly glueJobName: string;
  readonly arguments?: TaskInput;
  readonly securityConfiguration?: string;
  /** At least 1 minute. */
  readonly notifyDelayAfter?: Duration;
  readonly workerConfiguration?: WorkerConfigurationProperty;
  readonly executionClass?: ExecutionClass;
}

/** Starts a run of a job; the run's own timeout is the task's, in minutes. */
export class GlueStartJobRun extends TaskStateBase {
  readonly #props: GlueStartJobRunProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: GlueStartJobRunProps) {
    // `arguments` is the job's own here, not the state's field of that name.
    const { arguments: _, ...stateProps } = props;
    super(scope, id, stateProps);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.RUN_JOB);
    const workers = props.workerConfiguration;
    if (workers === undefined) return;
    if (workers.workerType !== undefined && workers.workerTypeV2 !== undefined) {
      throw this.misuse("You cannot set both 'workerType' and 'workerTypeV2' in workerConfiguration.");
    }
    if (workers.workerType === undefined && workers.workerTypeV2 === undefined) {
      throw this.misuse("You must set either 'workerType' or 'workerTypeV2' in workerConfiguration.");
    }
  }

  protected renderCall(): TaskCall {
    const { glueJobName, securityConfiguration, notifyDelayAfter, workerConfiguration: workers } = this.#props;
    return {
      resource: integrationResourceArn("glue", "startJobRun", this.#pattern),
      parameters: {
        JobName: glueJobName,
        Arguments: this.#props.arguments?.value,
        Timeout: this.#timeoutMinutes(),
        SecurityConfiguration: securityConfiguration,
        // Written as null in a JSONata state and left out of a JSONPath one, as the CDK does.
        NotificationProperty:
          notifyDelayAfter === undefined ? null : { NotifyDelayAfter: notifyDelayAfter.toMinutes() },
        WorkerType: workers?.workerTypeV2?.name ?? workers?.workerType,
        NumberOfWorkers: workers?.numberOfWorkers,
        ExecutionClass: this.#props.executionClass,
      },
    };
  }

  // The service ends the run by itself: of its own the state has only the heartbeat.
  protected override renderTimeouts(): Fields {
    return this.renderHeartbeat();
  }

  #timeoutMinutes(): unknown {
    const timeout = this.timeout();
    if (timeout === undefined) return undefined;
    if (timeout.seconds !== undefined) return Duration.seconds(timeout.seconds).toMinutes();
    return timeout.path === undefined ? timeout.jsonataExpression : numberAtPath(timeout.path);
  }
}

export interface GlueStartCrawlerRunProps extends TaskStateBaseProps {
  readonly crawlerName: string;
}

/** Starts a crawler. */
export class GlueStartCrawlerRun extends TaskStateBase {
  readonly #crawlerName: string;

  constructor(scope: Construct, id: string, props: GlueStartCrawlerRunProps) {
    super(scope, id, props);
    this.#crawlerName = props.crawlerName;
    this.pattern(IntegrationPattern.REQUEST_RESPONSE);
  }

  protected renderCall(): TaskCall {
    return {
      resource: integrationResourceArn("aws-sdk", "glue:startCrawler"),
      parameters: { Name: this.#crawlerName },
    };
  }
}

export interface GlueDataBrewStartJobRunProps extends TaskStateBaseProps {
  readonly name: string;
}

/** Starts a DataBrew job. */
export class GlueDataBrewStartJobRun extends TaskStateBase {
  readonly #name: string;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: GlueDataBrewStartJobRunProps) {
    super(scope, id, props);
    this.#name = props.name;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.RUN_JOB);
  }

  protected renderCall(): TaskCall {
    const resource = integrationResourceArn("databrew", "startJobRun", this.#pattern);
    return { resource, parameters: { Name: this.#name } };
  }
}
