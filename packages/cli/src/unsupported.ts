import type { Diagnostic, StartTask, StateMachine } from "@stepwell/core";

/** What is valid ASL but cannot be run here: refused when the state machine is created, never found out at run time. */
export function unsupported(
  machine: StateMachine,
  performs: (resource: StartTask["resource"]) => boolean,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const state of machine.states.values()) {
    if (state.type === "Map" && state.distributed !== undefined) {
      found.push(refusal("a Map in DISTRIBUTED mode", `${state.pointer}/ItemProcessor/ProcessorConfig/Mode`));
    }
    if (state.type !== "Task" || state.resource.kind === "activity" || performs(state.resource)) continue;
    found.push(refusal(`the resource ${state.resource.arn}`, `${state.pointer}/Resource`));
  }
  return found;
}

function refusal(what: string, location: string): Diagnostic {
  const message = `Stepwell cannot run ${what} yet`;
  return { severity: "ERROR", code: "NOT_SUPPORTED_BY_STEPWELL", message, location };
}
