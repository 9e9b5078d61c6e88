import { createServer as createHttpServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { STRICT_LIMITS } from "@stepwell/core";
import { type Catalog, type Clock, DEFAULT_IDENTITY, type Executions, type Ids, type Triggers } from "@stepwell/engine";
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyServerFactoryHandler,
  LogController,
} from "fastify";
import { Access } from "./api-v1/access.ts";
import { addApiV1 } from "./api-v1/api-v1.ts";
import type { Authenticator } from "./aws/authentication.ts";
import { AwsFront, type AwsFrontOptions } from "./aws/aws-front.ts";
import { answerOf } from "./aws/errors.ts";
import { PageTokens } from "./aws/page-tokens.ts";
import type { StateTesting } from "./aws/state-testing.ts";
import {
  addCloudFlowFront,
  type CloudFlowOptions,
  FLOW_BODY_BYTES_MAX,
  flowErrorBody,
} from "./cloudflow/cloudflow-front.ts";
import { addConsole } from "./console-files.ts";
import { Metrics } from "./metrics.ts";
import { DEFAULT_SERVER_CONFIG, type ServerConfig } from "./server-config.ts";
import { addThreadMetrics } from "./thread-metrics.ts";

export interface ServerOptions {
  readonly catalog: Catalog;
  readonly executions: Executions;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly config?: Partial<ServerConfig>;
  /** For TestState. Defaults: the default identity, strict limits, no real tasks, and mocks that are held against nothing. */
  readonly testing?: Partial<Omit<StateTesting, "clock" | "ids">>;
  /** Checks signatures and permissions. Absent: every request is let in; listen on loopback only (`assertMayListen`). */
  readonly authenticator?: Authenticator;
  /** A pino logger. Absent: nothing is logged. */
  readonly logger?: FastifyBaseLogger;
  /** To which the server adds its own, served at /metrics. */
  readonly metrics?: Metrics;
  /** The built console, served at /console/; absent: a page there says that it is not built. */
  readonly consoleDirectory?: string;
  /** Of Stepwell, shown in the console. */
  readonly version?: string;
  /** Answers requests that look like CloudFlow's. */
  readonly cloudFlow?: CloudFlowOptions;
  /** Rules and schedules, answered at `/api/v1/triggers`. */
  readonly triggers?: Triggers;
}

/** Latencies in seconds. */
const LATENCY_BOUNDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** How often connections that are past their time are looked for. */
const CONNECTIONS_CHECK_MS = 5_000;

/** The HTTP service: AWS's API at `POST /`, `/api/v1`, `/console/`, `GET /healthz` and `GET /metrics`. It does not listen yet. */
export function createServer(options: ServerOptions): FastifyInstance {
  const config = { ...DEFAULT_SERVER_CONFIG, ...options.config };
  const metrics = options.metrics ?? new Metrics();
  const { catalog, executions, clock, ids } = options;
  const pages = new PageTokens(config.pageTokenKey ?? ids.seed(), clock);
  const access = new Access({
    ...(options.authenticator === undefined ? {} : { authenticator: options.authenticator }),
    signingKey: config.pageTokenKey ?? ids.seed(),
    // Sessions and signatures are of the real world, whatever the clock of executions says.
    now: Date.now,
  });
  const onAnswer = callMetrics(metrics);
  const testing = { identity: DEFAULT_IDENTITY, limits: STRICT_LIMITS, clock, ids, ...options.testing };
  const aws = new AwsFront({
    services: { catalog, executions, pages, activityPollMs: config.activityPollMs, testing },
    bodyBytesMax: config.bodyBytesMax,
    ...(options.logger === undefined ? {} : { logger: options.logger }),
    callerOf: (request, body) => access.callerOfAws(request, body),
    requestId: () => ids.uuid(),
    onAnswer,
  });
  const app = newFastify(config, options.logger, aws);
  answerInAwsShape(app);
  if (options.cloudFlow !== undefined) addCloudFlowFront(app, options.cloudFlow, false, onAnswer);
  aws.addRoute(app);
  const version = options.version ?? "development";
  const { triggers } = options;
  addApiV1(app, {
    catalog,
    executions,
    clock,
    ids,
    identity: testing.identity,
    access,
    version,
    ...(triggers && { triggers }),
    ...(options.cloudFlow && { flows: options.cloudFlow.flows }),
  });
  addConsole(app, access, options.consoleDirectory);
  addStateMetrics(metrics, catalog, executions);
  if (options.testing?.long !== undefined) addThreadMetrics(metrics, options.testing.long.threads);
  app.get("/healthz", async () => {
    // Reads one row: a store that is away answers 503 through the error handler.
    await catalog.listActivities({ limit: 1 });
    return { status: "ok" };
  });
  app.get("/metrics", async (_request, reply) => {
    reply.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return metrics.text();
  });
  return app;
}

/** CloudFlow's API alone, for a port of its own. It does not listen yet. */
export function createCloudFlowServer(
  cloudFlow: CloudFlowOptions,
  options: Pick<ServerOptions, "config" | "logger" | "metrics"> = {},
): FastifyInstance {
  const config = { ...DEFAULT_SERVER_CONFIG, ...options.config, bodyBytesMax: FLOW_BODY_BYTES_MAX };
  const app = newFastify(config, options.logger);
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const answer = flowErrorBody(error, request.headers.host, cloudFlow.ids.uuid().toUpperCase());
    return reply.code(answer.status).send(answer.body);
  });
  addCloudFlowFront(app, cloudFlow, true, options.metrics && callMetrics(options.metrics));
  return app;
}

