/** What `/api/v1` answers: one function a call. docs/api-v1.md describes them. */
import type {
  ApiActivity,
  ApiEventPage,
  ApiExecution,
  ApiExecutionPage,
  ApiFork,
  ApiForkAnswer,
  ApiHeat,
  ApiHistoryEvent,
  ApiLintAnswer,
  ApiMachine,
  ApiOverview,
  ApiPage,
  ApiSession,
  ApiWaitingTask,
} from "./api-types.ts";
import { callV1, queryOf, request } from "./http.ts";
import type {
  ApiMapRun,
  ApiMapRunItems,
  ApiMapRunRedrive,
  ApiMapRunRedriveAnswer,
  MapItemQuery,
} from "./map-run-types.ts";

const arnPath = encodeURIComponent;

export const getSession = (): Promise<ApiSession> => callV1("/session");
export const logIn = (accessKeyId: string, secretAccessKey: string): Promise<ApiSession> =>
  callV1("/session", { method: "POST", body: { accessKeyId, secretAccessKey } });
export const logOut = (): Promise<void> => callV1("/session", { method: "DELETE" });

export const overviewPath = (hours: number): string => `/overview${queryOf({ hours })}`;
export const getOverview = (hours: number): Promise<ApiOverview> => callV1(overviewPath(hours));

export const listMachines = (query: {
  readonly prefix?: string;
  readonly limit?: number;
  readonly cursor?: string;
}): Promise<ApiPage<ApiMachine>> => callV1(`/machines${queryOf(query)}`);

/** How the newest executions of a machine, at most 100, went through its states. */
export const getHeat = (stateMachineArn: string, limit: number): Promise<ApiHeat> =>
  callV1(`/machines/${arnPath(stateMachineArn)}/heat${queryOf({ limit })}`);

/** What GET /executions searches by; times in epoch milliseconds. */
export interface ExecutionQuery {
  readonly stateMachineArn?: string;
  readonly status?: readonly string[];
  readonly from?: number;
  readonly to?: number;
  /** The beginning of the name. */
  readonly name?: string;
  /** Part of the error's name. */
  readonly error?: string;
  /** With `path` and `equals` (JSON): what the payload holds there. */
  readonly in?: "input" | "output";
  readonly path?: string;
  readonly equals?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export const searchPath = (query: ExecutionQuery): string => `/executions${queryOf({ ...query })}`;
export const searchExecutions = (query: ExecutionQuery, signal?: AbortSignal): Promise<ApiExecutionPage> =>
  callV1(searchPath(query), signal === undefined ? {} : { signal });

export const executionPath = (arn: string): string => `/executions/${arnPath(arn)}`;
export const getExecution = (arn: string): Promise<ApiExecution> => callV1(executionPath(arn));

export interface EventsQuery {
  readonly after: number;
  readonly limit: number;
}

/** The first page is small, so that there is something to see at once; the others are large. */
export const FIRST_EVENTS: EventsQuery = { after: 0, limit: 60 };

export const eventsPath = (arn: string, query: EventsQuery): string =>
  `${executionPath(arn)}/events${queryOf({ ...query })}`;
export const getEvents = (arn: string, query: EventsQuery, signal?: AbortSignal): Promise<ApiEventPage> =>
  callV1(eventsPath(arn, query), signal === undefined ? {} : { signal });

export const getEvent = (arn: string, id: number): Promise<ApiHistoryEvent> =>
  callV1(`/executions/${arnPath(arn)}/events/${id}`);

export const forkExecution = (arn: string, fork: ApiFork): Promise<ApiForkAnswer> =>
  callV1(`/executions/${arnPath(arn)}/fork`, { method: "POST", body: fork });

export const listTokens = (cursor?: string): Promise<ApiPage<ApiWaitingTask>> =>
  callV1(`/tokens${queryOf({ limit: 100, cursor })}`);
export const listActivities = (cursor?: string): Promise<ApiPage<ApiActivity>> =>
  callV1(`/activities${queryOf({ limit: 100, cursor })}`);

export const lint = (definition: string, format: "json" | "yaml"): Promise<ApiLintAnswer> =>
  callV1("/lint", { method: "POST", body: { definition, format } });

export const executionStreamPath = (arn: string, after: number): string =>
  `/api/v1/executions/${arnPath(arn)}/stream${queryOf({ after })}`;
export const executionsStreamPath = (stateMachineArn?: string): string =>
  `/api/v1/stream${queryOf({ stateMachineArn })}`;

const mapRunPath = (arn: string): string => `/map-runs/${arnPath(arn)}`;

export const getMapRun = (arn: string): Promise<ApiMapRun> => callV1(mapRunPath(arn));

/** One byte a child run, by index: see CELL_STATUSES. */
export async function getMapRunCells(arn: string, signal?: AbortSignal): Promise<Uint8Array> {
  const response = await request(`/api/v1${mapRunPath(arn)}/cells`, signal === undefined ? {} : { signal });
  return new Uint8Array(await response.arrayBuffer());
}

export const listMapRunItems = (arn: string, query: MapItemQuery): Promise<ApiMapRunItems> =>
  callV1(`${mapRunPath(arn)}/items${queryOf({ ...query })}`);

export const mapRunReportPath = (arn: string, format: "csv" | "jsonl"): string =>
  `/api/v1${mapRunPath(arn)}/report${queryOf({ failed: "true", format })}`;

export const redriveMapRunItems = (arn: string, order: ApiMapRunRedrive): Promise<ApiMapRunRedriveAnswer> =>
  callV1(`${mapRunPath(arn)}/redrive`, { method: "POST", body: order });

export const mapRunStreamPath = (arn: string): string => `/api/v1${mapRunPath(arn)}/stream`;
