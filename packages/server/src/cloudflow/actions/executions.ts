/** StartExecution, StartSyncExecution, StopExecution, DescribeExecution, ListExecutions (cloudflow.md 3.2). */
import {
  baseRevisionKey,
  type ExecutionDescription,
  type ExecutionSummary,
  type Flow,
  flowExecutionName,
  internalName,
  Rejection,
} from "@stepwell/engine";
import { type ActionContext, type Actions, timeText, tokenOf } from "../action.ts";
import { executionAlreadyExists, executionNotExists, invalidArgument } from "../errors.ts";
import { engineStatus, executionError, executionView, flowStatus } from "../execution-view.ts";
import { findChild, listMapRunChildren } from "../map-run-children.ts";
import { checkedName, shown } from "../parameters.ts";

const INPUT_BYTES_MAX = 65_536;
const ERROR_MAX = 128;
const CAUSE_MAX = 4_096;
const WAIT_SECONDS_MAX = 60;
const LIST_DEFAULT = 60;
const LIST_MAX = 100;
/** Executions that one read of the store looks at. */
const READ = 100;
/** Executions that one list looks at before it gives what it found and a token. */
const LOOKED_AT_MAX = 10_000;

export const EXECUTION_ACTIONS: Actions = {
  StartExecution: {
    awsAction: "StartExecution",
    flowParameter: "FlowName",
    required: ["FlowName"],
    perform: startExecution,
  },
  StartSyncExecution: {
    awsAction: "StartSyncExecution",
    flowParameter: "FlowName",
    required: ["FlowName"],
    perform: startSyncExecution,
  },
  StopExecution: {
    awsAction: "StopExecution",
    flowParameter: "FlowName",
    required: ["FlowName", "ExecutionName"],
    perform: stopExecution,
  },
  DescribeExecution: {
    awsAction: "DescribeExecution",
    flowParameter: "FlowName",
    required: ["FlowName", "ExecutionName"],
    perform: describeExecution,
  },
  ListExecutions: {
    awsAction: "ListExecutions",
    flowParameter: "FlowName",
    required: ["FlowName"],
    perform: listExecutions,
  },
};

interface Started {
  readonly flow: Flow;
  readonly name: string;
  readonly executionArn: string;
  readonly input: string;
  /** With a qualifier when the request has one. */
  readonly stateMachineArn: string;
}

async function startExecution(context: ActionContext): Promise<object> {
  const started = await readStart(context, "Standard");
  const { flow, name, executionArn } = started;
  const token = context.parameters.text("CallbackFnFTaskToken");
  const running = await runningOf(context, executionArn, name, flow);
  if (running !== undefined) return startView(context, running, flow);
  const owed = token !== "" && (await context.reports.owe(executionArn, token));
  try {
    await context.executions.start({
      stateMachineArn: started.stateMachineArn,
      name: internalName(flow, name),
      input: started.input,
    });
  } catch (error) {
    if (owed) await context.reports.forgive(executionArn);
    if (!(error instanceof Rejection)) throw error;
    if (error.name === "StateMachineDoesNotExist") throw noSuchQualifier(context, flow);
    if (error.name !== "ExecutionAlreadyExists") throw error;
    const other = await runningOf(context, executionArn, name, flow);
    if (other === undefined) throw executionAlreadyExists(name, flow.name);
    return startView(context, other, flow);
  }
  if (owed) context.reports.started(executionArn);
  return startView(context, await context.executions.describe(executionArn), flow);
}

/** As it was when it began, however far it has come meanwhile. */
async function startView(context: ActionContext, execution: ExecutionDescription, present: Flow): Promise<object> {
  const { stopDate: _stopDate, output: _output, ...begun } = execution;
  return executionView({ ...begun, status: "RUNNING" }, await flowOfExecution(context, present, execution));
}

