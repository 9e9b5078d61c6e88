import { resolve } from "node:path";
import type { StartTask } from "@stepwell/core";
import type { Connector, TaskRouter } from "@stepwell/engine";
import { customJobConnectors } from "./custom-jobs/custom-job-task.ts";
import type { JobType } from "./custom-jobs/job-type.ts";
import type { Environment } from "./functions/environment.ts";
import { ExpressionEvaluator } from "./functions/expression-evaluator.ts";
import type { FunctionConfig } from "./functions/function-config.ts";
import type { FunctionLog } from "./functions/function-log.ts";
import { FunctionPool } from "./functions/function-pool.ts";
import { HttpFunction } from "./functions/http-function.ts";
import type { CallableFunction } from "./functions/invocation.ts";
import { resolveProgram } from "./functions/program.ts";
import { RetirableFunction } from "./functions/retirable-function.ts";
import type { HttpTaskSettings } from "./http-task/http-task.ts";
import { AwsLambda } from "./lambda/aws-lambda.ts";
import { parseFunctionReference } from "./lambda/function-reference.ts";
import { FunctionRegistry } from "./lambda/function-registry.ts";
import { isLambdaResource, LambdaTask } from "./lambda/lambda-task.ts";
import { SdkInvoke } from "./lambda/sdk-invoke.ts";
import { IntegrationsAt } from "./routing/at-endpoint.ts";
import { RoutedTasks, type TaskRoute } from "./routing/routed-task.ts";
import { AwsClients } from "./services/aws-clients.ts";
import type { AwsServices } from "./services/aws-services.ts";

export interface TaskRouterOptions {
  /** By function name or ARN, with an optional `:qualifier`; what a key does not say it leaves open. */
  readonly functions?: Readonly<Record<string, FunctionConfig>>;
  /** Where relative paths of handlers and commands begin: the directory of `stepwell.yaml`. Default: the working directory. */
  readonly baseDirectory?: string;
  /** Default us-east-1. */
  readonly region?: string;
  /** Default 123456789012. */
  readonly accountId?: string;
  /** Where PATH is read, and AWS endpoints and credentials where `services` is absent. Default: `process.env`. */
  readonly env?: Environment;
  /** Whose clients call functions that are not mapped. Default: clients by `env`. */
  readonly services?: Pick<AwsServices, "clients">;
  /** Gets every line that a function prints. Default: nobody. */
  readonly log?: FunctionLog;
  /** A function's process without work for this long is ended. Default 5 minutes. */
  readonly idleMs?: number;
  /**
   * Says in the cause of "Function not found" how to map functions; AWS's text alone otherwise. Default: only while no
   * function is mapped, for who has mapped one knows how. The log always says it.
   */
  readonly explainUnmapped?: boolean;
  /** Who is asked before the Lambda connector, in this order: mocks, other services. Closed with the router. */
  readonly connectors?: readonly (Connector | ConnectorFamily)[];
  /** Asked first of all: the mocks of test cases. */
  readonly mocked?: Connector;
  /** Asked before all connectors, in the order of keys: what the user sends elsewhere. */
  readonly tasks?: Readonly<Record<string, TaskRoute>>;
  /** How HTTP tasks are made where `tasks` sends them to an endpoint. */
  readonly http?: HttpTaskSettings;
  /** Types of jobs for `arn:aws:states:::custom:<name>.sync`. */
  readonly jobs?: Readonly<Record<string, JobType>>;
}

/** Connectors that are found, or made, by what a task needs. The engine bounds the calls of each connector by itself. */
export interface ConnectorFamily {
  connectorFor(request: Pick<StartTask, "resource" | "stateName">): Connector | undefined;
  close?(): Promise<void>;
}

/** A router whose functions may change while it runs. */
export interface FunctionRouter extends TaskRouter {
  /** Adds a function or replaces it; the old one ends what it has begun. Throws when the key or URL is wrong. */
  setFunction(key: string, config: FunctionConfig): Promise<void>;
  /** It ends what it has begun. */
  removeFunction(key: string): Promise<void>;
}

const DEFAULT_IDLE_MS = 300_000;

/**
 * Who performs the tasks: the connectors given, then Lambda functions as local processes, behind URLs, or on AWS.
 * Processes start when they are first needed. `close` ends them all; results that are awaited then reject.
 */
