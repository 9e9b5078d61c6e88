// Pass: hands its input, or a fixed result, on. ASL spec, "Pass State".
import { resultPath, template } from "../definition/expression-fields.ts";
import type { FieldTable, FieldValues } from "../definition/field.ts";
import { only } from "../definition/field-kinds.ts";
import { staticResult } from "../definition/looks-like-path.ts";
import type { CommonState, PassState } from "../definition/state-machine.ts";
import { exitWithInput, exitWithResult, workInput } from "../execution/data-flow.ts";
import { payloadOf } from "../execution/payload.ts";
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
  Result: only("JSONPath", staticResult()),
  Parameters: only("JSONPath", template()),
  ResultPath: only("JSONPath", resultPath()),
} satisfies FieldTable;

export const pass: StateKind<PassState> = {
  fields: FIELDS,
  groups: TRANSITION_GROUPS,
  parse(fields: FieldValues<typeof FIELDS>, common: CommonState): PassState {
    return {
      ...common,
      type: "Pass",
      next: nextOf(fields),
      ...(fields.Result !== undefined && { result: fields.Result }),
      ...(fields.Parameters !== undefined && { parameters: fields.Parameters }),
      ...(fields.ResultPath !== undefined && { resultPath: fields.ResultPath }),
    };
  },
  enter(step, branch, state) {
    if (state.queryLanguage === "JSONata") return exitWithInput(step, branch, state, state.next, state);
    // A result that is there is literal: paths inside it are not evaluated (recorded-behaviour.md, fact 29).
    if (state.result !== undefined) {
      const result = payloadOf(state.result);
      step.tested?.inspect("result", result);
      return exitWithResult(step, branch, state, result);
    }
    return exitWithResult(step, branch, state, workInput(step, branch, state));
  },
};
