import type { Construct } from "../construct.ts";
import { Stack } from "../construct.ts";
import { Duration } from "../duration.ts";
import type { Fields } from "../fields/field-utils.ts";
import { JsonPath } from "../fields/json-path.ts";
import type { TaskInput } from "../fields/task-input.ts";
import type { PolicyStatement } from "../resources/iam.ts";
import type { IFunction } from "../resources/lambda.ts";
import type { RetryProps } from "../states/errors.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";

export const LambdaInvocationType = { REQUEST_RESPONSE: "RequestResponse", EVENT: "Event", DRY_RUN: "DryRun" } as const;
export type LambdaInvocationType = (typeof LambdaInvocationType)[keyof typeof LambdaInvocationType];

export interface LambdaInvokeProps extends TaskStateBaseProps {
  readonly lambdaFunction: IFunction;
  /** What the function gets; the state's whole input unless said otherwise. */
  readonly payload?: TaskInput;
  readonly invocationType?: LambdaInvocationType;
  /** Base64 of JSON, at most 3,583 bytes. */
  readonly clientContext?: string;
  readonly qualifier?: string;
  /** The function is the resource itself: its payload is its parameters, its result the state's result. */
  readonly payloadResponseOnly?: boolean;
  /** Retry Lambda's own failures; true unless said otherwise. */
  readonly retryOnServiceExceptions?: boolean;
}

// AWS's "Best practices for Step Functions", "Handle transient Lambda service exceptions".
const SERVICE_EXCEPTIONS: RetryProps = {
  errors: ["ClientExecutionTimeoutException", "ServiceException", "AWSLambdaException", "SdkClientException"].map(
    (name) => `Lambda.${name}`,
  ),
  interval: Duration.seconds(2),
  maxAttempts: 6,
  backoffRate: 2,
};

/** Calls a function. */
export class LambdaInvoke extends TaskStateBase {
  readonly #props: LambdaInvokeProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: LambdaInvokeProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.WAIT_FOR_TASK_TOKEN);
    this.requireTaskToken(this.#pattern, props.payload, "Task Token is required in `payload` for callback.");
    const { integrationPattern, invocationType, clientContext, qualifier } = props;
    if (props.payloadResponseOnly === true && (integrationPattern ?? invocationType ?? clientContext ?? qualifier)) {
      throw this.misuse(
        "The 'payloadResponseOnly' property cannot be used if 'integrationPattern', 'invocationType', 'clientContext', " +
          "or 'qualifier' are specified.",
      );
    }
    if (props.retryOnServiceExceptions ?? true) this.pushRetry(SERVICE_EXCEPTIONS);
  }

  protected renderCall(jsonata: boolean): TaskCall {
    const { lambdaFunction, payload, invocationType, clientContext, qualifier } = this.#props;
    if (this.#props.payloadResponseOnly === true) {
      return { resource: lambdaFunction.functionArn, parameters: payload?.value };
    }
    const everything = jsonata ? "{% $states.input %}" : JsonPath.entirePayload;
    return {
      resource: integrationResourceArn("lambda", "invoke", this.#pattern),
      parameters: {
        FunctionName: lambdaFunction.functionArn,
        Payload: payload === undefined ? everything : payload.value,
        InvocationType: invocationType,
        ClientContext: clientContext,
        Qualifier: qualifier,
      },
    };
  }
}

export interface CallAwsServiceOptions {
  /** Lower case, as the SDK names it: `s3`, `dynamodb`, `cloudwatchlogs`. */
  readonly service: string;
  /** camelCase: `getObject`. */
  readonly action: string;
  /** PascalCase names. */
  readonly parameters?: Fields;
  /** What the call may touch; `*` for everything. */
  readonly iamResources: readonly string[];
  /** The right's own name where it is not `<service>:<action>`. */
  readonly iamAction?: string;
  readonly additionalIamStatements?: readonly PolicyStatement[];
}

export interface CallAwsServiceCrossRegionProps extends TaskStateBaseProps, CallAwsServiceOptions {
  readonly region: string;
  readonly endpoint?: string;
  /** Retry Lambda's own failures; true unless said otherwise. */
  readonly retryOnServiceExceptions?: boolean;
}

// One function for all such tasks of a stack: the name the CDK gives its own.
const CROSS_REGION_FUNCTION = "CrossRegionAwsSdk8a0c93f3dbef4b71ac137aaf2048ce7e";

/** Calls an AWS service in another region, by a function that makes the call. */
export class CallAwsServiceCrossRegion extends TaskStateBase {
  readonly #props: CallAwsServiceCrossRegionProps;

  constructor(scope: Construct, id: string, props: CallAwsServiceCrossRegionProps) {
    super(scope, id, props);
    this.#props = props;
    this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.WAIT_FOR_TASK_TOKEN);
    for (const finding of checkServiceCall(props)) throw this.misuse(finding);
    if (props.retryOnServiceExceptions ?? true) this.pushRetry(SERVICE_EXCEPTIONS);
  }

  protected renderCall(): TaskCall {
    const { region, endpoint, action, service, parameters } = this.#props;
    return {
      resource: Stack.of(this).arn("lambda", `function:${CROSS_REGION_FUNCTION}`),
      parameters: { region, endpoint, action, service, parameters },
    };
  }
}

/** What is wrong with how a service, its action and the parameters are written. */
export function checkServiceCall({ action, parameters = {} }: CallAwsServiceOptions): readonly string[] {
  if (!/^[a-z]/.test(action)) return [`action must be camelCase, got: ${action}`];
  const wrong = Object.keys(parameters).filter((key) => !/^[^a-z]/.test(key));
  return wrong.length === 0 ? [] : [`parameter names must be PascalCase, got: ${wrong.join(", ")}`];
}
