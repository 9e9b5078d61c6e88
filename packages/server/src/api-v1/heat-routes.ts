/** How the newest executions of a machine went, state by state. Computed from their histories when it is asked for. */
import type { FoundExecution } from "@stepwell/engine";
import { type ApiContext, type ApiRoutes, ARN_PARAMS, queriesOf } from "./api-context.ts";
import { HeatFold, type HeatVisit } from "./heat-fold.ts";
import type { ApiHeat, ApiHeatCell, ApiHeatRun, ApiHeatState, ApiHeatStatus } from "./types.ts";

const RUNS_MAX = 100;
/** Of all histories together, and of one: what is longer is looked at in part. */
const EVENTS_MAX = 30_000;
const EVENTS_OF_RUN_MAX = 3_000;
const EVENTS_PER_READ = 500;
/** An answer serves all who ask within so long. */
const KEPT_MS = 2_000;

const HEAT_SCHEMA = {
  type: "object",
  properties: { limit: { type: "integer", minimum: 1, maximum: RUNS_MAX, default: 50 } },
};

export const heatRoutes: ApiRoutes = (scope, context) => {
  let kept: { readonly key: string; readonly at: number; readonly heat: Promise<ApiHeat> } | undefined;
  scope.get("/machines/:arn/heat", { schema: { params: ARN_PARAMS, querystring: HEAT_SCHEMA } }, async (request) => {
    const { arn } = request.params as { arn: string };
    const { limit } = request.query as { limit: number };
    context.authorize(request, "stepwell:SearchExecutions", arn);
    await context.catalog.describeStateMachine(arn);
    const key = `${limit} ${arn}`;
    if (kept?.key !== key || performance.now() - kept.at > KEPT_MS) {
      kept = { key, at: performance.now(), heat: heatOf(context, arn, limit) };
    }
    return kept.heat;
  });
};

async function heatOf(context: ApiContext, stateMachineArn: string, limit: number): Promise<ApiHeat> {
  const { items } = await queriesOf(context).search({ stateMachineArn, limit });
  const states = new Map<string, StateHeat>();
  const runs: ApiHeatRun[] = [];
  let events = 0;
  // The newest first: they are the ones that are read whole when there is too much.
  for (const item of items) {
    const read = await visitsOf(context, item, Math.min(EVENTS_OF_RUN_MAX, EVENTS_MAX - events));
    events += read.events;
    for (const visit of read.visits) stateOf(states, visit).take(visit, item.executionArn);
    runs.push(runOf(item, read));
  }
  const isPartial = runs.some((run) => run.isPartial === true);
  return { states: [...states.values()].map((state) => state.answer()), runs, events, isPartial };
}

interface Read {
  readonly visits: readonly HeatVisit[];
  readonly events: number;
  readonly isPartial: boolean;
}

async function visitsOf({ executions }: ApiContext, { executionArn }: FoundExecution, most: number): Promise<Read> {
  const fold = new HeatFold();
  let after = 0;
  let isOver = false;
  while (!isOver && after < most) {
    const page = await executions
      .history(executionArn, { limit: Math.min(EVENTS_PER_READ, most - after), after, reverse: false })
      // Deleted meanwhile, or an Express execution without a history.
      .catch(() => ({ items: [] as const, cursor: undefined }));
    for (const event of page.items) fold.add(event);
    isOver = page.cursor === undefined || page.items.length === 0;
    after = page.items.at(-1)?.id ?? after;
  }
  return { visits: fold.visits, events: after, isPartial: !isOver };
}

/** The worst first: what a cell shows of several visits. */
const WORST: readonly ApiHeatStatus[] = ["FAILED", "TIMED_OUT", "ABORTED", "RUNNING", "CAUGHT", "SUCCEEDED"];

function runOf(item: FoundExecution, { visits, isPartial }: Read): ApiHeatRun {
  const cells = new Map<string, HeatVisit[]>();
  for (const visit of visits) {
    const found = cells.get(visit.name);
    if (found === undefined) cells.set(visit.name, [visit]);
    else found.push(visit);
  }
  const { executionArn, name, status, startDate, stopDate } = item;
  return {
    executionArn,
    name,
    status,
    startDate,
    ...(stopDate === undefined ? {} : { stopDate }),
    ...(isPartial ? { isPartial: true as const } : {}),
    cells: [...cells].map(([state, found]) => cellOf(state, found)),
  };
}

function cellOf(stateName: string, visits: readonly HeatVisit[]): ApiHeatCell {
  const status = WORST.find((each) => visits.some((visit) => visit.status === each)) ?? "SUCCEEDED";
  const telling = visits.findLast((visit) => visit.status === status);
  const ended = visits.filter(({ endedAt }) => endedAt !== undefined);
  return {
    stateName,
    status,
    eventId: telling?.id ?? 0,
    visits: visits.length,
    failed: visits.filter((visit) => visit.status === "FAILED" || visit.status === "TIMED_OUT").length,
    retries: visits.reduce((sum, { attempts }) => sum + Math.max(0, attempts - 1), 0),
    ...(ended.length === 0 ? {} : { longestMs: Math.max(...ended.map(durationOf)) }),
  };
}

const durationOf = ({ enteredAt, endedAt = enteredAt }: HeatVisit): number => endedAt - enteredAt;

function stateOf(states: Map<string, StateHeat>, { name, type }: HeatVisit): StateHeat {
  const known = states.get(name) ?? new StateHeat(name, type);
  states.set(name, known);
  return known;
}

class StateHeat {
  readonly #name: string;
  readonly #type: string;
  readonly #runs = new Set<string>();
  readonly #byStatus = new Map<ApiHeatStatus, number>();
  readonly #durations: number[] = [];
  #retries = 0;

  constructor(name: string, type: string) {
    this.#name = name;
    this.#type = type;
  }

  take(visit: HeatVisit, executionArn: string): void {
    this.#runs.add(executionArn);
    this.#byStatus.set(visit.status, (this.#byStatus.get(visit.status) ?? 0) + 1);
    this.#retries += Math.max(0, visit.attempts - 1);
    if (visit.endedAt !== undefined) this.#durations.push(durationOf(visit));
  }

  answer(): ApiHeatState {
    const of = (status: ApiHeatStatus): number => this.#byStatus.get(status) ?? 0;
    const durations = this.#durations.sort((a, b) => a - b);
    const at = (share: number): number | undefined => durations[Math.ceil(durations.length * share) - 1];
    const [p50Ms, p95Ms] = [at(0.5), at(0.95)];
    return {
      name: this.#name,
      type: this.#type,
      runs: this.#runs.size,
      visits: [...this.#byStatus.values()].reduce((sum, count) => sum + count, 0),
      succeeded: of("SUCCEEDED"),
      failed: of("FAILED") + of("TIMED_OUT"),
      caught: of("CAUGHT"),
      aborted: of("ABORTED"),
      running: of("RUNNING"),
      retries: this.#retries,
      ...(p50Ms === undefined || p95Ms === undefined ? {} : { p50Ms, p95Ms }),
    };
  }
}
