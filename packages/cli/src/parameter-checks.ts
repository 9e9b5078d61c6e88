import type { StateMachine, TaskState } from "@stepwell/core";
import type { Catalog, TaskRouter } from "@stepwell/engine";

/**
 * A catalog whose state machines ask whoever will perform a task whether it can be started with its parameters, before it is
 * scheduled. States that a test case may answer are not asked about.
 */
export function withParameterChecks(
  catalog: Catalog,
  router: Pick<TaskRouter, "connectorFor">,
  mayMock: (stateName: string) => boolean,
): Catalog {
  /** One for each machine: the engine keeps what it derives from a machine with that very object. */
  const checking = new WeakMap<StateMachine, StateMachine>();
  const parametersProblem = (state: TaskState, input: string): string | undefined => {
    const { resource, name: stateName } = state;
    if (resource.kind === "activity" || mayMock(stateName)) return undefined;
    return router.connectorFor({ resource, stateName })?.parametersProblem?.({ resource, input });
  };
  const checked = (machine: StateMachine): StateMachine => {
    const known = checking.get(machine);
    if (known !== undefined) return known;
    const made = { ...machine, parametersProblem };
    checking.set(machine, made);
    return made;
  };
  return {
    ...catalog,
    resolve: async (arn, chance) => {
      const resolved = await catalog.resolve(arn, chance);
      return { ...resolved, machine: checked(resolved.machine) };
    },
    machineOfRevision: async (revisionKey) => {
      const resolved = await catalog.machineOfRevision(revisionKey);
      return { ...resolved, machine: checked(resolved.machine) };
    },
  };
}
