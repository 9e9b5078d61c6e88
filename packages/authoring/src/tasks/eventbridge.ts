import type { Construct } from "../construct.ts";
import type { TaskInput } from "../fields/task-input.ts";
import type { IEventBus } from "../resources/events.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";

export interface EventBridgePutEventsEntry {
  readonly detail: TaskInput;
  readonly detailType: string;
  /** The account's default bus unless given. */
  readonly eventBus?: IEventBus;
  /** Not `aws.…`, which AWS keeps for itself. */
  readonly source: string;
}
export interface EventBridgePutEventsProps extends TaskStateBaseProps {
  readonly entries: readonly EventBridgePutEventsEntry[];
}

/** Puts events on buses. */
export class EventBridgePutEvents extends TaskStateBase {
  readonly #props: EventBridgePutEventsProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: EventBridgePutEventsProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.WAIT_FOR_TASK_TOKEN);
    const details = props.entries.map(({ detail, ...entry }) => ({ ...entry, detail: detail.value }));
    this.requireTaskToken(this.#pattern, details, "Task Token is required in `entries`.");
    if (props.entries.length === 0) throw this.misuse("Value for property `entries` must be a non-empty array.");
    if (props.entries.some(({ source }) => source.startsWith("aws."))) {
      throw this.misuse('Event source cannot start with "aws."');
    }
  }

  protected renderCall(): TaskCall {
    const entries = this.#props.entries.map(({ detail, detailType, eventBus, source }) => ({
      Detail: detail.value,
      DetailType: detailType,
      EventBusName: eventBus?.eventBusArn,
      Source: source,
    }));
    return { resource: integrationResourceArn("events", "putEvents", this.#pattern), parameters: { Entries: entries } };
  }
}
