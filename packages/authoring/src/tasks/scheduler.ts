import type { Construct } from "../construct.ts";
import type { Duration } from "../duration.ts";
import type { Fields } from "../fields/field-utils.ts";
import { Misuse } from "../misuse.ts";
import type { IRole } from "../resources/iam.ts";
import type { IKey } from "../resources/kms.ts";
import type { IQueue } from "../resources/messaging.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import { hasWrongLength, isDynamic, isOutside } from "./checks.ts";

export const ActionAfterCompletion = { NONE: "NONE", DELETE: "DELETE" } as const;
export type ActionAfterCompletion = (typeof ActionAfterCompletion)[keyof typeof ActionAfterCompletion];

/** Each `*` (or `?`, whichever is right) unless given; at most one of `day` and `weekDay`. */
export interface CronOptions {
  readonly minute?: string;
  readonly hour?: string;
  readonly day?: string;
  readonly month?: string;
  readonly weekDay?: string;
  readonly year?: string;
}

/** When a schedule fires. */
export class Schedule {
  static oneTime(time: Date): Schedule {
    return new Schedule(time.toISOString().split(".")[0] ?? "");
  }
  /** At least 1 minute. */
  static rate(duration: Duration): Schedule {
    const minutes = duration.toMinutes();
    if (minutes < 1) throw new Misuse("Schedule", "a rate must be at least 1 minute");
    if (minutes % 1_440 === 0) return new Schedule(rate(minutes / 1_440, "day"));
    return new Schedule(minutes % 60 === 0 ? rate(minutes / 60, "hour") : rate(minutes, "minute"));
  }
  static cron(options: CronOptions): Schedule {
    if (options.day !== undefined && options.weekDay !== undefined) {
      throw new Misuse("Schedule", "Cannot supply both 'day' and 'weekDay', use at most one");
    }
    const { minute = "*", hour = "*", month = "*", weekDay = "?", year = "*" } = options;
    const day = options.day ?? (options.weekDay === undefined ? "*" : "?");
    return new Schedule(`cron(${minute} ${hour} ${day} ${month} ${weekDay} ${year})`);
  }

  readonly expressionString: string;

  private constructor(expressionString: string) {
    this.expressionString = expressionString;
  }
}

function rate(amount: number, unit: string): string {
  // Scheduler's units are plural words, also after a 1.
  return `rate(${amount} ${unit}s)`;
}

export interface RetryPolicy {
  /** 0 to 185. */
  readonly maximumRetryAttempts: number;
  /** 1 minute to 1 day. */
  readonly maximumEventAge: Duration;
}
export interface EventBridgeSchedulerTargetProps {
  readonly arn: string;
  readonly role: IRole;
  readonly input?: string;
  readonly retryPolicy?: RetryPolicy;
  readonly deadLetterQueue?: IQueue;
}

/** What a schedule starts, and as whom. */
export class EventBridgeSchedulerTarget {
  readonly #props: EventBridgeSchedulerTargetProps;

  constructor(props: EventBridgeSchedulerTargetProps) {
    const { retryPolicy } = props;
    if (isOutside(retryPolicy?.maximumRetryAttempts, 0, 185)) {
      throw new Misuse(
        "EventBridgeSchedulerTarget",
        `MaximumRetryAttempts must be between 0 and 185, got ${retryPolicy?.maximumRetryAttempts}`,
      );
    }
    const seconds = retryPolicy?.maximumEventAge.toSeconds();
    if (isOutside(seconds, 60, 86_400)) {
      throw new Misuse(
        "EventBridgeSchedulerTarget",
        `MaximumEventAgeInSeconds must be between 60 and 86400 seconds, got ${seconds}`,
      );
    }
    this.#props = props;
  }

  renderTargetObject(): Fields {
    const { arn, role, input, retryPolicy, deadLetterQueue } = this.#props;
    return {
      Arn: arn,
      RoleArn: role.roleArn,
      Input: input,
      RetryPolicy:
        retryPolicy === undefined
          ? undefined
          : {
              MaximumEventAgeInSeconds: retryPolicy.maximumEventAge.toSeconds(),
              MaximumRetryAttempts: retryPolicy.maximumRetryAttempts,
            },
      DeadLetterConfig: deadLetterQueue === undefined ? undefined : { Arn: deadLetterQueue.queueArn },
    };
  }
}

