// Map: runs its processor once for every item. ASL spec, "Map State".
import { unexpectedResultType } from "../data/jsonata-template.ts";
import { processor } from "../definition/block-field.ts";
import { numberOrExpression, numberPath, path, template } from "../definition/expression-fields.ts";
import type { FieldTable, FieldValues } from "../definition/field.ts";
import { only } from "../definition/field-kinds.ts";
import { DISTRIBUTED_FIELDS, distributedConfig, items } from "../definition/map-fields.ts";
import type { CommonState, MapState } from "../definition/state-machine.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import { completeMap, startIterations } from "../execution/branches.ts";
import { effectiveInput } from "../execution/data-flow.ts";
import { shownItemsPath, startMapRun } from "../execution/map-runs.ts";
import { scopeOf } from "../execution/scope.ts";
import type { Branch, BranchesWait } from "../execution/snapshot.ts";
import { advance, type Step } from "../execution/step.ts";
import type { Json } from "../json.ts";
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
  ItemProcessor: processor(),
  Iterator: processor(),
  ...PATH_FIELDS,
  ...TRANSITION_FIELDS,
  ...ASSIGN_FIELD,
  ...RESULT_FIELDS,
  ...ERROR_HANDLING_FIELDS,
  ItemsPath: only("JSONPath", path()),
  Items: only("JSONata", items()),
  ItemSelector: template(),
  Parameters: only("JSONPath", template()),
  MaxConcurrency: numberOrExpression("Integer", { min: 0 }),
  MaxConcurrencyPath: only("JSONPath", numberPath("integer", { min: 0 })),
  ...DISTRIBUTED_FIELDS,
} satisfies FieldTable;

export const map: StateKind<MapState> = {
  fields: FIELDS,
  groups: [
    ...TRANSITION_GROUPS,
    { fields: ["ItemProcessor", "Iterator"], required: true },
    { fields: ["ItemSelector", "Parameters"] },
    { fields: ["MaxConcurrency", "MaxConcurrencyPath"] },
    { fields: ["ToleratedFailureCount", "ToleratedFailureCountPath"] },
    { fields: ["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"] },
  ],
  parse(fields: FieldValues<typeof FIELDS>, common: CommonState): MapState | undefined {
    const itemProcessor = fields.ItemProcessor ?? fields.Iterator;
    if (itemProcessor === undefined) return undefined;
    const itemsFrom = fields.ItemsPath ?? fields.Items;
    const itemSelector = fields.ItemSelector ?? fields.Parameters;
    const maxConcurrency = fields.MaxConcurrency ?? fields.MaxConcurrencyPath;
    const { block, executionType } = itemProcessor;
    return {
      ...common,
      type: "Map",
      next: nextOf(fields),
      processor: block,
      ...errorHandling(fields),
      ...(itemsFrom !== undefined && { items: itemsFrom }),
      ...(itemSelector !== undefined && { itemSelector }),
      ...(maxConcurrency !== undefined && { maxConcurrency }),
      ...(fields.ResultSelector !== undefined && { resultSelector: fields.ResultSelector }),
      ...(fields.ResultPath !== undefined && { resultPath: fields.ResultPath }),
      // The fields of a Distributed Map are allowed on an inline one, where they mean nothing.
      ...(executionType !== undefined && { distributed: distributedConfig(fields, executionType) }),
    };
  },
  enter(step, branch, state) {
    if (state.distributed !== undefined) return startMapRun(step, branch, state, state.distributed);
    const input = effectiveInput(step, branch, state).value;
    const items = inlineItems(step, branch, state, input);
    const asked = state.maxConcurrency?.evaluate(scopeOf(step, branch, state, input)) ?? 0;
    const most = step.limits.inlineMapConcurrencyMax;
    const startedEventId = advance(step, branch, "MapStateStarted", { length: items.length });
    if (items.length === 0) return completeMap(step, branch, state).outcome;
    const concurrency = asked === 0 ? most : Math.min(asked, most);
    const wait: BranchesWait = { kind: "branches", since: step.chance.now, items, concurrency };
    step.snapshot.park(branch, wait);
    startIterations(step, branch, state, wait, startedEventId);
    return { kind: "waiting" };
  },
};

/** The items of an inline Map: an array, nothing else. features.md A.11. */
export function inlineItems(step: Step, branch: Branch, state: MapState, input: Json): readonly Json[] {
  const found = state.items === undefined ? input : state.items.evaluate(scopeOf(step, branch, state, input));
  if (Array.isArray(found)) return found;
  if (state.queryLanguage === "JSONata") {
    if (state.items !== undefined) throw unexpectedResultType(String(state.items.source), "Items", "array", found);
    const cause = `Map state input must be an array but was: ${JSON.stringify(found)}`;
    throw new StatesErrorSignal("States.QueryEvaluationError", cause);
  }
  const path = shownItemsPath(state);
  throw new StatesErrorSignal("States.Runtime", `Reference path "${path}" must point to array.`);
}
