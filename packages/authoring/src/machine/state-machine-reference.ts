import { Construct } from "../construct.ts";
import { type Grant, type IGrantable, StateMachineGrants } from "./grants.ts";

export interface IStateMachine {
  readonly stateMachineArn: string;
}

/** A machine on which rights can be given, made here or elsewhere. */
export abstract class StateMachineBase extends Construct implements IStateMachine {
  abstract readonly stateMachineArn: string;

  /** Rights on this machine, for a role that is not its own. */
  get grants(): StateMachineGrants {
    return StateMachineGrants.fromStateMachine(this);
  }
  grant(grantee: IGrantable, ...actions: readonly string[]): Grant {
    return this.grants.actions(grantee, ...actions);
  }
  grantExecution(grantee: IGrantable, ...actions: readonly string[]): Grant {
    return this.grants.execution(grantee, ...actions);
  }
  grantStartExecution(grantee: IGrantable): Grant {
    return this.grants.startExecution(grantee);
  }
  grantStartSyncExecution(grantee: IGrantable): Grant {
    return this.grants.startSyncExecution(grantee);
  }
  grantRedriveExecution(grantee: IGrantable): Grant {
    return this.grants.redriveExecution(grantee);
  }
  grantTaskResponse(grantee: IGrantable): Grant {
    return this.grants.taskResponse(grantee);
  }
  grantRead(grantee: IGrantable): Grant {
    return this.grants.read(grantee);
  }
}

/** A machine that exists elsewhere. */
export class StateMachineReference extends StateMachineBase {
  readonly stateMachineArn: string;

  constructor(scope: Construct, id: string, stateMachineArn: string) {
    super(scope, id);
    this.stateMachineArn = stateMachineArn;
  }
}