export interface EventBridgeSchedulerCreateScheduleTaskProps extends TaskStateBaseProps {
  /** 1 to 64 characters. */
  readonly scheduleName: string;
  /** `NONE` unless said otherwise. */
  readonly actionAfterCompletion?: ActionAfterCompletion;
  /** 1 to 64 characters. */
  readonly clientToken?: string;
  /** At most 512 characters. */
  readonly description?: string;
  readonly endDate?: Date;
  /** 1 minute to 1 day; none unless given. */
  readonly flexibleTimeWindow?: Duration;
  /** 1 to 64 characters. */
  readonly groupName?: string;
  readonly kmsKey?: IKey;
  readonly schedule: Schedule;
  /** 1 to 50 characters: a name of the IANA database. */
  readonly timezone?: string;
  readonly startDate?: Date;
  /** True unless said otherwise. */
  readonly enabled?: boolean;
  readonly target: EventBridgeSchedulerTarget;
}

/** Makes a schedule. */
export class EventBridgeSchedulerCreateScheduleTask extends TaskStateBase {
  readonly #props: EventBridgeSchedulerCreateScheduleTaskProps;

  constructor(scope: Construct, id: string, props: EventBridgeSchedulerCreateScheduleTaskProps) {
    super(scope, id, props);
    this.#props = props;
    this.pattern(IntegrationPattern.REQUEST_RESPONSE);
    for (const finding of checkSchedule(props)) throw this.misuse(finding);
  }

  protected renderCall(): TaskCall {
    const props = this.#props;
    const window = props.flexibleTimeWindow;
    return {
      resource: integrationResourceArn("aws-sdk", "scheduler:createSchedule"),
      parameters: {
        ActionAfterCompletion: props.actionAfterCompletion ?? ActionAfterCompletion.NONE,
        ClientToken: props.clientToken,
        Description: props.description,
        EndDate: props.endDate?.toISOString(),
        FlexibleTimeWindow:
          window === undefined ? { Mode: "OFF" } : { Mode: "FLEXIBLE", MaximumWindowInMinutes: window.toMinutes() },
        GroupName: props.groupName,
        KmsKeyArn: props.kmsKey?.keyArn,
        Name: props.scheduleName,
        ScheduleExpression: props.schedule.expressionString,
        ScheduleExpressionTimezone: props.timezone,
        StartDate: props.startDate?.toISOString(),
        State: props.enabled === false ? "DISABLED" : "ENABLED",
        Target: props.target.renderTargetObject(),
      },
    };
  }
}

function checkSchedule(props: EventBridgeSchedulerCreateScheduleTaskProps): readonly string[] {
  const { startDate, endDate, flexibleTimeWindow } = props;
  const text = (name: string, value: string | undefined, least: number, most: number) =>
    hasWrongLength(value, least, most)
      ? [`${name} must be between ${least} and ${most} characters long. Got: ${value?.length}`]
      : [];
  const form = (name: string, value: string | undefined, pattern: RegExp) =>
    value === undefined || isDynamic(value) || pattern.test(value)
      ? []
      : [`${name} must match ${pattern}. Got: ${value}`];
  const minutes = flexibleTimeWindow?.toMinutes();
  return [
    ...text("scheduleName", props.scheduleName, 1, 64),
    ...text("clientToken", props.clientToken, 1, 64),
    ...form("clientToken", props.clientToken, /^[a-zA-Z0-9_-]+$/),
    ...form("groupName", props.groupName, /^[a-zA-Z0-9_.-]+$/),
    ...text("description", props.description, 0, 512),
    ...text("groupName", props.groupName, 1, 64),
    ...text("timezone", props.timezone, 1, 50),
    ...(isOutside(minutes, 1, 1_440) ? [`FlexibleTimeWindow must be between 1 and 1440 minutes. Got: ${minutes}`] : []),
    ...(startDate !== undefined && endDate !== undefined && startDate >= endDate
      ? ["The value provided for start date must be less than end date"]
      : []),
  ];
}
