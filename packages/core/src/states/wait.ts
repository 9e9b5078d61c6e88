// Wait: holds one line of states until a point in time. ASL spec, "Wait State".
import type { FieldTable, FieldValues } from "../definition/field.ts";
import { only } from "../definition/field-kinds.ts";
import type { CommonState, WaitState } from "../definition/state-machine.ts";
import { waitSeconds, waitSecondsPath, waitTimestamp, waitTimestampPath } from "../definition/wait-fields.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import { effectiveInput, exitWithInput } from "../execution/data-flow.ts";
import { scopeOf } from "../execution/scope.ts";
import type { Branch } from "../execution/snapshot.ts";
import type { Step } from "../execution/step.ts";
import { branchTimer, lastMoment, setTimer } from "../execution/waits.ts";
import {
  ASSIGN_FIELD,
  IDENTITY_FIELDS,
  nextOf,
  PATH_FIELDS,
  TRANSITION_FIELDS,
  TRANSITION_GROUPS,
} from "./common-fields.ts";
import type { StateKind } from "./state-kind.ts";

const FIELDS = {
  ...IDENTITY_FIELDS,
  ...PATH_FIELDS,
  ...TRANSITION_FIELDS,
  ...ASSIGN_FIELD,
  Seconds: waitSeconds(),
  Timestamp: waitTimestamp(),
  SecondsPath: only("JSONPath", waitSecondsPath()),
  TimestampPath: only("JSONPath", waitTimestampPath()),
} satisfies FieldTable;

export const wait: StateKind<WaitState> = {
  fields: FIELDS,
  groups: [...TRANSITION_GROUPS, { fields: ["Seconds", "Timestamp", "SecondsPath", "TimestampPath"], required: true }],
  parse(fields: FieldValues<typeof FIELDS>, common: CommonState): WaitState | undefined {
    const seconds = fields.Seconds ?? fields.SecondsPath;
    const at = fields.Timestamp ?? fields.TimestampPath;
    if (seconds !== undefined) {
      return { ...common, type: "Wait", next: nextOf(fields), until: { kind: "seconds", seconds } };
    }
    if (at === undefined) return undefined;
    return { ...common, type: "Wait", next: nextOf(fields), until: { kind: "timestamp", at } };
  },
  enter(step, branch, state) {
    const { now } = step.chance;
    const at = wakeTime(step, branch, state);
    if (at - now > WAIT_MS_MAX) throw new StatesErrorSignal("States.Runtime", "Wait state delay is too long.");
    if (at <= now) return exitWithInput(step, branch, state, state.next, state);
    const wakeAt = Math.min(at, lastMoment(step));
    step.snapshot.park(branch, { kind: "timer", at: wakeAt, since: now });
    setTimer(step, branchTimer(branch), wakeAt);
    return { kind: "waiting" };
  },
  resume(step, branch, state) {
    return exitWithInput(step, branch, state, state.next, state);
  },
};

/** AWS refuses what is further away than 2^31 seconds (recorded-behaviour.md, fact 17). */
const WAIT_MS_MAX = 2 ** 31 * 1000;

function wakeTime(step: Step, branch: Branch, state: WaitState): number {
  const scope = scopeOf(step, branch, state, effectiveInput(step, branch, state).value);
  const { until } = state;
  return until.kind === "timestamp"
    ? until.at.evaluate(scope)
    : branch.enteredAt + until.seconds.evaluate(scope) * 1000;
}
