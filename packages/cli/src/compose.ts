import {
  AwsServices,
  type AwsSettings,
  createTaskRouter,
  type FunctionConfig,
  type FunctionLog,
  type FunctionRouter,
  mockResultProblem,
  NestedExecutions,
  StepFunctionsSdkCalls,
} from "@stepwell/connectors";
import { EXTENDED_LIMITS, type ExecutionLimits, STRICT_LIMITS } from "@stepwell/core";
import {
  type AwsIdentity,
  type Catalog,
  type Clock,
  type CommittedChange,
  createCatalog,
  createExecutions,
  createMapRuns,
  DEFAULT_IDENTITY,
  type ExecutionEngine,
  type Ids,
  VirtualClock,
} from "@stepwell/engine";
import { openCatalogStore, openEmbeddedRuntime } from "@stepwell/runtime-embedded";
import {
  createInProcessApi,
  type InProcessApi,
  type Metrics,
  performWith,
  type ServerOptions,
  traceparentOf,
} from "@stepwell/server";
import type { Config } from "./config/load-config.ts";
import { createObservers, type EventSettings, type LogSettings, type Observers } from "./observers.ts";
import { unsupported } from "./unsupported.ts";

export interface StepwellOptions {
  /** A directory, made when it is not there, or ":memory:". */
  readonly dataDir: string;
  readonly durability?: "full" | "normal";
  /** `virtual`: waits, retries and timeouts pass at once, in order, when nothing else can happen. Default real. */
  readonly time?: "real" | "virtual";
  readonly identity?: AwsIdentity;
  readonly limits?: ExecutionLimits;
  readonly functions?: Readonly<Record<string, FunctionConfig>>;
  /** Where relative paths of functions begin. */
  readonly baseDirectory?: string;
  readonly functionLog?: FunctionLog;
  /** Where AWS's services are, and who calls them. Default: what the environment says. */
  readonly aws?: Omit<AwsSettings, "region" | "baseDirectory">;
  /** Where execution logs go. Default: a file in the data directory. */
  readonly logs?: LogSettings;
  /** Where status events go. Default: nowhere. */
  readonly events?: EventSettings;
  /** Counts what executions do. */
  readonly metrics?: Metrics;
  /** Sends a trace of each execution where OTEL_EXPORTER_OTLP_* say. */
  readonly traces?: boolean;
  /** Told right after each commit. */
  readonly onCommitted?: (change: CommittedChange) => void;
  /** Told of what went wrong behind the scenes and was survived. */
  readonly onProblem?: (problem: unknown, about: string) => void;
}

/** One Stepwell on the embedded runtime: everything but a server. */
export interface Stepwell {
  readonly catalog: Catalog;
  readonly executions: ExecutionEngine;
  readonly functions: FunctionRouter;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Authenticates page tokens across restarts. */
  readonly pageTokenKey: string;
  readonly testing: NonNullable<ServerOptions["testing"]>;
  /** Lets what is under way end (bounded), then closes everything. What goes on later is in the store. */
  close(drainMs?: number): Promise<void>;
}

const DRAIN_MS = 10_000;
/** How long a stop waits for logs and events to be delivered. */
const OBSERVERS_DRAIN_MS = 3_000;
/** How long a workflow's own GetActivityTask waits, as the API's. */
const ACTIVITY_POLL_MS = 60_000;

/** Puts the rooms together on one data directory and takes up what was running there. */
export async function composeStepwell(options: StepwellOptions): Promise<Stepwell> {
  const clock = options.time === "virtual" ? new VirtualClock(Date.now()) : undefined;
  const runtime = openEmbeddedRuntime({
    dataDir: options.dataDir,
    ...(options.durability === undefined ? {} : { durability: options.durability }),
    ...(clock === undefined ? {} : { clock }),
  });
  try {
    return await composeOn(runtime, options, clock);
  } catch (error) {
    runtime.close();
    throw error;
  }
}

