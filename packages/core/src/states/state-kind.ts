import type { FieldGroup, FieldTable, FieldValues } from "../definition/field.ts";
import type { ParseContext, StateSite } from "../definition/parse-context.ts";
import type { CommonState, State } from "../definition/state-machine.ts";
import type { Outcome } from "../execution/outcome.ts";
import type { Branch } from "../execution/snapshot.ts";
import type { Step } from "../execution/step.ts";

/** A state type: its fields and what they mean. One object a type, in the file named after it. */
export interface StateKind<T extends State> {
  /** Every field the type may have. */
  readonly fields: FieldTable;
  readonly groups: readonly FieldGroup[];
  /**
   * The compiled state. `fields` holds the values that are there and right; what is wrong has been reported already,
   * so that `undefined` (no state can be made of this) needs no finding of its own.
   */
  parse(fields: FieldValues<FieldTable>, common: CommonState, site: StateParseSite): T | undefined;
  /** Does the state's work, or sends it out. Also when it is retried: the state has been entered already. */
  enter(step: Step, branch: Branch, state: T): Outcome;
  /** Goes on when the timer the state set for itself has fired. */
  resume?(step: Step, branch: Branch, state: T): Outcome;
}

export interface StateParseSite extends StateSite {
  readonly context: ParseContext;
}
