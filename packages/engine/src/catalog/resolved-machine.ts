import type { StateMachine, StateMachineType } from "@stepwell/core";

/** What StartExecution needs of the catalog: one revision of one state machine, and by which name it was reached. */
export interface ResolvedMachine {
  /** Unqualified. */
  readonly stateMachineArn: string;
  readonly name: string;
  readonly type: StateMachineType;
  readonly roleArn: string;
  /** Key of the stored revision; an execution keeps it for life, also after updates and deletion of the machine. */
  readonly revisionKey: string;
  readonly machine: StateMachine;
  readonly stateMachineVersionArn?: string;
  readonly stateMachineAliasArn?: string;
}

/** The control plane as the data plane sees it. */
export interface MachineSource {
  /**
   * Machine, version or alias ARN (an alias picks a version by weight, `chance` in [0, 1)).
   * Rejects with InvalidArn, StateMachineDoesNotExist, StateMachineDeleting.
   */
  resolve(arn: string, chance: number): Promise<ResolvedMachine>;
  /** The compiled revision; cached, bounded. Rejects when no such revision is stored. */
  machineOfRevision(revisionKey: string): Promise<ResolvedMachine>;
}