/** The execution of this name in progress, if there is one. Throws ExecutionAlreadyExists for one that has ended. */
async function runningOf(
  { executions }: ActionContext,
  executionArn: string,
  name: string,
  flow: Flow,
): Promise<ExecutionDescription | undefined> {
  const execution = await executions.describe(executionArn).catch(undefinedIfMissing);
  if (execution === undefined || execution.status === "RUNNING") return execution;
  throw executionAlreadyExists(name, flow.name);
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Rejection && error.name === "ExecutionDoesNotExist") return undefined;
  throw error;
}

async function readStart(context: ActionContext, mode: Flow["executionMode"]): Promise<Started> {
  const { parameters, flows, ids } = context;
  const flow = await flows.describe(parameters.required("FlowName"));
  if (flow.executionMode !== mode) {
    throw new Rejection("ActionNotSupported", `${flow.executionMode} execution is not supported`);
  }
  const given = parameters.text("ExecutionName");
  const name = given === "" ? ids.uuid() : checkedName("ExecutionName", given);
  const input = parameters.objectText("Input", "{}");
  if (Buffer.byteLength(input) > INPUT_BYTES_MAX) {
    throw invalidArgument(`Input must have at most ${INPUT_BYTES_MAX} bytes, got ${Buffer.byteLength(input)}.`);
  }
  const qualifier = parameters.text("Qualifier");
  if (qualifier !== "" && qualifier !== "LATEST" && !/^[A-Za-z0-9_-]{1,128}$/.test(qualifier)) {
    throw noSuchQualifier(context, flow);
  }
  const isQualified = qualifier !== "" && qualifier !== "LATEST";
  const stateMachineArn = isQualified ? `${flow.stateMachineArn}:${qualifier}` : flow.stateMachineArn;
  return { flow, name, executionArn: executionArnOf(flow, name), input, stateMachineArn };
}

function executionArnOf(flow: Flow, name: string): string {
  return `${flow.stateMachineArn.replace(":stateMachine:", ":execution:")}:${internalName(flow, name)}`;
}

function noSuchQualifier({ parameters }: ActionContext, flow: Flow): Rejection {
  const qualifier = parameters.text("Qualifier");
  return /^\d+$/.test(qualifier)
    ? new Rejection("FlowVersionNotExists", `Version ${qualifier} for flow ${flow.name} does not exist.`)
    : new Rejection("FlowAliasNotExists", `Alias ${qualifier} for flow ${flow.name} does not exist.`);
}

async function startSyncExecution(context: ActionContext): Promise<object> {
  const { flow, name, input, stateMachineArn } = await readStart(context, "Express");
  const ended = await context.executions.startSync({ stateMachineArn, name, input }).catch((error: unknown) => {
    if (error instanceof Rejection && error.name === "StateMachineDoesNotExist") throw noSuchQualifier(context, flow);
    throw error;
  });
  const failure = executionError(ended);
  return {
    Name: `${name}:${ended.executionArn.split(":").at(-1) ?? ""}`,
    FlowName: flow.name,
    Status: flowStatus(ended.status),
    ErrorCode: failure?.error ?? "",
    ErrorMessage: failure?.cause ?? "",
    Output: ended.status === "SUCCEEDED" ? (ended.output ?? "{}") : "",
    StartedTime: timeText(ended.startDate),
    StoppedTime: timeText(ended.stopDate ?? ended.startDate),
    Environment: environmentView(flow),
  };
}

/** The stop is asynchronous: the answer shows an execution that runs, with the time it was stopped. */
async function stopExecution(context: ActionContext): Promise<object> {
  const { parameters, executions } = context;
  const error = parameters.bounded("Error", ERROR_MAX);
  const cause = parameters.bounded("Cause", CAUSE_MAX);
  const { flow, execution } = await findExecution(context);
  if (execution.status !== "RUNNING") return executionView(execution, flow);
  const { stopDate } = await executions.stop(execution.executionArn, error, cause);
  return executionView({ ...execution, stopDate }, flow);
}

