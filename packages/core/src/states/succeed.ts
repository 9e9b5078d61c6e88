// Succeed: ends its line of states well. ASL spec, "Succeed State".
import type { FieldTable } from "../definition/field.ts";
import type { CommonState, SucceedState } from "../definition/state-machine.ts";
import { exitWithInput } from "../execution/data-flow.ts";
import { IDENTITY_FIELDS, PATH_FIELDS } from "./common-fields.ts";
import type { StateKind } from "./state-kind.ts";

const FIELDS = { ...IDENTITY_FIELDS, ...PATH_FIELDS } satisfies FieldTable;

export const succeed: StateKind<SucceedState> = {
  fields: FIELDS,
  groups: [],
  parse(_fields, common: CommonState): SucceedState {
    return { ...common, type: "Succeed" };
  },
  enter(step, branch, state) {
    return exitWithInput(step, branch, state, null, state);
  },
};
