import {
  AwsServices,
  type AwsSettings,
  createMapRunIo,
  createObjectStore,
  createTaskRouter,
  type FunctionConfig,
  type FunctionLog,
  type FunctionRouter,
  HttpTask,
  type HttpTaskSettings,
  type JobType,
  LocalBuckets,
  type MockConfig,
  MockedTask,
  mockResultProblem,
  NestedExecutions,
  type ObjectStoreOptions,
  StepFunctionsSdkCalls,
  type TaskRoute,
} from "@stepwell/connectors";
import { EXTENDED_LIMITS, type ExecutionLimits, STRICT_LIMITS, type StartTask } from "@stepwell/core";
import {
  type AwsIdentity,
  type Catalog,
  type Clock,
  type CommittedChange,
  type Connector,
  createCatalog,
  createExecutions,
  createMapRuns,
  createTriggers,
  DEFAULT_IDENTITY,
  type ExecutionEngine,
  FLOW_EXECUTION_SECONDS_MAX,
  type Ids,
  type LongWork,
  openWorkThreads,
  type Triggers,
  VirtualClock,
} from "@stepwell/engine";
import type { ServerOptions } from "@stepwell/server";
import {
  createInProcessApi,
  type InProcessApi,
  type Metrics,
  type Outbox,
  performWith,
  traceparentOf,
} from "@stepwell/server/in-process";
import type { Config, DecisionSettings } from "./config/load-config.ts";
import { openMockFile } from "./config/mock-file.ts";
import { openDeployed } from "./deploy/service/open-deployed.ts";
import { type ComposedFlows, composeFlows, type FlowSettings } from "./flows.ts";
import { createObservers, type EventSettings, type LogSettings } from "./observers.ts";
import { withParameterChecks } from "./parameter-checks.ts";
import { type DatabaseSettings, openRuntime, type Runtime } from "./runtime.ts";
import { withTestCases } from "./test-cases.ts";
import { type Instrument, withInstruments } from "./testing/instruments.ts";
import { missingJob, type ResourceRefusal, unsupported } from "./unsupported.ts";

export interface StepwellOptions {
  /** A directory, made when it is not there, or ":memory:". */
  readonly dataDir: string;
  /** Executions and state machines are kept there, not in the directory; other nodes may share it. Real time only. */
  readonly database?: DatabaseSettings;
  readonly durability?: "full" | "normal";
  /** `virtual`: waits, retries and timeouts pass at once, in order, when nothing else can happen. Default real. */
  readonly time?: "real" | "virtual";
  readonly identity?: AwsIdentity;
  readonly limits?: ExecutionLimits;
  /** Threads for decisions that take long; absent: all are made on this one. */
  readonly decisions?: DecisionSettings;
  readonly functions?: Readonly<Record<string, FunctionConfig>>;
  /** Where relative paths of functions begin. */
  readonly baseDirectory?: string;
  readonly functionLog?: FunctionLog;
  /** Where AWS's services are, and who calls them. Default: what the environment says. */
  readonly aws?: Omit<AwsSettings, "region" | "baseDirectory">;
  /** Connections of HTTP tasks, and which addresses they may call that are not public. */
  readonly http?: Omit<HttpTaskSettings, "region">;
  /** What tasks of flows may call. */
  readonly flows?: FlowSettings;
  /** Where tasks go instead of where the definition says. */
  readonly tasks?: Readonly<Record<string, TaskRoute>>;
  /** Types of jobs for `arn:aws:states:::custom:<name>.sync`. */
  readonly jobs?: Readonly<Record<string, JobType>>;
  /** Mocks of test cases, asked for at each task. */
  readonly mocks?: () => MockConfig;
  /** Performs the tasks of the states it mocks, in whatever state machine; not beside `mocks`. For `stepwell test`. */
  readonly mocked?: MockingConnector;
  /** Makes of each parsed state machine what runs in its place. For `stepwell test`. */
  readonly instrument?: Instrument;
  /** Buckets that are directories, by name; relative ones begin at `baseDirectory`. All others are S3's. */
  readonly buckets?: Readonly<Record<string, string>>;
  /** Where execution logs go. Default: a file in the data directory. */
  readonly logs?: LogSettings;
  /** Where status events go. Default: nowhere. */
  readonly events?: EventSettings;
  /** Counts what executions do. */
  readonly metrics?: Metrics;
  /** Sends a trace of each execution where OTEL_EXPORTER_OTLP_* say. */
  readonly traces?: boolean;
  /** False: executions that wait in the data directory stay as they are. Default true. */
  readonly resume?: boolean;
  /** In virtual time: told when nothing can happen any more but from outside. */
  readonly onStill?: () => void;
  /** Told right after each commit. */
  readonly onCommitted?: (change: CommittedChange) => void;
  /** Told of what went wrong behind the scenes and was survived. */
  readonly onProblem?: (problem: unknown, about: string) => void;
}