async function describeExecution(context: ActionContext): Promise<object> {
  const wait = context.parameters.number("WaitTimeSeconds", 0, WAIT_SECONDS_MAX) ?? 0;
  let { flow, execution } = await findExecution(context);
  if (wait > 0 && execution.status === "RUNNING") {
    await ended(context, execution.executionArn, wait * 1000);
    ({ flow, execution } = await findExecution(context));
  }
  return { ...executionView(execution, flow), Environment: environmentView(flow) };
}

/** An execution's variables, without what is said of them. cloudflow.md 3.2. */
function environmentView({ environment }: Flow): object {
  return { Variables: (environment?.Variables ?? []).map(({ Name, Value }) => ({ Name, Value })) };
}

/** Resolves when the execution has ended, the time is up, or the client has gone. */
async function ended(
  { executions, signal, clock }: ActionContext,
  executionArn: string,
  waitMs: number,
): Promise<void> {
  const enough = new AbortController();
  const cancel = clock.wakeAt(clock.now() + waitMs, () => enough.abort());
  const stopped = AbortSignal.any([signal, enough.signal]);
  try {
    for await (const event of executions.watch(executionArn, 0, stopped)) if (stopped.aborted) void event;
  } finally {
    cancel();
  }
}

/** The execution, with the flow as it was when the execution started. Throws FlowNotExists or ExecutionNotExists. */
export async function findExecution(
  context: ActionContext,
): Promise<{ readonly flow: Flow; readonly execution: ExecutionDescription }> {
  const { parameters, flows, executions } = context;
  const present = await flows.describe(parameters.required("FlowName"));
  const name = parameters.required("ExecutionName");
  const own = await executions.describe(executionArnOf(present, name)).catch((error: unknown) => {
    if (error instanceof Rejection) return undefined;
    throw error;
  });
  const execution = own ?? (await findChild(context, present, name));
  if (execution === undefined) throw executionNotExists(name, present.name);
  return { execution, flow: await flowOfExecution(context, present, execution) };
}

async function flowOfExecution(
  { flows }: ActionContext,
  present: Flow,
  { revisionKey }: ExecutionDescription,
): Promise<Flow> {
  const key = baseRevisionKey(revisionKey);
  return key === present.revisionKey ? present : flows.ofRevision(present.name, key);
}

type Wanted = (execution: Pick<ExecutionSummary, "name" | "startDate">) => boolean;

/** Newest first. The token is the name of the next execution; where the store goes on there is remembered here. */
async function listExecutions(context: ActionContext): Promise<object> {
  const { parameters, flows, executions } = context;
  const flow = await flows.describe(parameters.required("FlowName"));
  const limit = parameters.number("Limit", 1, LIST_MAX) ?? LIST_DEFAULT;
  const metadataOnly = parameters.flag("MetadataOnly") ?? false;
  const query = listQuery(context, flow);
  const mapRunName = parameters.text("MapRunName");
  if (mapRunName !== "") return listChildren(context, flow, { mapRunName, limit, metadataOnly, query });
  const { items, next } = query === undefined ? { items: [] } : await readExecutions(context, flow, query, limit);
  const views = await Promise.all(
    items.map(async (item) => {
      const execution = await executions.describe(item.executionArn);
      const view = executionView(execution, await flowOfExecution(context, flow, execution));
      return metadataOnly ? { ...view, FlowDefinition: "", Input: "", Output: "" } : view;
    }),
  );
  return { Executions: views, ...(next === undefined ? {} : { NextToken: flowExecutionName(next) }) };
}

interface StoreQuery {
  readonly wanted: Wanted;
  readonly filter: {
    readonly stateMachineArn: string;
    readonly status?: ExecutionSummary["status"];
    readonly qualifiedArn?: string;
  };
}

