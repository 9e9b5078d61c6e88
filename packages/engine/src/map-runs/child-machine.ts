/**
 * The machines of children. A child's revision key is its parent's and the name of the Map whose processor it runs, so
 * that a restart finds the machine again without anything stored for it.
 */
import { mapRunMachine, type StateMachine } from "@stepwell/core";
import { childMachineText, machineTextOf, noteMachineText } from "../catalog/machine-text.ts";
import type { MachineSource, ResolvedMachine } from "../catalog/resolved-machine.ts";
import type { ChildFamily } from "../ports/map-run-host.ts";

const SEPARATOR = "#";

/** The parent may be a child itself: states have different names throughout a definition, so the last name is enough. */
export function childRevisionKey(parentRevisionKey: string, stateName: string): string {
  return `${baseRevisionKey(parentRevisionKey)}${SEPARATOR}${encodeURIComponent(stateName)}`;
}

/** The key of the stored revision: that of the outermost parent. */
export function baseRevisionKey(revisionKey: string): string {
  return revisionKey.split(SEPARATOR, 1)[0] as string;
}

/** The name of the Map whose children have this revision key; `undefined` for executions that are no children. */
export function mapStateOfRevision(revisionKey: string): string | undefined {
  const at = revisionKey.indexOf(SEPARATOR);
  return at < 0 ? undefined : decodeURIComponent(revisionKey.slice(at + 1));
}

/** Made once for each parent and state: what an engine derives from a machine, it keeps with that machine. */
const machines = new WeakMap<StateMachine, Map<string, StateMachine>>();

export function childFamily(machine: StateMachine, revisionKey: string, stateName: string): ChildFamily {
  let family = machines.get(machine);
  if (family === undefined) {
    family = new Map();
    machines.set(machine, family);
  }
  let child = family.get(stateName);
  if (child === undefined) {
    child = mapRunMachine(machine, stateName);
    family.set(stateName, child);
    const text = machineTextOf(machine);
    if (text !== undefined) noteMachineText(child, childMachineText(text, stateName));
  }
  return { machine: child, revisionKey: childRevisionKey(revisionKey, stateName) };
}

/** Finds the machines of children too. */
export class MachinesOfChildren implements MachineSource {
  readonly #machines: MachineSource;

  constructor(machines: MachineSource) {
    this.#machines = machines;
  }

  resolve(arn: string, chance: number): Promise<ResolvedMachine> {
    return this.#machines.resolve(arn, chance);
  }

  async machineOfRevision(revisionKey: string): Promise<ResolvedMachine> {
    const stateName = mapStateOfRevision(revisionKey);
    const resolved = await this.#machines.machineOfRevision(baseRevisionKey(revisionKey));
    if (stateName === undefined) return resolved;
    const { machine } = childFamily(resolved.machine, resolved.revisionKey, stateName);
    return { ...resolved, type: machine.type, machine, revisionKey };
  }
}
