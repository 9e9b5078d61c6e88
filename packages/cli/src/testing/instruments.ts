import type { StateMachine } from "@stepwell/core";
import type { Catalog } from "@stepwell/engine";

/** A catalog whose state machines run as `instrument` makes them. */
export function withInstruments(catalog: Catalog, instrument: (machine: StateMachine) => StateMachine): Catalog {
  return {
    ...catalog,
    resolve: async (arn, chance) => {
      const resolved = await catalog.resolve(arn, chance);
      return { ...resolved, machine: instrument(resolved.machine) };
    },
    machineOfRevision: async (revisionKey) => {
      const resolved = await catalog.machineOfRevision(revisionKey);
      return { ...resolved, machine: instrument(resolved.machine) };
    },
  };
}