/** A connector that says which states it may perform. */
export interface MockingConnector extends Connector {
  mayMock(stateName: string): boolean;
}

/** One Stepwell: everything but a server. */
export interface Stepwell {
  readonly catalog: Catalog;
  readonly executions: ExecutionEngine;
  readonly functions: FunctionRouter;
  /** CloudFlow's control plane on the same catalog. */
  readonly flows: Pick<ComposedFlows, "flows" | "schedules" | "reports">;
  /** Rules and schedules that start state machines. In virtual time they start nothing. */
  readonly triggers: Triggers;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Authenticates page tokens across restarts. */
  readonly pageTokenKey: string;
  readonly testing: NonNullable<ServerOptions["testing"]>;
  /** Threads for what takes long. */
  readonly long?: LongWork;
  /** Lets what is under way end (bounded), then closes everything. What goes on later is in the store. */
  close(drainMs?: number): Promise<void>;
}

const DRAIN_MS = 10_000;
/** Evaluation of one decision on the thread that answers requests. */
const QUICK_MS = 10;
/** How long a stop waits for logs and events to be delivered. */
const OBSERVERS_DRAIN_MS = 3_000;
/** How long a workflow's own GetActivityTask waits, as the API's. */
const ACTIVITY_POLL_MS = 60_000;

