import type { Construct } from "../construct.ts";
import type { Duration } from "../duration.ts";
import type { TaskInput } from "../fields/task-input.ts";
import type { IQueue } from "../resources/messaging.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";

export interface SqsSendMessageProps extends TaskStateBaseProps {
  readonly queue: IQueue;
  readonly messageBody: TaskInput;
  /** At most 15 minutes. */
  readonly delay?: Duration;
  readonly messageDeduplicationId?: string;
  readonly messageGroupId?: string;
}

/** Sends a message to a queue. */
export class SqsSendMessage extends TaskStateBase {
  readonly #props: SqsSendMessageProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: SqsSendMessageProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.WAIT_FOR_TASK_TOKEN);
    this.requireTaskToken(this.#pattern, props.messageBody, "Task Token is required in `messageBody`");
  }

  protected renderCall(): TaskCall {
    const { queue, messageBody, delay, messageDeduplicationId, messageGroupId } = this.#props;
    return {
      resource: integrationResourceArn("sqs", "sendMessage", this.#pattern),
      parameters: {
        QueueUrl: queue.queueUrl,
        MessageBody: messageBody.value,
        DelaySeconds: delay?.toSeconds(),
        MessageDeduplicationId: messageDeduplicationId,
        MessageGroupId: messageGroupId,
      },
    };
  }
}
