import type { StateMachine } from "@stepwell/core";
import type { Catalog } from "@stepwell/engine";

/** Makes of a parsed state machine, with its name, what runs in its place. */
export type Instrument = (machine: StateMachine, name: string) => StateMachine;

/** A catalog whose state machines run as `instrument` makes them. */
export function withInstruments(catalog: Catalog, instrument: Instrument): Catalog {
  return {
    ...catalog,
    resolve: async (arn, chance) => {
      const resolved = await catalog.resolve(arn, chance);
      return { ...resolved, machine: instrument(resolved.machine, resolved.name) };
    },
    machineOfRevision: async (revisionKey) => {
      const resolved = await catalog.machineOfRevision(revisionKey);
      return { ...resolved, machine: instrument(resolved.machine, resolved.name) };
    },
  };
}
