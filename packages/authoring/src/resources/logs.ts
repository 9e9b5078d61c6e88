import type { Construct } from "../construct.ts";
import { NamedReference } from "./named-reference.ts";

export interface ILogGroup {
  readonly logGroupArn: string;
  readonly logGroupName: string;
}

export interface LogGroupProps {
  readonly logGroupName?: string;
}

/** A log group that exists elsewhere. */
export class LogGroup extends NamedReference implements ILogGroup {
  static fromLogGroupName(scope: Construct, id: string, logGroupName: string): ILogGroup {
    return new LogGroup(scope, id, { logGroupName });
  }
  static fromLogGroupArn(_scope: Construct, _id: string, arn: string): ILogGroup {
    const logGroupArn = arn.endsWith(":*") ? arn : `${arn}:*`;
    return { logGroupArn, logGroupName: logGroupArn.split(":")[6] ?? "" };
  }

  constructor(scope: Construct, id: string, props: LogGroupProps = {}) {
    super(scope, id, props.logGroupName);
  }

  get logGroupName(): string {
    return this.resourceName;
  }
  get logGroupArn(): string {
    return this.stack.arn("logs", `log-group:${this.logGroupName}:*`);
  }
}