export function createTaskRouter(options: TaskRouterOptions = {}): FunctionRouter {
  const context = functionContext(options);
  const registry = new FunctionRegistry();
  for (const [key, config] of Object.entries(options.functions ?? {}))
    registry.set(key, newFunction(key, config, context));
  const { log, defaults, baseDirectory, env } = context;
  const own =
    options.services === undefined ? new AwsClients({ env, region: defaults.region, baseDirectory }) : undefined;
  const aws = new AwsLambda(options.services?.clients ?? (own as AwsClients), defaults);
  const explainUnmapped = () => options.explainUnmapped ?? registry.targets().length === 0;
  const evaluator = new ExpressionEvaluator();
  const lambda = new LambdaTask({ registry, evaluator, aws, defaults, log, explainUnmapped });
  const routed = new RoutedTasks({
    tasks: options.tasks ?? {},
    newFunction: (key, config) => newFunction(key, config, context),
    servicesAt: (endpoint) =>
      new IntegrationsAt(endpoint, {
        aws: { region: defaults.region, baseDirectory },
        http: options.http ?? {},
        defaults,
        log,
      }),
  });
  const jobs = customJobConnectors({ jobs: options.jobs ?? {}, baseDirectory, env });
  const { mocked } = options;
  const others = options.connectors ?? [];
  const sdkInvoke = new SdkInvoke({
    lambda,
    servesAny: () => registry.targets().length > 0,
    elsewhere: (request) => firstOf(others, request),
  });
  const before: readonly (Connector | ConnectorFamily)[] = mocked === undefined ? [routed] : [mocked, routed];
  const connectors = [...before, ...jobs, sdkInvoke, ...others, lambda];
  // Closed with the router when they have not ended by then.
  const retired = new Set<RetirableFunction>();
  const retire = (replaced: CallableFunction | undefined): void => {
    if (!(replaced instanceof RetirableFunction)) return;
    retired.add(replaced);
    void replaced.retire().finally(() => retired.delete(replaced));
  };
  return {
    connectorFor: (request) => firstOf(connectors, request),
    setFunction: async (key, config) => retire(registry.set(key, newFunction(key, config, context))),
    removeFunction: async (key) => retire(registry.delete(key)),
    close: async () => {
      const closing = [
        ...connectors.map((connector: Connector | ConnectorFamily) => connector.close?.()),
        ...[...registry.targets(), ...retired].map((f) => f.close()),
        evaluator.close(),
      ];
      await Promise.all([...closing, own?.close()]);
    },
  };
}

function firstOf(
  connectors: readonly (Connector | ConnectorFamily)[],
  request: Pick<StartTask, "resource" | "stateName">,
): Connector | undefined {
  for (const candidate of connectors) {
    if (!("connectorFor" in candidate)) {
      if (candidate.handles(request)) return candidate;
      continue;
    }
    const found = candidate.connectorFor(request);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** True for the task resources that this package can perform. Activities are the engine's own. */
export function supportsResource(resource: StartTask["resource"]): boolean {
  return isLambdaResource(resource);
}

/** What would keep a function from being started on this machine: one line each, empty when all is well. */
export function functionProblems(options: Pick<TaskRouterOptions, "functions" | "baseDirectory" | "env">): string[] {
  const { baseDirectory, env } = functionContext(options);
  return Object.entries(options.functions ?? {}).flatMap(([key, config]) => {
    if ("url" in config) return [];
    const { problem } = resolveProgram(config, { baseDirectory, env });
    return problem === undefined ? [] : [`functions.${key}: ${problem.message}`];
  });
}

interface FunctionContext {
  readonly baseDirectory: string;
  readonly defaults: { readonly region: string; readonly accountId: string };
  readonly env: Environment;
  readonly log: FunctionLog;
  readonly idleMs: number;
}

function functionContext(options: TaskRouterOptions): FunctionContext {
  return {
    baseDirectory: resolve(options.baseDirectory ?? "."),
    defaults: { region: options.region ?? "us-east-1", accountId: options.accountId ?? "123456789012" },
    env: options.env ?? process.env,
    log: options.log ?? (() => undefined),
    idleMs: options.idleMs ?? DEFAULT_IDLE_MS,
  };
}

function newFunction(key: string, config: FunctionConfig, context: FunctionContext): CallableFunction {
  return new RetirableFunction(runningFunction(key, config, context));
}

function runningFunction(key: string, config: FunctionConfig, context: FunctionContext): CallableFunction {
  if ("url" in config) return new HttpFunction(config);
  const { baseDirectory, env, log, idleMs, defaults } = context;
  const functionName = parseFunctionReference(key)?.name ?? key;
  return new FunctionPool({ functionName, config, baseDirectory, region: defaults.region, env, log, idleMs });
}
