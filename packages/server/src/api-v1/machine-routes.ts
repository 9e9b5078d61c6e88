/** State machines with how their newest executions went. */
import type { ExecutionStatus, FoundExecution, StateMachineSummary } from "@stepwell/engine";
import { stateMachineArnOf } from "@stepwell/engine";
import {
  type ApiContext,
  type ApiRoutes,
  CURSOR_SCHEMA,
  LIMIT_SCHEMA,
  type PageQuery,
  queriesOf,
} from "./api-context.ts";
import type { ApiMachine, ApiPage } from "./types.ts";

/** The newest executions of each machine that are looked at: computed when asked for, nothing is maintained. */
const RECENT_MAX = 200;

const MACHINES_SCHEMA = {
  type: "object",
  properties: { prefix: { type: "string", minLength: 1, maxLength: 80 }, limit: LIMIT_SCHEMA, cursor: CURSOR_SCHEMA },
};

interface MachinesQuery extends PageQuery {
  readonly prefix?: string;
}

export const machineRoutes: ApiRoutes = (scope, context) => {
  scope.get("/machines", { schema: { querystring: MACHINES_SCHEMA } }, async (request) => {
    context.authorize(request, "states:ListStateMachines", "*");
    return machines(context, request.query as MachinesQuery);
  });
};

async function machines(context: ApiContext, { prefix, limit, cursor }: MachinesQuery): Promise<ApiPage<ApiMachine>> {
  const after = cursor ?? (prefix === undefined ? undefined : justBefore(stateMachineArnOf(context.identity, prefix)));
  const page = await context.catalog.listStateMachines({ limit, ...(after === undefined ? {} : { cursor: after }) });
  const found = prefix === undefined ? page.items : page.items.filter(({ name }) => name.startsWith(prefix));
  const isOver = found.length < page.items.length || page.cursor === undefined;
  const items: ApiMachine[] = [];
  // One after the other: others have their turn between two.
  for (const machine of found) items.push(await machineItem(context, machine));
  return isOver ? { items } : { items, cursor: page.cursor as string };
}

/** A text that stands before `text` in the order of code points, with nothing of use between. */
function justBefore(text: string): string {
  const last = text.codePointAt(text.length - 1) ?? 0;
  return `${text.slice(0, -1)}${String.fromCodePoint(Math.max(1, last - 1))}\u{10ffff}`;
}

async function machineItem(context: ApiContext, machine: StateMachineSummary): Promise<ApiMachine> {
  const { stateMachineArn, name, type, creationDate } = machine;
  const { catalog, executions } = context;
  const [running, { items }, { status }, version] = await Promise.all([
    executions.countRunning(stateMachineArn),
    queriesOf(context).search({ stateMachineArn, limit: RECENT_MAX }),
    catalog.describeStateMachine(stateMachineArn).catch(() => ({ status: "DELETING" as const })),
    newestVersion(context, stateMachineArn),
  ]);
  const count = (wanted: ExecutionStatus): number => items.filter((item) => item.status === wanted).length;
  const recent = {
    succeeded: count("SUCCEEDED"),
    failed: count("FAILED"),
    timedOut: count("TIMED_OUT"),
    aborted: count("ABORTED"),
  };
  const [last] = items;
  return {
    stateMachineArn,
    name,
    type,
    status,
    creationDate,
    ...(version === undefined ? {} : { version }),
    running,
    recent,
    ...quantiles(items),
    ...(last === undefined
      ? {}
      : { last: { executionArn: last.executionArn, status: last.status, startDate: last.startDate } }),
  };
}

async function newestVersion({ catalog }: ApiContext, stateMachineArn: string): Promise<number | undefined> {
  const { items } = await catalog.listVersions(stateMachineArn, { limit: 1 });
  const number = Number(items[0]?.stateMachineVersionArn.split(":").at(-1));
  return Number.isInteger(number) ? number : undefined;
}

function quantiles(items: readonly FoundExecution[]): { readonly p50Ms?: number; readonly p95Ms?: number } {
  const durations = items
    .flatMap(({ status, startDate, stopDate }) =>
      status === "SUCCEEDED" && stopDate !== undefined ? [stopDate - startDate] : [],
    )
    .sort((a, b) => a - b);
  const at = (share: number): number | undefined => durations[Math.ceil(durations.length * share) - 1];
  const [p50Ms, p95Ms] = [at(0.5), at(0.95)];
  return p50Ms === undefined || p95Ms === undefined ? {} : { p50Ms, p95Ms };
}
