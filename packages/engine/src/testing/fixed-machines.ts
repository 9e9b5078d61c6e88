import { parseStateMachine, type StateMachineType } from "@stepwell/core";
import { noteMachineText } from "../catalog/machine-text.ts";
import type { MachineSource, ResolvedMachine } from "../catalog/resolved-machine.ts";
import type { ActivitySource } from "../executions/engine-options.ts";
import { Rejection } from "../rejection.ts";

const PREFIX = "arn:aws:states:us-east-1:123456789012";

/** State machines and activities that are simply there: the control plane for tests. */
export class FixedMachines implements MachineSource, ActivitySource {
  readonly #machines = new Map<string, ResolvedMachine>();
  readonly #deleting = new Set<string>();
  readonly #missingActivities = new Set<string>();

  /** Gives the machine's ARN. Throws with all findings when the definition is not valid. */
  define(name: string, definition: object, type: StateMachineType = "STANDARD"): string {
    const text = JSON.stringify(definition);
    const parsed = parseStateMachine(text, { type });
    if (!parsed.ok)
      throw new Error(parsed.diagnostics.map(({ message, location }) => `${location}: ${message}`).join("\n"));
    const stateMachineArn = `${PREFIX}:stateMachine:${name}`;
    noteMachineText(parsed.machine, { key: stateMachineArn, definition: text, options: { type } });
    this.#machines.set(stateMachineArn, {
      stateMachineArn,
      name,
      type,
      roleArn: "arn:aws:iam::123456789012:role/test",
      revisionKey: stateMachineArn,
      machine: parsed.machine,
    });
    return stateMachineArn;
  }

  /** As if its revision had never been stored. */
  forget(name: string): void {
    this.#machines.delete(`${PREFIX}:stateMachine:${name}`);
  }

  activityArn(name: string): string {
    return `${PREFIX}:activity:${name}`;
  }

  /** From now on it is DELETING. */
  delete(stateMachineArn: string): void {
    this.#deleting.add(stateMachineArn);
  }

  deleteActivity(activityArn: string): void {
    this.#missingActivities.add(activityArn);
  }

  async resolve(arn: string): Promise<ResolvedMachine> {
    if (this.#deleting.has(arn))
      throw new Rejection("StateMachineDeleting", `State Machine is being deleted: '${arn}'`);
    return this.#find(arn);
  }

  async machineOfRevision(revisionKey: string): Promise<ResolvedMachine> {
    return this.#find(revisionKey);
  }

  async hasActivity(activityArn: string): Promise<boolean> {
    return !this.#missingActivities.has(activityArn);
  }

  #find(arn: string): ResolvedMachine {
    const machine = this.#machines.get(arn);
    if (machine === undefined)
      throw new Rejection("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }
}
