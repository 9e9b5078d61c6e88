/** What a child of a run begins with. */
import type { EpochMs, ExecutionStart } from "@stepwell/core";
import type { StoredMapRun } from "../ports/map-run-store.ts";
import { type ChildName, childName } from "./child-names.ts";

type Parent = Pick<
  StoredMapRun,
  "executionType" | "stateMachineArn" | "stateMachineName" | "roleArn" | "mapRunArn" | "key"
>;

export function childStart(run: Parent, index: number, input: string, startedAt: EpochMs): ExecutionStart {
  const { executionArn, name } = childName(run, index);
  const { executionType, stateMachineArn, stateMachineName, roleArn, mapRunArn } = run;
  return {
    executionArn,
    executionName: name,
    type: executionType,
    stateMachineArn,
    stateMachineName,
    roleArn,
    startedAt,
    input,
    mapRunArn,
  };
}

/** The same for a child that may end at once and never be stored as an execution: its names are made when asked for. */
export class ImmediateStart implements ExecutionStart {
  readonly startedAt: EpochMs;
  readonly input: string;
  readonly #run: Parent;
  readonly #index: number;
  #name: ChildName | undefined;

  constructor(run: Parent, index: number, input: string, startedAt: EpochMs) {
    this.startedAt = startedAt;
    this.input = input;
    this.#run = run;
    this.#index = index;
  }

  get type(): ExecutionStart["type"] {
    return this.#run.executionType;
  }

  get stateMachineArn(): string {
    return this.#run.stateMachineArn;
  }

  get stateMachineName(): string {
    return this.#run.stateMachineName;
  }

  get roleArn(): string {
    return this.#run.roleArn;
  }

  get mapRunArn(): string {
    return this.#run.mapRunArn;
  }

  get executionArn(): string {
    return this.#names.executionArn;
  }

  get executionName(): string {
    return this.#names.name;
  }

  get #names(): ChildName {
    this.#name ??= childName(this.#run, this.#index);
    return this.#name;
  }
}
