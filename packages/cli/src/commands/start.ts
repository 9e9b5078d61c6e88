import type { AddressInfo } from "node:net";
import {
  type Authenticator,
  assertMayListen,
  createAuthenticator,
  createServer,
  Metrics,
  wantsTraces,
} from "@stepwell/server";
import { pino } from "pino";
import { openKeyRing } from "../auth/key-ring.ts";
import { composeStepwell, fromConfig, type Stepwell, type StepwellOptions } from "../compose.ts";
import { type Config, loadConfig } from "../config/load-config.ts";
import { consoleDirectory } from "../console-directory.ts";
import { productVersion } from "../product-version.ts";
import { UsageError } from "../usage-error.ts";

export interface StartOptions {
  readonly data?: string;
  readonly database?: string;
  readonly port?: string;
  readonly host?: string;
  readonly functions?: string;
  readonly durability?: "full" | "normal";
  readonly auth?: string;
  readonly fastForward: boolean;
}

/** What is under way may take so long to end after a signal; the rest goes on at the next start. */
const DRAIN_MS = 5_000;

/** `stepwell start`: serves until a signal says to end; then drains, and answers 0. */
export async function startService(options: StartOptions): Promise<number> {
  const { data, database, port, auth } = options;
  const flags = {
    ...(data !== undefined && { data }),
    ...(database !== undefined && { database }),
    ...(port !== undefined && { port }),
    ...(auth !== undefined && { auth }),
  };
  const config = await loadConfig(options.functions, process.env, flags);
  const host = options.host ?? "127.0.0.1";
  const logger = pino({ name: "stepwell", level: process.env["STEPWELL_LOG_LEVEL"] ?? "info" }, pino.destination(2));
  mayListen(host, config.auth !== undefined);
  if (config.database !== undefined && options.fastForward) {
    throw new UsageError("--fast-forward: not with --database, whose nodes share the real time");
  }
  const authenticator = await authenticatorOf(config, logger);
  const metrics = new Metrics();
  const stepwell = await open(options, config, { logger, metrics });
  const service = await serve(stepwell, {
    host,
    port: config.port,
    logger,
    metrics,
    ...(authenticator && { authenticator }),
  });
  process.stdout.write(`Stepwell listens on ${service.url}\n`);
  if (authenticator === undefined) {
    process.stderr.write("Requests need no signature: only this machine is listened to. --auth lets others in.\n");
  }
  await endSignal();
  // No new requests; long polls end, what is under way is finished; then the answers leave and the store closes.
  const closed = service.close();
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

type Logger = pino.Logger;

/** Signatures are checked against the real time: that is what clients sign with. */
async function authenticatorOf(config: Config, logger: Logger): Promise<Authenticator | undefined> {
  const { auth: path, account, region } = config;
  if (path === undefined) return undefined;
  const ring = await openKeyRing({
    path,
    account,
    onProblem: (problem, about) => logger.error({ err: problem }, about),
  });
  return createAuthenticator({
    findKey: (accessKeyId) => ring.find(accessKeyId),
    identity: { partition: "aws", region, accountId: account },
    clock: { now: Date.now },
  });
}

function open(
  options: StartOptions,
  config: Config,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): Promise<Stepwell> {
  return composeStepwell({
    ...fromConfig(config),
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
  { data, isDataGiven, database, peers }: Config,
  logger: Logger,
): Pick<StepwellOptions, "dataDir" | "database"> {
  if (database === undefined) return { dataDir: data };
  return {
    dataDir: isDataGiven ? data : ":memory:",
    database: {
      url: database,
      onEvent: (event) => logger.info(event, "cluster"),
      ...(peers.host === undefined ? {} : { peerHost: peers.host }),
      ...(peers.port === undefined ? {} : { peerPort: peers.port }),
      ...(peers.address === undefined ? {} : { peerAddress: peers.address }),
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
}

/** Opens the HTTP front of a Stepwell. */
export async function serve(
  stepwell: Stepwell,
  { host, port, logger, metrics, authenticator }: ServeOptions,
): Promise<Service> {
  const { catalog, executions, clock, ids, pageTokenKey, testing } = stepwell;
  const console = consoleDirectory();
  const app = createServer({
    catalog,
    executions,
    clock,
    ids,
    testing,
    config: { pageTokenKey },
    ...(logger && { logger }),
    ...(metrics && { metrics }),
    ...(authenticator && { authenticator }),
    ...(console && { consoleDirectory: console }),
    version: await productVersion(),
  });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await stepwell.close(0);
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(code === "EADDRINUSE" ? `--port: ${port} is in use on ${host}` : `--host ${host}: ${message}`);
  }
  const { port: actual } = app.server.address() as AddressInfo;
  const shownHost = host.includes(":") ? `[${host.replace(/^\[|\]$/g, "")}]` : host;
  return { url: `http://${shownHost}:${actual}`, close: async () => void (await app.close()) };
}

async function endSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
