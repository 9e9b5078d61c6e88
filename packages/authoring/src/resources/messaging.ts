import type { Construct } from "../construct.ts";
import { NamedReference } from "./named-reference.ts";

export interface IQueue {
  readonly queueUrl: string;
  readonly queueArn?: string;
  readonly queueName?: string;
}
export interface ITopic {
  readonly topicArn: string;
  /** Of a FIFO topic: false where messages must say their deduplication id; unknown unless given. */
  readonly contentBasedDeduplication?: boolean;
  readonly topicName?: string;
}

export interface QueueProps {
  readonly queueName?: string;
  /** The name then ends in `.fifo`. */
  readonly fifo?: boolean;
}

/** A queue that exists elsewhere. */
export class Queue extends NamedReference implements IQueue {
  static fromQueueArn(_scope: Construct, _id: string, queueArn: string): IQueue {
    return Queue.fromArn(queueArn);
  }
  static fromArn(queueArn: string): IQueue {
    const [, , , region = "", account = "", queueName = ""] = queueArn.split(":");
    return { queueArn, queueName, queueUrl: urlOf(region, account, queueName) };
  }
  static fromUrl(queueUrl: string): IQueue {
    return { queueUrl };
  }

  readonly #fifo: boolean;

  constructor(scope: Construct, id: string, props: QueueProps = {}) {
    super(scope, id, props.queueName);
    this.#fifo = props.fifo ?? false;
  }

  get queueName(): string {
    return fifoName(this.resourceName, this.#fifo);
  }
  get queueArn(): string {
    return this.stack.arn("sqs", this.queueName);
  }
  get queueUrl(): string {
    return urlOf(this.stack.region, this.stack.account, this.queueName);
  }
}

export interface TopicProps {
  readonly topicName?: string;
  readonly contentBasedDeduplication?: boolean;
  /** The name then ends in `.fifo`. */
  readonly fifo?: boolean;
}

/** A topic that exists elsewhere. */
export class Topic extends NamedReference implements ITopic {
  static fromTopicArn(_scope: Construct, _id: string, topicArn: string): ITopic {
    return Topic.fromArn(topicArn);
  }
  static fromArn(topicArn: string): ITopic {
    return { topicArn, topicName: topicArn.slice(topicArn.lastIndexOf(":") + 1) };
  }

  readonly contentBasedDeduplication: boolean;
  readonly #fifo: boolean;

  constructor(scope: Construct, id: string, props: TopicProps = {}) {
    super(scope, id, props.topicName);
    this.contentBasedDeduplication = props.contentBasedDeduplication ?? false;
    this.#fifo = props.fifo ?? false;
  }

  get topicName(): string {
    return fifoName(this.resourceName, this.#fifo);
  }
  get topicArn(): string {
    return this.stack.arn("sns", this.topicName);
  }
}

function fifoName(name: string, fifo: boolean): string {
  return fifo && !name.endsWith(".fifo") ? `${name}.fifo` : name;
}

function urlOf(region: string, account: string, name: string): string {
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}