/** Puts the rooms together on one data directory, or one database, and takes up what was running there. */
export async function composeStepwell(options: StepwellOptions): Promise<Stepwell> {
  const clock = options.time === "virtual" ? new VirtualClock(Date.now()) : undefined;
  const runtime = await openRuntime(options, clock);
  try {
    return await composeOn(runtime, options, clock);
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

async function composeOn(
  runtime: Runtime,
  options: StepwellOptions,
  virtual: VirtualClock | undefined,
): Promise<Stepwell> {
  const { ids, catalogStore, cluster } = runtime;
  // Asked only when a task runs, long after it was made.
  let api: InProcessApi | undefined;
  const callApi: InProcessApi = (operation, input, signal) => (api as InProcessApi)(operation, input, signal);
  const { mocks } = options;
  const aws = awsSettings(options);
  const deployed = openDeployed({ ...options, onProblem: options.onProblem ?? warn }, runtime);
  const objects = {
    ...objectStoreOptions(options),
    ...(deployed && { moreBuckets: deployed.buckets }),
    ...(options.identity && { accountId: options.identity.accountId }),
  };
  const services = new AwsServices(aws, options.http?.allow, new LocalBuckets(objects));
  const http = new HttpTask({ ...options.http, ...(aws.region === undefined ? {} : { region: aws.region }) });
  const mocked =
    mocks === undefined
      ? options.mocked
      : new MockedTask(mocks, { api: callApi, untilMs: cluster === undefined ? runtime.clock.now() : Infinity });
  const flows = composeFlows({
    // Where time passes by itself, nobody could report in time what an execution without a timeout waits for.
    ...(virtual === undefined && { executionSecondsMax: FLOW_EXECUTION_SECONDS_MAX }),
    ...options.flows,
    catalogStore,
    executionStore: runtime.executionStore,
    clock: runtime.clock,
    ids,
    identity: options.identity ?? DEFAULT_IDENTITY,
    engine: () => running(),
    connectorFor: (request) => functions.connectorFor(request),
    onProblem: options.onProblem ?? warn,
  });
  const functions: FunctionRouter = createTaskRouter({
    services,
    connectors: [flows.tasks, new NestedExecutions(callApi), new StepFunctionsSdkCalls(callApi), services, http],
    ...(options.http === undefined ? {} : { http: options.http }),
    ...(mocked === undefined ? {} : { mocked }),
    ...(options.tasks === undefined ? {} : { tasks: options.tasks }),
    ...(options.jobs === undefined ? {} : { jobs: options.jobs }),
    ...(options.functions === undefined ? {} : { functions: options.functions }),
    ...(options.baseDirectory === undefined ? {} : { baseDirectory: options.baseDirectory }),
    ...(options.functionLog === undefined ? {} : { log: options.functionLog }),
    ...(options.identity === undefined
      ? {}
      : { region: options.identity.region, accountId: options.identity.accountId }),
  });
  const io = createMapRunIo(createObjectStore(objects));
  let engine: ExecutionEngine | undefined;
  const running = (): ExecutionEngine => engine as ExecutionEngine;
  const refusalOf = (resource: StartTask["resource"]): ResourceRefusal =>
    services.problemOf(resource) ?? missingJob(resource) ?? { kind: "nobody" };
  const stored = createCatalog({
    store: catalogStore,
    clock: runtime.clock,
    ids,
    ...(options.identity === undefined ? {} : { identity: options.identity }),
    // Asked only when a machine is deleted, long after both exist.
    executions: {
      countRunning: (arn) => running().countRunning(arn),
      stateMachineDeleted: (arn, name) => running().stateMachineDeleted(arn, name),
    },
    supports: (machine) =>
      unsupported(
        machine,
        (resource, stateName) =>
          functions.connectorFor({ resource, stateName }) === undefined && mocked?.mayMock(stateName) !== true
            ? refusalOf(resource)
            : undefined,
        (reader) => io.unsupportedReader(reader),
      ),
  });
  const checked = withParameterChecks(stored, functions, (stateName) => mocked?.mayMock(stateName) === true);
  const parsed = options.instrument === undefined ? checked : withInstruments(checked, options.instrument);
  const catalog = mocks === undefined ? parsed : withTestCases(parsed, mocks);
  const triggers = createTriggers({
    store: catalogStore,
    executions: { start: (request) => running().start(request) },
    clock: runtime.clock,
    ids,
    identity: options.identity ?? DEFAULT_IDENTITY,
    onProblem: options.onProblem ?? warn,
  });
  const serves = virtual === undefined && options.resume !== false;
  const observed = createObservers(catalog, {
    ...observerOptions(options, ids, runtime.executionStore),
    ...(cluster && { owns: (arn: string) => cluster.owns(arn) }),
    ...(serves && { rules: triggers }),
  });
  const long = longWorkOf(options);
  engine = createExecutions(
    {
      store: runtime.executionStore,
      machines: catalog,
      activities: catalog,
      router: { ...functions, whyNobody: (resource) => messageOf(refusalOf(resource)) },
      clock: runtime.clock,
      ids,
      mapRuns: createMapRuns({ store: runtime.mapRunStore, io }),
      ...(cluster === undefined ? {} : { cluster }),
      ...(long && { threads: long.threads }),
    },
    {
      ...(long && { quickMs: long.quickMs }),
      limits: options.limits ?? STRICT_LIMITS,
      ...listening(observed.committed, options.onCommitted),
      ...(observed.announcementsOf && { announcementsOf: observed.announcementsOf }),
      ...(options.traces === true ? { traceparentOf } : {}),
      ...(options.onProblem === undefined ? {} : { onProblem: options.onProblem }),
      ...(virtual === undefined ? {} : { onIdle: () => void (virtual.advance() || options.onStill?.()) }),
    },
  );
  const pageTokenKey = await catalogStore.secret("page-tokens", ids.seed());
  const { clock } = runtime;
  api = createInProcessApi({
    catalog: observed.catalog,
    executions: engine,
    clock,
    pageTokenKey,
    activityPollMs: ACTIVITY_POLL_MS,
  });
  await deployed?.start(functions);
  // Before anything can end that a rule waits for.
  if (serves) await triggers.load();
  if (options.resume !== false) await engine.resume();
  await runtime.join(engine);
  // In virtual time nothing happens by itself, nor where only something is stored.
  if (virtual === undefined && options.resume !== false) flows.run();
  if (serves) triggers.run();
  return {
    catalog: observed.catalog,
    flows,
    triggers,
    executions: engine,
    functions,
    clock: runtime.clock,
    ids,
    pageTokenKey,
    ...(long && { long }),
    testing: {
      ...(long && { long }),
      limits: options.limits ?? STRICT_LIMITS,
      ...(options.identity === undefined ? {} : { identity: options.identity }),
      virtualTime: virtual !== undefined,
      performTask: performWith(functions),
      mockResultProblem,
    },
    close: async (drainMs = DRAIN_MS) => {
      await deployed?.stop();
      await flows.stop();
      await triggers.stop();
      await running().drain(drainMs);
      await long?.threads.close();
      await functions.close();
      deployed?.remove();
      await io.close();
      await observed.close(OBSERVERS_DRAIN_MS);
      await runtime.close();
    },
  };
}

function longWorkOf({ decisions, onProblem }: StepwellOptions): LongWork | undefined {
  if (decisions === undefined || decisions.threads === 0) return undefined;
  const { threads, quickMs = QUICK_MS } = decisions;
  return { threads: openWorkThreads(threads === undefined ? {} : { threads }), quickMs, report: onProblem ?? warn };
}

function observerOptions(options: StepwellOptions, ids: Ids, outbox: Outbox): Parameters<typeof createObservers>[1] {
  const { dataDir, logs, events, metrics, traces, onProblem, limits = STRICT_LIMITS } = options;
  return {
    dataDir,
    baseDirectory: options.baseDirectory ?? process.cwd(),
    identity: options.identity ?? DEFAULT_IDENTITY,
    ids,
    historyEventsMax: limits.historyEventsMax,
    outbox,
    isShared: options.database !== undefined,
    ...(logs && { logs }),
    ...(events && { events }),
    ...(metrics && { metrics }),
    ...(traces && { traces }),
    ...(onProblem && { onProblem }),
  };
}

function awsSettings({ aws, identity, baseDirectory }: StepwellOptions): AwsSettings {
  return {
    ...aws,
    ...(identity === undefined ? {} : { region: identity.region }),
    ...(baseDirectory === undefined ? {} : { baseDirectory }),
  };
}

function messageOf(refusal: ResourceRefusal): string | undefined {
  return refusal.kind === "missing" ? refusal.message : undefined;
}

function objectStoreOptions(options: StepwellOptions): ObjectStoreOptions {
  const { buckets } = options;
  return { ...awsSettings(options), ...(buckets === undefined ? {} : { buckets }) };
}

/** Nothing when nobody listens: a change is not put together for nobody. */
function listening(
  ...listeners: readonly (((change: CommittedChange) => void) | undefined)[]
): Pick<StepwellOptions, "onCommitted"> {
  const present = listeners.filter((listener) => listener !== undefined);
  if (present.length === 0) return {};
  return {
    onCommitted(change) {
      for (const tell of present) tell(change);
    },
  };
}

function warn(problem: unknown, about: string): void {
  process.emitWarning(`${about}: ${String(problem)}`);
}

/** What a configuration says of other services than Lambda. */
function servicesOf({ services }: Config): Pick<StepwellOptions, "aws" | "http" | "tasks" | "jobs"> {
  const { endpoints, profile, connections, http, tasks, jobs } = services;
  return {
    aws: { ...(endpoints === undefined ? {} : { endpoints }), ...(profile === undefined ? {} : { profile }) },
    http: { ...(connections === undefined ? {} : { connections }), ...http },
    ...(tasks === undefined ? {} : { tasks }),
    ...(jobs === undefined ? {} : { jobs }),
  };
}

function flowSettings({ cloudflow, services }: Config): FlowSettings {
  return {
    ...(cloudflow.messages === undefined ? {} : { messages: cloudflow.messages }),
    ...(services.http?.allow === undefined ? {} : { allow: services.http.allow }),
  };
}

/** What a configuration says about a Stepwell. `extended` limits are the operator's: payloads of 8 MiB, a million events. */
export function fromConfig(
  config: Config,
): Pick<
  StepwellOptions,
  | "aws"
  | "http"
  | "tasks"
  | "jobs"
  | "mocks"
  | "functions"
  | "flows"
  | "baseDirectory"
  | "identity"
  | "limits"
  | "buckets"
> {
  return {
    functions: config.functions,
    flows: flowSettings(config),
    ...servicesOf(config),
    ...(config.mockConfig === undefined ? {} : { mocks: openMockFile(config.mockConfig, warn) }),
    baseDirectory: config.baseDirectory,
    identity: { partition: "aws", region: config.region, accountId: config.account },
    limits: config.limits.profile === "extended" ? EXTENDED_LIMITS : STRICT_LIMITS,
    buckets: config.buckets,
  };
}
