import { evaluateFlowInput, type HistoryEvent, type JsonObject } from "@stepwell/core";
import type { Catalog, ExecutionDescription, Executions, Flow } from "@stepwell/engine";
import { type FlowEvent, flowHistory } from "./flow-history.ts";

const PAGE = 1_000;

/** All of an execution's history in CloudFlow's words. The engine bounds how long one gets. */
export async function readFlowHistory(
  { executions, catalog }: { readonly executions: Executions; readonly catalog: Catalog },
  execution: ExecutionDescription,
  flow: Flow,
): Promise<FlowEvent[]> {
  const events: HistoryEvent[] = [];
  for (let after: number | undefined; ; ) {
    const range = { limit: PAGE, reverse: false, ...(after === undefined ? {} : { after }) };
    const page = await executions.history(execution.executionArn, range);
    events.push(...page.items);
    if (page.cursor === undefined || page.items.length === 0) break;
    after = page.items.at(-1)?.id;
  }
  const { definition } = await catalog.describeRevision(execution.revisionKey);
  const context = {
    Execution: { Id: execution.executionArn, Name: execution.name },
    StateMachine: { Id: execution.stateMachineArn, Name: flow.name },
  };
  return flowHistory(events, {
    language: flow.language,
    states: flow.states,
    definition: JSON.parse(definition) as JsonObject,
    evaluate: (expression, input) => evaluateFlowInput(expression, input, context),
  });
}
