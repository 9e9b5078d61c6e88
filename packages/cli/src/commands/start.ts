import type { AddressInfo } from "node:net";
import {
  type Authenticator,
  assertMayListen,
  type CloudFlowOptions,
  createAuthenticator,
  createCloudFlowServer,
  createFlowAuthenticator,
  createLogger,
  createServer,
  type FlowAuthenticator,
  isLoopback,
  Metrics,
  RateLimits,
  wantsTraces,
} from "@stepwell/server";
import { composeStepwell, fromConfig, type Stepwell, type StepwellOptions } from "../compose.ts";
import { type Config, loadConfig } from "../config/load-config.ts";
import { consoleDirectory } from "../console-directory.ts";
import { productVersion } from "../product-version.ts";
import { UsageError } from "../usage-error.ts";
import { boundYoungGeneration } from "../young-generation.ts";

export interface StartOptions {
  readonly data?: string;
  readonly database?: string;
  readonly port?: string;
  readonly cloudflowPort?: string;
  readonly host?: string;
  readonly functions?: string;
  readonly durability?: "full" | "normal";
  readonly auth?: string;
  readonly fastForward: boolean;
}

/** What is under way may take so long to end after a signal; the rest goes on at the next start. */
const DRAIN_MS = 5_000;
const IDLE_SWEEP_MS = 100;
const LOOPBACK = "127.0.0.1";
const LOOPBACK_HOSTS = ["localhost", "127.0.0.0/8", "::1"];

/** `stepwell start`: serves until a signal says to end; then drains, and answers 0. */
export async function startService(options: StartOptions): Promise<number> {
  boundYoungGeneration();
  const { data, database, port, auth } = options;
  const flags = {
    ...(data !== undefined && { data }),
    ...(database !== undefined && { database }),
    ...(port !== undefined && { port }),
    ...(auth !== undefined && { auth }),
    ...(options.cloudflowPort !== undefined && { cloudflowPort: options.cloudflowPort }),
  };
  const config = await loadConfig(options.functions, process.env, flags);
  const host = options.host ?? LOOPBACK;
  const logger = createLogger({ level: process.env["STEPWELL_LOG_LEVEL"] ?? "info" });
  mayListen(host, config.auth !== undefined);
  if (config.database !== undefined && options.fastForward) {
    throw new UsageError("--fast-forward: not with --database, whose nodes share the real time");
  }
  const authenticators = await authenticatorsOf(config, logger);
  const authenticator = authenticators?.aws;
  const metrics = new Metrics();
  const stepwell = await open(options, config, { logger, metrics });
  const cloudFlow = { ...config.cloudflow, ...(authenticators && { authenticator: authenticators.cloudFlow }) };
  const service = await serve(stepwell, {
    host,
    port: config.port,
    logger,
    metrics,
    ...(authenticator && { authenticator }),
    cloudFlow,
  });
  process.stdout.write(`Stepwell listens on ${service.url}\n`);
  const { port: flowPort } = config.cloudflow;
  const flowService =
    flowPort === undefined
      ? undefined
      : await serveCloudFlow(stepwell, { ...cloudFlow, host, port: flowPort, logger, metrics });
  if (flowService !== undefined) process.stdout.write(`CloudFlow listens on ${flowService.url}\n`);
  if (authenticator === undefined) {
    process.stderr.write("Requests need no signature: only this machine is listened to. --auth lets others in.\n");
  }
  await endSignal();
  // No new requests; long polls end, what is under way is finished; then the answers leave and the store closes.
  const closed = Promise.all([service.close(), flowService?.close()]);
  await stepwell.executions.drain(DRAIN_MS);
  await closed;
  await stepwell.close(0);
  return 0;
}

function mayListen(host: string, authenticated: boolean): void {
  try {
    assertMayListen(host, { authenticated });
  } catch (error) {
    throw new UsageError(`--${(error as Error).message}`);
  }
}

type Logger = ReturnType<typeof createLogger>;

/** Signatures are checked against the real time: that is what clients sign with. */
async function authenticatorsOf(
  config: Config,
  logger: Logger,
): Promise<{ readonly aws: Authenticator; readonly cloudFlow: FlowAuthenticator } | undefined> {
  const { auth: path, account, region } = config;
  if (path === undefined) return undefined;
  const { openKeyRing } = await import("../auth/key-ring.ts");
  const ring = await openKeyRing({
    path,
    account,
    onProblem: (problem, about) => logger.error({ err: problem }, about),
  });
  const options = {
    findKey: (accessKeyId: string) => ring.find(accessKeyId),
    identity: { partition: "aws", region, accountId: account },
    clock: { now: Date.now },
  };
  return { aws: createAuthenticator(options), cloudFlow: createFlowAuthenticator(options) };
}

export interface CloudFlowSettings {
  /** Keys that may sign requests; absent: every request is let in. */
  readonly authenticator?: FlowAuthenticator;
  /** `documented`: requests beyond CloudFlow's own rates are throttled. */
  readonly rates?: "documented" | "none";
}

