/**
 * The number of a task among the calls of its state in its execution, from 0, told from the execution's history: it is the
 * same after a restart.
 */
import type { TaskRequest } from "@stepwell/engine";
import type { ApiMembers, StepFunctionsApi } from "../step-functions/step-functions-api.ts";

const PAGE_SIZE = 1000;
/** As many events as an execution has at most, with AWS's limits. */
const PAGES_MAX = 25;
const SCHEDULED = ["TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled"];

/** What is used of a history event: `id`, `previousEventId`, `type`, and the name of the state that was entered. */
interface Event {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly stateEnteredEventDetails?: { readonly name: string };
}

/** Rejects where the execution has no history. */
export async function callNumber(api: StepFunctionsApi, request: TaskRequest): Promise<number> {
  const { executionArn, stateName, enteredEventId } = request;
  /** By event: the entry of a state that it belongs to. */
  const entryOf = new Map<number, number>();
  const entries = new Set<number>();
  let calls = 0;
  let number = 0;
  let nextToken: unknown;
  for (let page = 0; page < PAGES_MAX; page++) {
    const input = { executionArn, maxResults: PAGE_SIZE, ...(nextToken === undefined ? {} : { nextToken }) };
    const answer = (await api("GetExecutionHistory", input, new AbortController().signal)) as ApiMembers;
    for (const event of answer["events"] as readonly Event[]) {
      const entered = event.stateEnteredEventDetails?.name;
      if (entered === stateName) entries.add(event.id);
      const entry = entered === undefined ? entryOf.get(event.previousEventId) : event.id;
      if (entry === undefined || !entries.has(entry)) continue;
      entryOf.set(event.id, entry);
      if (!SCHEDULED.includes(event.type)) continue;
      // The last call of this very visit is the task that is asked about.
      if (entry === enteredEventId) number = calls;
      calls += 1;
    }
    nextToken = answer["nextToken"];
    if (nextToken === undefined) break;
  }
  return number;
}
