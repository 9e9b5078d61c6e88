import { setImmediate } from "node:timers/promises";
import {
  evaluateFlowInput,
  type HistoryEvent,
  type Json,
  type JsonObject,
  OPERATIONS_PER_MS,
  operationsSpent,
} from "@stepwell/core";
import {
  type Catalog,
  type ExecutionDescription,
  type Executions,
  type Flow,
  hereOrElsewhere,
  type LongWork,
} from "@stepwell/engine";
import { type FlowEvent, flowHistory } from "./flow-history.ts";

const PAGE = 1_000;

interface HistoryServices {
  readonly executions: Executions;
  readonly catalog: Catalog;
  readonly long?: LongWork;
}

/** All of an execution's history in CloudFlow's words. The engine bounds how long one gets. */
export async function readFlowHistory(
  { executions, catalog, long }: HistoryServices,
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
  const source = { language: flow.language, states: flow.states, definition: JSON.parse(definition) as JsonObject };
  const inputs = new StepInputs(context, long);
  for (;;) {
    try {
      return flowHistory(events, { ...source, evaluate: (expression, input) => inputs.evaluate(expression, input) });
    } catch (error) {
      if (!(error instanceof NotYetEvaluated)) throw error;
      await inputs.wait();
    }
  }
}

/** An input takes long: the history is told again when it is there. */
class NotYetEvaluated extends Error {
  override readonly name = "NotYetEvaluated";
}

/** What steps were given, each evaluated once, on a thread where it takes long. */
class StepInputs {
  readonly #context: JsonObject;
  readonly #long: LongWork | undefined;
  readonly #known = new Map<string, Json>();
  #operationsMax: number;
  #waited: (() => Promise<void>) | undefined;

  constructor(context: JsonObject, long: LongWork | undefined) {
    this.#context = context;
    this.#long = long;
    this.#operationsMax = operationsSpent() + (long?.quickMs ?? 0) * OPERATIONS_PER_MS;
  }

  evaluate(expression: string, input: Json): Json {
    const here = (): Json => evaluateFlowInput(expression, input, this.#context);
    if (this.#long === undefined) return here();
    const key = JSON.stringify([expression, input]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const asked = { expression, input, context: this.#context };
    const value = hereOrElsewhere(this.#long, "flowInput", () => asked, here);
    if (value instanceof Promise) {
      this.#waited = async () => void this.#known.set(key, await value);
      throw new NotYetEvaluated();
    }
    this.#known.set(key, value);
    if (operationsSpent() > this.#operationsMax) {
      // Others have their turn; what is known is not evaluated again.
      this.#waited = () => setImmediate();
      throw new NotYetEvaluated();
    }
    return value;
  }

  async wait(): Promise<void> {
    await this.#waited?.();
    this.#operationsMax = operationsSpent() + (this.#long?.quickMs ?? 0) * OPERATIONS_PER_MS;
  }
}
