import type { StateMachine } from "@stepwell/core";
import type { ActivitySource } from "./engine-options.ts";

const NAMED = new WeakMap<StateMachine, readonly string[]>();

/** The activities a definition names, each once. */
export function activitiesOf(machine: StateMachine): readonly string[] {
  let named = NAMED.get(machine);
  if (named === undefined) {
    const arns = new Set<string>();
    for (const state of machine.states.values()) {
      if (state.type === "Task" && state.resource.kind === "activity") arns.add(state.resource.arn);
    }
    named = [...arns];
    NAMED.set(machine, named);
  }
  return named;
}

export function namesActivities(machine: StateMachine): boolean {
  return activitiesOf(machine).length > 0;
}

/** Those that do not exist now: a Task that needs one fails (recorded-behaviour.md, fact 28). */
export async function missingActivities(
  machine: StateMachine,
  source: ActivitySource,
): Promise<ReadonlySet<string> | undefined> {
  const named = activitiesOf(machine);
  const exist = await Promise.all(named.map((arn) => source.hasActivity(arn)));
  const missing = named.filter((_, i) => exist[i] !== true);
  return missing.length === 0 ? undefined : new Set(missing);
}
