import type { Construct } from "../construct.ts";
import type { Duration } from "../duration.ts";
import { type Fields, FieldUtils, renderFields, withoutReferences } from "../fields/field-utils.ts";
import { Misuse } from "../misuse.ts";
import { FallibleState } from "./chain.ts";
import { QueryLanguage } from "./query-language.ts";
import type { AssignableStateOptions, JsonataCommonOptions, JsonPathResultOptions, StateBaseProps } from "./state.ts";
import type { Credentials } from "./task-role.ts";
import { Timeout } from "./timeout.ts";

/** Whether a task's state goes on at once, waits for the job, or waits for its token to come back. */
export const IntegrationPattern = {
  REQUEST_RESPONSE: "REQUEST_RESPONSE",
  RUN_JOB: "RUN_JOB",
  WAIT_FOR_TASK_TOKEN: "WAIT_FOR_TASK_TOKEN",
} as const;
export type IntegrationPattern = (typeof IntegrationPattern)[keyof typeof IntegrationPattern];

const RESOURCE_SUFFIX: { readonly [P in IntegrationPattern]: string } = {
  REQUEST_RESPONSE: "",
  RUN_JOB: ".sync",
  WAIT_FOR_TASK_TOKEN: ".waitForTaskToken",
};

export interface TaskStateBaseProps
  extends StateBaseProps,
    AssignableStateOptions,
    JsonPathResultOptions,
    JsonataCommonOptions {
  /** The older form of `taskTimeout`. */
  readonly timeout?: Duration;
  readonly taskTimeout?: Timeout;
  /** The older form of `heartbeatTimeout`. */
  readonly heartbeat?: Duration;
  readonly heartbeatTimeout?: Timeout;
  readonly integrationPattern?: IntegrationPattern;
  readonly credentials?: Credentials;
}

/** What a task calls: the state's `Resource`, and what is in `Parameters` or `Arguments`. */
export interface TaskCall {
  readonly resource: string;
  readonly parameters?: unknown;
}

type TaskClass = new (scope: Construct, id: string, props: never) => TaskStateBase;
type PropsOf<C extends TaskClass> = ConstructorParameters<C>[2];
type JsonPathKey = "inputPath" | "outputPath" | "resultPath" | "resultSelector";
// Where a task has both spellings, each language has one of them; elsewhere the name is the task's own.
type SpelledTwice<P> = "parameters" extends keyof P ? ("arguments" extends keyof P ? true : false) : false;
type WithoutJsonPath<P> = Omit<
  P,
  "queryLanguage" | JsonPathKey | (SpelledTwice<P> extends true ? "parameters" : never)
>;
type WithoutJsonata<P> = Omit<P, "queryLanguage" | "outputs" | (SpelledTwice<P> extends true ? "arguments" : never)>;

/** What all tasks share. */
export abstract class TaskStateBase extends FallibleState {
  /** A task that refers to data by paths. */
  static jsonPath<C extends TaskClass>(
    this: C,
    scope: Construct,
    id: string,
    props: WithoutJsonata<PropsOf<C>>,
  ): InstanceType<C> {
    return new this(scope, id, props as never) as InstanceType<C>;
  }
  /** A task that refers to data by JSONata expressions. */
  static jsonata<C extends TaskClass>(
    this: C,
    scope: Construct,
    id: string,
    props: WithoutJsonPath<PropsOf<C>>,
  ): InstanceType<C> {
    return new this(scope, id, { ...props, queryLanguage: QueryLanguage.JSONATA } as never) as InstanceType<C>;
  }

  readonly #task: TaskStateBaseProps;

  constructor(scope: Construct, id: string, props: TaskStateBaseProps) {
    super(scope, id, props);
    this.#task = props;
  }

  toStateJson(machine?: QueryLanguage): Fields {
    const jsonata = this.speaksJsonata(machine);
    const { resource, parameters } = this.renderCall(jsonata);
    return {
      ...this.renderQueryLanguage(machine),
      ...this.renderNextEnd(),
      ...this.renderRetryCatch(machine),
      Type: "Task",
      Comment: this.props.comment,
      ...this.renderTimeouts(),
      ...this.renderInputOutput(),
      ...this.renderResult(),
      Credentials: this.#renderCredentials(jsonata),
      ...this.renderAssign(machine),
      Resource: resource,
      [jsonata ? "Arguments" : "Parameters"]: jsonata ? withoutReferences(parameters) : renderFields(parameters),
    };
  }

  /** jsonata: whether references in the parameters are expressions. */
  protected abstract renderCall(jsonata: boolean): TaskCall;

  protected renderTimeouts(): Fields {
    return { ...this.timeout()?.render("Timeout"), ...this.renderHeartbeat() };
  }

  protected renderHeartbeat(): Fields {
    return { ...durationOrTimeout(this.#task.heartbeat, this.#task.heartbeatTimeout)?.render("Heartbeat") };
  }

  protected timeout(): Timeout | undefined {
    return durationOrTimeout(this.#task.timeout, this.#task.taskTimeout);
  }

  /** The pattern asked for; throws when the service has no such one. The first of `supported` is the default. */
  protected pattern(...supported: readonly [IntegrationPattern, ...IntegrationPattern[]]): IntegrationPattern {
    const pattern = this.#task.integrationPattern ?? supported[0];
    if (supported.includes(pattern)) return pattern;
    throw this.misuse(
      `Unsupported service integration pattern. Supported Patterns: ${supported.join(",")}. Received: ${pattern}`,
    );
  }

  /** Throws when a task that waits for its token gives it to nobody. */
  protected requireTaskToken(pattern: IntegrationPattern, value: unknown, message: string): void {
    if (pattern !== IntegrationPattern.WAIT_FOR_TASK_TOKEN || FieldUtils.containsTaskToken(value)) return;
    throw this.misuse(`${message} Use JsonPath.taskToken to set the token.`);
  }

  protected misuse(message: string): Misuse {
    return new Misuse(this.node.path, message);
  }

  #renderCredentials(jsonata: boolean): unknown {
    if (this.#task.credentials === undefined) return undefined;
    const credentials = { RoleArn: this.#task.credentials.role.roleArn };
    return jsonata ? credentials : renderFields(credentials);
  }
}

/** `arn:aws:states:::<service>:<api>` with the suffix of the pattern. */
export function integrationResourceArn(
  service: string,
  api: string,
  pattern: IntegrationPattern = IntegrationPattern.REQUEST_RESPONSE,
): string {
  return `arn:aws:states:::${service}:${api}${RESOURCE_SUFFIX[pattern]}`;
}

function durationOrTimeout(duration: Duration | undefined, timeout: Timeout | undefined): Timeout | undefined {
  return duration === undefined ? timeout : Timeout.duration(duration);
}
