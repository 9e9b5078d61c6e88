// Choice: goes on where the first rule that holds says. ASL spec, "Choice State".
import { choiceRule } from "../definition/choice-rule.ts";
import type { FieldTable, FieldValues } from "../definition/field.ts";
import { listOf, required } from "../definition/field-kinds.ts";
import type { ChoiceState, CommonState } from "../definition/state-machine.ts";
import { transition } from "../definition/transition-field.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import { effectiveInput, exitWithInput } from "../execution/data-flow.ts";
import { scopeOf } from "../execution/scope.ts";
import { ASSIGN_FIELD, IDENTITY_FIELDS, PATH_FIELDS } from "./common-fields.ts";
import type { StateKind } from "./state-kind.ts";

const FIELDS = {
  ...IDENTITY_FIELDS,
  Choices: required(listOf(choiceRule(), { notEmpty: true })),
  Default: transition(),
  ...PATH_FIELDS,
  ...ASSIGN_FIELD,
} satisfies FieldTable;

/** What AWS says where the ASL spec has States.NoChoiceMatched. features.md A.4. */
const NOWHERE_TO_GO = "Failed to transition out of the state. The state does not point to a next state.";

export const choice: StateKind<ChoiceState> = {
  fields: FIELDS,
  groups: [],
  parse(fields: FieldValues<typeof FIELDS>, common: CommonState): ChoiceState | undefined {
    if (fields.Choices === undefined) return undefined;
    return {
      ...common,
      type: "Choice",
      choices: fields.Choices,
      ...(fields.Default !== undefined && { default: fields.Default }),
    };
  },
  /** Assign and Output of the state itself count only when its Default is taken. */
  enter(step, branch, state) {
    const scope = scopeOf(step, branch, state, effectiveInput(step, branch, state).value);
    for (const rule of state.choices) {
      if (rule.condition.evaluate(scope)) return exitWithInput(step, branch, state, rule.next, rule);
    }
    if (state.default !== undefined) return exitWithInput(step, branch, state, state.default, state);
    throw new StatesErrorSignal("States.Runtime", NOWHERE_TO_GO);
  },
};
