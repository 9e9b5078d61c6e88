import type { Construct } from "../construct.ts";
import { lastPartOf, NamedReference } from "./named-reference.ts";

export interface IEventBus {
  readonly eventBusArn: string;
  readonly eventBusName: string;
}
export interface IConnection {
  readonly connectionArn: string;
  readonly connectionName?: string;
}

/** What is known of a connection that exists elsewhere. */
export interface ConnectionAttributes extends IConnection {
  readonly connectionName: string;
  readonly connectionSecretArn?: string;
}

export interface EventBusProps {
  readonly eventBusName?: string;
}

/** An event bus that exists elsewhere. */
export class EventBus extends NamedReference implements IEventBus {
  static fromEventBusArn(_scope: Construct, _id: string, eventBusArn: string): IEventBus {
    return { eventBusArn, eventBusName: lastPartOf(eventBusArn) };
  }
  static fromEventBusName(scope: Construct, id: string, eventBusName: string): IEventBus {
    return new EventBus(scope, id, { eventBusName });
  }

  constructor(scope: Construct, id: string, props: EventBusProps = {}) {
    super(scope, id, props.eventBusName);
  }

  get eventBusName(): string {
    return this.resourceName;
  }
  get eventBusArn(): string {
    return this.stack.arn("events", `event-bus/${this.eventBusName}`);
  }
}

/** A connection (where an HTTP task's credentials are) that exists elsewhere. */
export class Connection implements IConnection {
  static fromConnectionArn(_scope: Construct, _id: string, connectionArn: string): IConnection {
    return new Connection(connectionArn);
  }
  static fromConnectionAttributes(_scope: Construct, _id: string, attributes: ConnectionAttributes): IConnection {
    return { connectionArn: attributes.connectionArn, connectionName: attributes.connectionName };
  }

  readonly connectionArn: string;

  constructor(connectionArn: string) {
    this.connectionArn = connectionArn;
  }

  get connectionName(): string {
    return this.connectionArn.split("/")[1] ?? "";
  }
}
