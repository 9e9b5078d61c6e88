import type { Construct } from "../construct.ts";
import { isReference } from "../fields/reference.ts";
import type { TaskInput } from "../fields/task-input.ts";
import type { ITopic } from "../resources/messaging.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import { isDynamic } from "./checks.ts";

export const MessageAttributeDataType = {
  STRING: "String",
  STRING_ARRAY: "String.Array",
  NUMBER: "Number",
  BINARY: "Binary",
} as const;
export type MessageAttributeDataType = (typeof MessageAttributeDataType)[keyof typeof MessageAttributeDataType];

type Scalar = string | number | boolean;

export interface MessageAttribute {
  readonly value: Scalar | readonly (Scalar | null)[];
  /** Told from the value unless said otherwise; `Binary` must be said. */
  readonly dataType?: MessageAttributeDataType;
}

export interface SnsPublishProps extends TaskStateBaseProps {
  readonly topic: ITopic;
  readonly message: TaskInput;
  readonly messageAttributes?: { readonly [name: string]: MessageAttribute };
  /** The message has one text for each kind of subscription, and one named `default`. */
  readonly messagePerSubscriptionType?: boolean;
  readonly subject?: string;
  /** Required for FIFO topics. */
  readonly messageGroupId?: string;
  readonly messageDeduplicationId?: string;
}

/** Publishes a message to a topic. */
export class SnsPublish extends TaskStateBase {
  readonly #props: SnsPublishProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: SnsPublishProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.WAIT_FOR_TASK_TOKEN);
    this.requireTaskToken(this.#pattern, props.message, "Task Token is required in `message`");
    for (const [name, attribute] of Object.entries(props.messageAttributes ?? {})) {
      const finding = checkAttribute(attribute);
      if (finding !== undefined) throw this.misuse(`messageAttributes.${name}: ${finding}`);
    }
    for (const finding of checkFifo(props)) throw this.misuse(finding);
  }

  protected renderCall(): TaskCall {
    const { topic, message, messageAttributes, subject, messageGroupId, messageDeduplicationId } = this.#props;
    return {
      resource: integrationResourceArn("sns", "publish", this.#pattern),
      parameters: {
        TopicArn: topic.topicArn,
        Message: message.value,
        MessageStructure: this.#props.messagePerSubscriptionType === true ? "json" : undefined,
        MessageAttributes: renderAttributes(messageAttributes),
        Subject: subject,
        MessageDeduplicationId: messageDeduplicationId,
        MessageGroupId: messageGroupId,
      },
    };
  }
}

function checkFifo({ topic, messageGroupId, messageDeduplicationId }: SnsPublishProps): readonly string[] {
  if (!topic.topicArn.endsWith(".fifo")) return [];
  const needsId = topic.contentBasedDeduplication === false && messageDeduplicationId === undefined;
  return [
    ...(messageGroupId === undefined ? ["'messageGroupId' is required for FIFO topics"] : []),
    ...(needsId
      ? ["'messageDeduplicationId' is required for FIFO topics with contentBasedDeduplication disabled"]
      : []),
  ];
}

function renderAttributes(attributes: SnsPublishProps["messageAttributes"]): unknown {
  if (attributes === undefined) return undefined;
  return Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, renderAttribute(attribute)]));
}

function renderAttribute({ value, dataType }: MessageAttribute): unknown {
  if (dataType === MessageAttributeDataType.BINARY) return { DataType: dataType, BinaryValue: value };
  if (isReference(value)) return { DataType: dataType ?? MessageAttributeDataType.STRING, StringValue: value };
  if (Array.isArray(value)) {
    return { DataType: MessageAttributeDataType.STRING_ARRAY, StringValue: JSON.stringify(value) };
  }
  const told = typeof value === "number" ? MessageAttributeDataType.NUMBER : MessageAttributeDataType.STRING;
  return { DataType: dataType ?? told, StringValue: String(value) };
}

const OF_TYPE: { readonly [T in MessageAttributeDataType]: readonly string[] } = {
  String: ["string", "boolean"],
  "String.Array": [],
  Number: ["number"],
  Binary: ["string"],
};

function checkAttribute({ value, dataType }: MessageAttribute): string | undefined {
  if (isDynamic(value)) return undefined;
  if (Array.isArray(value)) {
    if (dataType !== undefined && dataType !== MessageAttributeDataType.STRING_ARRAY) {
      return `Requested SNS message attribute type was ${dataType} but ${value} was of type Array`;
    }
    const strange = value.find((member) => member !== null && typeof member === "object");
    return strange === undefined ? undefined : "Array values must be one of string, boolean, number, null";
  }
  if (typeof value === "object") return "a message attribute is a string, a number, a boolean or a list of these";
  if (dataType === undefined || OF_TYPE[dataType].includes(typeof value)) return undefined;
  return `Requested SNS message attribute type was ${dataType} but ${value} was of type ${typeof value}`;
}