async function composeOn(
  runtime: ReturnType<typeof openEmbeddedRuntime>,
  options: StepwellOptions,
  virtual: VirtualClock | undefined,
): Promise<Stepwell> {
  const { ids } = runtime;
  // Asked only when a task runs, long after it was made.
  let api: InProcessApi | undefined;
  const callApi: InProcessApi = (operation, input, signal) => (api as InProcessApi)(operation, input, signal);
  const services = new AwsServices(awsSettings(options));
  const functions = createTaskRouter({
    connectors: [new NestedExecutions(callApi), new StepFunctionsSdkCalls(callApi), services],
    ...(options.functions === undefined ? {} : { functions: options.functions }),
    ...(options.baseDirectory === undefined ? {} : { baseDirectory: options.baseDirectory }),
    ...(options.functionLog === undefined ? {} : { log: options.functionLog }),
    ...(options.identity === undefined
      ? {}
      : { region: options.identity.region, accountId: options.identity.accountId }),
  });
  const catalogStore = openCatalogStore(runtime.database);
  let observers: Observers | undefined;
  let engine: ExecutionEngine | undefined;
  const running = (): ExecutionEngine => engine as ExecutionEngine;
  const catalog = createCatalog({
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
      unsupported(machine, (resource, stateName) =>
        functions.connectorFor({ resource, stateName }) === undefined
          ? (services.problemOf(resource) ?? { kind: "nobody" })
          : undefined,
      ),
  });
  engine = createExecutions(
    {
      store: runtime.executionStore,
      machines: catalog,
      activities: catalog,
      router: functions,
      clock: runtime.clock,
      ids,
      mapRuns: createMapRuns({ store: runtime.mapRunStore }),
    },
    {
      limits: options.limits ?? STRICT_LIMITS,
      onCommitted: (change) => {
        (observers as Observers).committed(change);
        options.onCommitted?.(change);
      },
      ...(options.traces === true ? { traceparentOf } : {}),
      ...(options.onProblem === undefined ? {} : { onProblem: options.onProblem }),
      ...(virtual === undefined ? {} : { onIdle: () => void virtual.advance() }),
    },
  );
  observers = createObservers(catalog, observerOptions(options, ids));
  const observed = observers;
  const pageTokenKey = await catalogStore.secret("page-tokens", ids.seed());
  const { clock } = runtime;
  api = createInProcessApi({
    catalog: observed.catalog,
    executions: engine,
    clock,
    pageTokenKey,
    activityPollMs: ACTIVITY_POLL_MS,
  });
  await engine.resume();
  return {
    catalog: observed.catalog,
    executions: engine,
    functions,
    clock: runtime.clock,
    ids,
    pageTokenKey,
    testing: {
      limits: options.limits ?? STRICT_LIMITS,
      ...(options.identity === undefined ? {} : { identity: options.identity }),
      virtualTime: virtual !== undefined,
      performTask: performWith(functions),
      mockResultProblem,
    },
    close: async (drainMs = DRAIN_MS) => {
      await running().drain(drainMs);
      await functions.close();
      await observed.close(OBSERVERS_DRAIN_MS);
      runtime.close();
    },
  };
}

function observerOptions(options: StepwellOptions, ids: Ids): Parameters<typeof createObservers>[1] {
  const { dataDir, logs, events, metrics, traces, onProblem, limits = STRICT_LIMITS } = options;
  return {
    dataDir,
    baseDirectory: options.baseDirectory ?? process.cwd(),
    identity: options.identity ?? DEFAULT_IDENTITY,
    ids,
    historyEventsMax: limits.historyEventsMax,
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

/** What a configuration says about a Stepwell. `extended` limits are the operator's: payloads of 8 MiB, a million events. */
export function fromConfig(
  config: Config,
): Pick<StepwellOptions, "functions" | "baseDirectory" | "identity" | "limits"> {
  return {
    functions: config.functions,
    baseDirectory: config.baseDirectory,
    identity: { partition: "aws", region: config.region, accountId: config.account },
    limits: config.limits.profile === "extended" ? EXTENDED_LIMITS : STRICT_LIMITS,
  };
}
