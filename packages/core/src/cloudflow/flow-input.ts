import { AllowanceSpent } from "../data/allowance.ts";
import { FLOW_FUNCTIONS } from "../data/flow-functions.ts";
import { compileJsonata } from "../data/jsonata.ts";
import type { Json, JsonObject } from "../json.ts";

/**
 * The own input of a step, from what its state got: evaluates `FlowState.input` again, for who shows a history. Null when it cannot
 * be told. Throws AllowanceSpent alone.
 */
export function evaluateFlowInput(expression: string, input: Json, context: JsonObject): Json {
  const facts = { now: 0, random: () => 0, uuid: () => "" };
  try {
    return compileJsonata(expression, FLOW_FUNCTIONS).evaluate({ input, context, variables: {}, facts }) ?? null;
  } catch (failure) {
    if (failure instanceof AllowanceSpent) throw failure;
    return null;
  }
}
