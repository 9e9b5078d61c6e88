import type { Construct } from "../construct.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import { type CallAwsServiceOptions, checkServiceCall } from "./lambda.ts";

export interface CallAwsServiceProps extends TaskStateBaseProps, CallAwsServiceOptions {}

/** Calls any action of any AWS service. */
export class CallAwsService extends TaskStateBase {
  readonly #props: CallAwsServiceProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: CallAwsServiceProps) {
    super(scope, id, props);
    this.#props = props;
    if (props.integrationPattern === IntegrationPattern.RUN_JOB) {
      throw this.misuse("The RUN_JOB integration pattern is not supported for CallAwsService");
    }
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.WAIT_FOR_TASK_TOKEN);
    for (const finding of checkServiceCall(props)) throw this.misuse(finding);
  }

  protected renderCall(): TaskCall {
    const { service, action, parameters = {} } = this.#props;
    return {
      resource: integrationResourceArn("aws-sdk", `${service.toLowerCase()}:${action}`, this.#pattern),
      parameters,
    };
  }
}
