import { PolicyStatement } from "../resources/iam.ts";

/** Who can be given a right: a role, or anything that keeps statements. */
export interface IGrantable {
  addToPolicy(statement: PolicyStatement): void;
}

/** What was given. */
export interface Grant {
  readonly statements: readonly PolicyStatement[];
}

/** Gives the rights to somebody. Nothing is created: the statements stand in `grantee`, and in what is returned. */
export function grant(
  grantee: IGrantable,
  ...rights: readonly (readonly [actions: readonly string[], resource: string])[]
): Grant {
  const statements = rights.map(([actions, resource]) => new PolicyStatement({ actions, resources: [resource] }));
  for (const statement of statements) grantee.addToPolicy(statement);
  return { statements };
}

/** Rights on a machine and its executions. AWS, "Granting IAM permissions for Step Functions". */
export class StateMachineGrants {
  static fromStateMachine(machine: { readonly stateMachineArn: string }): StateMachineGrants {
    return new StateMachineGrants(machine.stateMachineArn);
  }

  readonly #machineArn: string;

  private constructor(machineArn: string) {
    this.#machineArn = machineArn;
  }

  actions(grantee: IGrantable, ...actions: readonly string[]): Grant {
    return grant(grantee, [actions, this.#machineArn]);
  }
  /** On the machine's executions. */
  execution(grantee: IGrantable, ...actions: readonly string[]): Grant {
    return grant(grantee, [actions, this.#executionsArn]);
  }
  startExecution(grantee: IGrantable): Grant {
    return this.actions(grantee, "states:StartExecution");
  }
  startSyncExecution(grantee: IGrantable): Grant {
    return this.actions(grantee, "states:StartSyncExecution");
  }
  redriveExecution(grantee: IGrantable): Grant {
    return this.execution(grantee, "states:RedriveExecution");
  }
  taskResponse(grantee: IGrantable): Grant {
    return this.actions(grantee, "states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat");
  }
  read(grantee: IGrantable): Grant {
    return grant(
      grantee,
      [["states:ListExecutions", "states:ListStateMachines"], this.#machineArn],
      [
        ["states:DescribeExecution", "states:DescribeStateMachineForExecution", "states:GetExecutionHistory"],
        this.#executionsArn,
      ],
      [["states:ListActivities", "states:DescribeStateMachine", "states:DescribeActivity"], "*"],
    );
  }

  get #executionsArn(): string {
    return `${this.#machineArn.replace(":stateMachine:", ":execution:")}:*`;
  }
}
