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
  type ExecutionEngine,
  type Ids,
  VirtualClock,
} from "@stepwell/engine";
import { openCatalogStore, openEmbeddedRuntime } from "@stepwell/runtime-embedded";
import { createInProcessApi, type InProcessApi, performWith, type ServerOptions } from "@stepwell/server";
import type { Config } from "./config/load-config.ts";
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
    },
    {
      limits: options.limits ?? STRICT_LIMITS,
      ...(options.onCommitted === undefined ? {} : { onCommitted: options.onCommitted }),
      ...(options.onProblem === undefined ? {} : { onProblem: options.onProblem }),
      ...(virtual === undefined ? {} : { onIdle: () => void virtual.advance() }),
    },
  );
  const pageTokenKey = await catalogStore.secret("page-tokens", ids.seed());
  const { clock } = runtime;
  api = createInProcessApi({ catalog, executions: engine, clock, pageTokenKey, activityPollMs: ACTIVITY_POLL_MS });
  await engine.resume();
  return {
    catalog,
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
      runtime.close();
    },
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