/** `undefined`: nothing can match. */
function listQuery({ parameters }: ActionContext, flow: Flow): StoreQuery | undefined {
  const status = parameters.text("Status");
  const wantedStatus = status === "" ? undefined : engineStatus(status);
  if (status !== "" && wantedStatus === undefined) {
    throw invalidArgument(`Status must be Starting, Running, Stopped, Succeeded, Failed or TimedOut, got '${status}'.`);
  }
  const begin = parameters.time("StartedTimeBegin") ?? Number.NEGATIVE_INFINITY;
  const end = parameters.time("StartedTimeEnd") ?? Number.POSITIVE_INFINITY;
  const prefix = parameters.text("ExecutionNamePrefix");
  const qualifier = parameters.text("Qualifier");
  if (wantedStatus === "none") return undefined;
  return {
    filter: {
      stateMachineArn: flow.stateMachineArn,
      ...(wantedStatus === undefined ? {} : { status: wantedStatus }),
      ...(qualifier === "" ? {} : { qualifiedArn: `${flow.stateMachineArn}:${qualifier}` }),
    },
    wanted: ({ name, startDate }) => name.startsWith(prefix) && startDate >= begin && startDate <= end,
  };
}

/** The child executions of a map run. The token says where the next page begins. */
async function listChildren(
  context: ActionContext,
  flow: Flow,
  asked: {
    readonly mapRunName: string;
    readonly limit: number;
    readonly metadataOnly: boolean;
    readonly query: StoreQuery | undefined;
  },
): Promise<object> {
  const { query, ...rest } = asked;
  if (query === undefined) return { Executions: [] };
  const { wanted, filter } = query;
  const token = tokenOf(context.parameters);
  if (token !== undefined && !/^\d{1,15}$/.test(token)) {
    throw invalidArgument(`NextToken '${shown(token)}' is none of this action's.`);
  }
  const statuses = filter.status === undefined ? undefined : [filter.status];
  const { executions, next } = await listMapRunChildren(context, flow, { ...rest, token, statuses, wanted });
  return { Executions: executions, ...(next === undefined ? {} : { NextToken: next }) };
}

/** Where in the store the page of an execution begins, by ARN; only a short cut. */
const PLACES = new Map<string, string>();
const PLACES_MAX = 10_000;

async function readExecutions(
  context: ActionContext,
  flow: Flow,
  { wanted, filter }: StoreQuery,
  limit: number,
): Promise<{ items: readonly ExecutionSummary[]; next?: string }> {
  const token = tokenOf(context.parameters);
  const first = token === undefined ? undefined : executionArnOf(flow, token);
  const key = `${JSON.stringify(filter)} ${first ?? ""}`;
  const items: ExecutionSummary[] = [];
  let begun = first === undefined;
  let cursor = PLACES.get(key);
  for (let looked = 0; ; ) {
    const page = await context.executions.list({ ...filter, limit: READ, ...(cursor === undefined ? {} : { cursor }) });
    for (const item of page.items) {
      // What is older than the flow is of another one that had its name.
      if (item.startDate < flow.createdAt) return { items };
      begun ||= item.executionArn === first;
      if (!begun || !isOf(flow, item) || !wanted(item)) continue;
      if (items.length === limit || looked >= LOOKED_AT_MAX) {
        remember(`${JSON.stringify(filter)} ${item.executionArn}`, cursor);
        return { items, next: item.name };
      }
      items.push(item);
    }
    looked += page.items.length;
    if (page.cursor === undefined) return { items };
    cursor = page.cursor;
  }
}

function isOf(flow: Flow, { name }: ExecutionSummary): boolean {
  return internalName(flow, flowExecutionName(name)) === name;
}

function remember(key: string, cursor: string | undefined): void {
  if (cursor === undefined) return;
  for (const oldest of PLACES.keys()) {
    if (PLACES.size < PLACES_MAX) break;
    PLACES.delete(oldest);
  }
  PLACES.set(key, cursor);
}