/** `aws` takes its requests before the framework sees them. */
function newFastify(config: ServerConfig, logger: FastifyBaseLogger | undefined, aws?: AwsFront): FastifyInstance {
  const app = fastify({
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    // Each front writes its own line: it knows what was asked.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.bodyBytesMax,
    serverFactory: (handler) => newHttpServer(config, handler, aws),
    // A stop closes idle connections and lets requests in flight end.
    forceCloseConnections: "idle",
    exposeHeadRoutes: false,
    // ARNs are path parameters of /api/v1.
    routerOptions: { maxParamLength: 2_048 },
  });
  closeSilentConnections(app);
  // Whatever a body claims to be, the front that reads it decides what it is.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  return app;
}

function newHttpServer(config: ServerConfig, handler: FastifyServerFactoryHandler, aws: AwsFront | undefined): Server {
  const options = {
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    headersTimeout: config.headersTimeoutMs,
    maxHeaderSize: config.headerBytesMax,
    connectionsCheckingInterval: Math.min(config.headersTimeoutMs, CONNECTIONS_CHECK_MS),
  };
  const server = createHttpServer(options, (request, response) => {
    if (aws?.isFor(request) === true) aws.handle(request, response);
    else handler(request, response);
  });
  server.maxConnections = config.connectionsMax;
  return server;
}

/** What no front answers is answered in AWS's shape. */
function answerInAwsShape(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const answer = answerOf(error);
    const refused = error.statusCode !== undefined && error.statusCode < 500;
    if (!refused) request.log.error({ err: error }, "failed");
    const name = error.statusCode === 413 ? "RequestEntityTooLargeException" : "SerializationException";
    const body = refused ? { __type: `com.amazon.coral.service#${name}`, message: error.message } : answer.body;
    return reply.code(refused ? (error.statusCode ?? 400) : answer.status).send(body);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ __type: "com.amazon.coral.service#UnknownOperationException", message: "" }),
  );
}

/** Browsers open connections before they need them. Nothing is under way on those, but Node does not count them as idle. */
function closeSilentConnections(app: FastifyInstance): void {
  const open = new Set<Socket>();
  app.server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  app.addHook("preClose", async () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  });
}

type OnAnswer = AwsFrontOptions["onAnswer"];

/** Several servers of one process count together. */
const CALL_METRICS = new WeakMap<Metrics, OnAnswer>();

function callMetrics(metrics: Metrics): OnAnswer {
  const known = CALL_METRICS.get(metrics);
  if (known !== undefined) return known;
  const counted = newCallMetrics(metrics);
  CALL_METRICS.set(metrics, counted);
  return counted;
}

function newCallMetrics(metrics: Metrics): OnAnswer {
  const calls = metrics.counter("stepwell_call_count_total", "API calls by operation and error (empty: none).", [
    "operation",
    "error",
  ]);
  const latency = metrics.histogram(
    "stepwell_call_latency_seconds",
    "From the request's last byte to its answer.",
    ["operation"],
    LATENCY_BOUNDS,
  );
  // There are some forty operations.
  const latencies = new Map<string, (seconds: number) => void>();
  const successes = new Map<string, () => void>();
  return ({ operation, error, seconds }) => {
    if (error === "") keptFor(successes, operation, () => calls.of([operation, ""]))();
    else calls([operation, error]);
    keptFor(latencies, operation, () => latency.of([operation]))(seconds);
  };
}

function keptFor<Count>(kept: Map<string, Count>, operation: string, make: () => Count): Count {
  let one = kept.get(operation);
  if (one === undefined) {
    one = make();
    kept.set(operation, one);
  }
  return one;
}

/** CloudWatch's ApproximateOpenMapRunCount, OpenMapRunLimit and ApproximateMapRunBacklogSize (features.md E.7). */
function addMapRunMetrics(metrics: Metrics, executions: Executions): void {
  const shown = [
    ["approximate_open_map_run_count", "Map Runs that are being performed.", "runs"],
    ["open_map_run_limit", "Map Runs that are performed at once.", "runsMax"],
    ["approximate_map_run_backlog_size", "Map Runs that wait until others have ended.", "backlog"],
  ] as const;
  for (const [name, help, member] of shown) {
    metrics.gauge(`stepwell_${name}`, help, [], () => {
      const { mapRuns } = executions;
      return mapRuns === undefined ? [] : [{ value: mapRuns.open[member] }];
    });
  }
}

function addStateMetrics(metrics: Metrics, catalog: Catalog, executions: Executions): void {
  metrics.gauge("stepwell_open_execution_count", "Executions that have not ended.", [], async () => [
    { value: await executions.countRunning() },
  ]);
  addMapRunMetrics(metrics, executions);
  metrics.gauge("stepwell_state_machine_count", "State machines.", [], async () => [
    { value: (await catalog.count()).stateMachines },
  ]);
  metrics.gauge("stepwell_version_count", "Published versions of state machines.", [], async () => [
    { value: (await catalog.count()).versions },
  ]);
  metrics.gauge("stepwell_alias_count", "Aliases of state machines.", [], async () => [
    { value: (await catalog.count()).aliases },
  ]);
  metrics.gauge("stepwell_activity_count", "Activities.", [], async () => [
    { value: (await catalog.count()).activities },
  ]);
  metrics.gauge("process_resident_memory_bytes", "Memory of this process.", [], () => [
    { value: process.memoryUsage.rss() },
  ]);
}
