// Parallel: runs its branches at the same time. ASL spec, "Parallel State".
import { block } from "../definition/block-field.ts";
import { taskArguments, template } from "../definition/expression-fields.ts";
import type { FieldTable, FieldValues } from "../definition/field.ts";
import { listOf, only, required } from "../definition/field-kinds.ts";
import type { CommonState, ParallelState } from "../definition/state-machine.ts";
import { startBranch } from "../execution/branches.ts";
import { workInput } from "../execution/data-flow.ts";
import { advance } from "../execution/step.ts";
import {
  ASSIGN_FIELD,
  ERROR_HANDLING_FIELDS,
  errorHandling,
  IDENTITY_FIELDS,
  nextOf,
  PATH_FIELDS,
  RESULT_FIELDS,
  TRANSITION_FIELDS,
  TRANSITION_GROUPS,
} from "./common-fields.ts";
import type { StateKind } from "./state-kind.ts";

const FIELDS = {
  ...IDENTITY_FIELDS,
  Branches: required(listOf(block(), { notEmpty: true })),
  ...PATH_FIELDS,
  ...TRANSITION_FIELDS,
  ...ASSIGN_FIELD,
  ...RESULT_FIELDS,
  ...ERROR_HANDLING_FIELDS,
  Parameters: only("JSONPath", template()),
  Arguments: only("JSONata", taskArguments()),
} satisfies FieldTable;

export const parallel: StateKind<ParallelState> = {
  fields: FIELDS,
  groups: TRANSITION_GROUPS,
  parse(fields: FieldValues<typeof FIELDS>, common: CommonState): ParallelState | undefined {
    if (fields.Branches === undefined) return undefined;
    const parameters = fields.Parameters ?? fields.Arguments;
    return {
      ...common,
      type: "Parallel",
      next: nextOf(fields),
      branches: fields.Branches,
      ...errorHandling(fields),
      ...(parameters !== undefined && { parameters }),
      ...(fields.ResultSelector !== undefined && { resultSelector: fields.ResultSelector }),
      ...(fields.ResultPath !== undefined && { resultPath: fields.ResultPath }),
    };
  },
  enter(step, branch, state) {
    const input = workInput(step, branch, state);
    const startedEventId = advance(step, branch, "ParallelStateStarted");
    const concurrency = state.branches.length;
    step.snapshot.park(branch, { kind: "branches", since: step.chance.now, concurrency });
    for (const [index, { startAt }] of state.branches.entries()) {
      startBranch(step, { parent: branch.id, index, startAt, input, lastEventId: startedEventId });
    }
    return { kind: "waiting" };
  },
};
