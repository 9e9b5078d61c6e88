// Fail: ends its line of states with an error. ASL spec, "Fail State".
import { textOrExpression, textPath } from "../definition/expression-fields.ts";
import type { FieldTable, FieldValues } from "../definition/field.ts";
import { only } from "../definition/field-kinds.ts";
import type { CommonState, FailState } from "../definition/state-machine.ts";
import { withinLength } from "../errors/states-error.ts";
import { effectiveInput } from "../execution/data-flow.ts";
import { scopeOf } from "../execution/scope.ts";
import { IDENTITY_FIELDS } from "./common-fields.ts";
import type { StateKind } from "./state-kind.ts";

const FIELDS = {
  ...IDENTITY_FIELDS,
  Error: textOrExpression(),
  ErrorPath: only("JSONPath", textPath()),
  Cause: textOrExpression(),
  CausePath: only("JSONPath", textPath()),
} satisfies FieldTable;

export const fail: StateKind<FailState> = {
  fields: FIELDS,
  groups: [{ fields: ["Error", "ErrorPath"] }, { fields: ["Cause", "CausePath"] }],
  parse(fields: FieldValues<typeof FIELDS>, common: CommonState): FailState {
    const error = fields.Error ?? fields.ErrorPath;
    const cause = fields.Cause ?? fields.CausePath;
    return {
      ...common,
      type: "Fail",
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    };
  },
  /** The error is there or left out, as written (recorded-behaviour.md, fact 27). */
  enter(step, branch, state) {
    const scope = scopeOf(step, branch, state, effectiveInput(step, branch, state).value);
    const error = state.error?.evaluate(scope);
    const cause = state.cause?.evaluate(scope);
    const failure = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
    return { kind: "failed", failure: step.machine.flow === undefined ? withinLength(failure) : failure };
  },
};
