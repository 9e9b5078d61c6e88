import type { Construct } from "../construct.ts";
import { NamedReference } from "../resources/named-reference.ts";
import { type Grant, grant, type IGrantable } from "./grants.ts";

export interface IActivity {
  readonly activityArn: string;
  readonly activityName?: string;
}

export interface ActivityProps {
  readonly activityName?: string;
}

/** Work that is done by whoever asks for it. */
export class Activity extends NamedReference implements IActivity {
  static fromActivityArn(_scope: Construct, _id: string, activityArn: string): IActivity {
    return { activityArn, activityName: activityArn.slice(activityArn.lastIndexOf(":") + 1) };
  }
  static fromActivityName(scope: Construct, id: string, activityName: string): IActivity {
    return new Activity(scope, id, { activityName });
  }

  constructor(scope: Construct, id: string, props: ActivityProps = {}) {
    super(scope, id, props.activityName);
  }

  /** Rights on this activity. */
  grant(grantee: IGrantable, ...actions: readonly string[]): Grant {
    return grant(grantee, [actions, this.activityArn]);
  }

  get activityName(): string {
    return this.resourceName;
  }
  get activityArn(): string {
    return this.stack.arn("states", `activity:${this.activityName}`);
  }
}