function cloudFlowOptions(
  { flows, executions, catalog, clock, ids, long }: Stepwell,
  { authenticator, rates }: CloudFlowSettings,
): CloudFlowOptions {
  return {
    ...flows,
    executions,
    catalog,
    clock,
    ids,
    ...(long && { long }),
    ...(authenticator && { authenticator }),
    ...(rates === "documented" ? { rates: new RateLimits({ now: Date.now }) } : {}),
  };
}

/** Opens CloudFlow's API of a Stepwell on a port of its own. */
export async function serveCloudFlow(
  stepwell: Stepwell,
  {
    host,
    port,
    logger,
    metrics,
    ...settings
  }: Pick<ServeOptions, "host" | "port" | "logger" | "metrics"> & CloudFlowSettings,
): Promise<Service> {
  const app = createCloudFlowServer(cloudFlowOptions(stepwell, settings), {
    ...(logger && { logger }),
    ...(metrics && { metrics }),
  });
  return listen(app, { host, port, flag: "--cloudflow-port" }, stepwell);
}

function open(
  options: StartOptions,
  config: Config,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): Promise<Stepwell> {
  const settings = fromConfig(config);
  // Who may call a service that only this machine reaches can reach this machine anyway.
  const allow = [...(settings.flows?.allow ?? []), ...(isLoopback(options.host ?? LOOPBACK) ? LOOPBACK_HOSTS : [])];
  return composeStepwell({
    ...settings,
    flows: { ...settings.flows, allow },
    decisions: config.decisions,
    logs: config.logs,
    ...(config.events === undefined ? {} : { events: config.events }),
    metrics,
    traces: wantsTraces(process.env),
    ...storageOf(config, logger),
    ...(options.durability === undefined ? {} : { durability: options.durability }),
    time: options.fastForward ? "virtual" : "real",
    functionLog: ({ message, ...about }) => logger.info(about, message),
    onProblem: (problem, about) => logger.error({ err: problem }, about),
  });
}

/** With a database, a directory is only for what stays with one node: logs, events, deployed files. */
function storageOf(
  { data, isDataGiven, database, peers, logs, events }: Config,
  logger: Logger,
): Pick<StepwellOptions, "dataDir" | "database"> {
  if (database === undefined) return { dataDir: data };
  for (const [name, settings] of Object.entries({ logs, events })) {
    if (isDataGiven || settings?.sink !== "file" || settings.path !== undefined) continue;
    throw new UsageError(`${name}: the sink file needs a path, or --data, beside --database`);
  }
  return {
    dataDir: isDataGiven ? data : ":memory:",
    database: {
      url: database,
      onEvent: (event) => logger.info(event, "cluster"),
      ...(peers.host === undefined ? {} : { peerHost: peers.host }),
      ...(peers.port === undefined ? {} : { peerPort: peers.port }),
      ...(peers.address === undefined ? {} : { peerAddress: peers.address }),
      ...(peers.tls === undefined ? {} : { peerTls: peers.tls }),
    },
  };
}

export interface Service {
  readonly url: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly logger?: Logger;
  /** Served at /metrics. */
  readonly metrics?: Metrics;
  /** Absent: every request is let in. */
  readonly authenticator?: Authenticator;
  /** Absent: CloudFlow's requests are not answered. */
  readonly cloudFlow?: CloudFlowSettings;
}

/** Opens the HTTP front of a Stepwell. */
export async function serve(
  stepwell: Stepwell,
  { host, port, logger, metrics, authenticator, cloudFlow }: ServeOptions,
): Promise<Service> {
  const { catalog, executions, clock, ids, pageTokenKey, testing, triggers } = stepwell;
  const console = consoleDirectory();
  const app = createServer({
    catalog,
    executions,
    clock,
    ids,
    testing,
    triggers,
    config: { pageTokenKey },
    ...(logger && { logger }),
    ...(metrics && { metrics }),
    ...(authenticator && { authenticator }),
    ...(cloudFlow && { cloudFlow: cloudFlowOptions(stepwell, cloudFlow) }),
    ...(console && { consoleDirectory: console }),
    version: await productVersion(),
  });
  return listen(app, { host, port, flag: "--port" }, stepwell);
}

async function listen(
  app: ReturnType<typeof createServer>,
  { host, port, flag }: { readonly host: string; readonly port: number; readonly flag: string },
  stepwell: Stepwell,
): Promise<Service> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await stepwell.close(0);
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === "EADDRINUSE" ? `${flag}: ${port} is in use on ${host}` : `--host ${host}: ${message}`,
    );
  }
  const { port: actual } = app.server.address() as AddressInfo;
  const shownHost = host.includes(":") ? `[${host.replace(/^\[|\]$/g, "")}]` : host;
  return { url: `http://${shownHost}:${actual}`, close: () => closeApp(app) };
}

/** Connections whose last answer leaves after the end has begun are closed then: clients keep them open for long. */
async function closeApp(app: ReturnType<typeof createServer>): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
  }
}

async function endSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
