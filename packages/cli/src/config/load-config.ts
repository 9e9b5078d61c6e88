import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { ConnectionConfig, FunctionConfig, JobType, TaskRoute } from "@stepwell/connectors";
import type { PeerTlsFiles } from "@stepwell/runtime-postgres";
import type { EventSettings, LogSettings } from "../observers.ts";
import type { ConfigDocument } from "./config-document.ts";
import { parseConfigDocument, pointerOf } from "./config-document.ts";
import type { ConfigFinding } from "./config-error.ts";
import { ConfigError } from "./config-error.ts";
import { REGION_PATTERN } from "./config-schema.ts";
import { expandVariables } from "./expand-variables.ts";
import { configOfFunctions, isFunctionsModule } from "./functions-module.ts";
import { brokenRules, brokenRulesOf } from "./validate-config.ts";

/** What Stepwell runs with. */
export interface Config {
  /** The file that was read; absent when there was none. */
  readonly file?: string;
  /** Where relative paths begin: the file's directory, or the working directory. */
  readonly baseDirectory: string;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  /** 0: a free one. */
  readonly port: number;
  readonly cloudflow: CloudFlowSettings;
  /** Absolute path of the directory that holds all state. */
  readonly data: string;
  /** The directory was named, here or there. */
  readonly isDataGiven: boolean;
  /** A PostgreSQL that keeps executions and state machines in the directory's place. */
  readonly database?: string;
  /** Where nodes on one database reach each other. */
  readonly peers: PeerSettings;
  readonly limits: { readonly profile: "strict" | "extended" };
  readonly decisions: DecisionSettings;
  readonly logs: LogSettings;
  readonly events?: EventSettings;
  /** Absolute path of the file of keys; absent: requests need no signature. */
  readonly auth?: string;
  /** Buckets that are directories, by name: for `createObjectStore`, together with `baseDirectory`. */
  readonly buckets: Readonly<Record<string, string>>;
  /** For `createTaskRouter`, together with `baseDirectory`. */
  readonly functions: Readonly<Record<string, FunctionConfig>>;
  readonly services: ServiceSettings;
  /** Absolute path of a MockConfigFile.json. */
  readonly mockConfig?: string;
}

/** CloudFlow's API and what its flows may call. */
export interface CloudFlowSettings {
  /** A port of its own; 0: a free one. Absent: only the main one. */
  readonly port?: number;
  /** `documented`: CloudFlow's own rates. Default: none. */
  readonly rates?: "documented" | "none";
  /** URLs that messages go to, by `queues/<name>` or `topics/<name>`; `*` for any name. */
  readonly messages?: Readonly<Record<string, string>>;
}

/** Where decisions are made. */
export interface DecisionSettings {
  /** For those that take long; 0: none. Default: the processors but one. */
  readonly threads?: number;
  /** Evaluation a decision may take on the thread that answers requests; default 10. */
  readonly quickMs?: number;
}

export interface PeerSettings {
  readonly host?: string;
  readonly port?: number;
  readonly address?: string;
  /** Absolute paths of PEM files. */
  readonly tls?: PeerTlsFiles;
}

/** What tasks of other services than Lambda need. */
export interface ServiceSettings {
  readonly endpoints?: Readonly<Record<string, string>>;
  readonly profile?: string;
  readonly connections?: Readonly<Record<string, ConnectionConfig>>;
  readonly http?: { readonly allow?: readonly string[] };
  readonly tasks?: Readonly<Record<string, TaskRoute>>;
  readonly jobs?: Readonly<Record<string, JobType>>;
}

/** Settings as they are written on the command line: texts. */
export interface ConfigFlags {
  readonly region?: string;
  readonly account?: string;
  readonly port?: string;
  readonly cloudflowPort?: string;
  readonly data?: string;
  readonly database?: string;
  readonly limits?: string;
  readonly auth?: string;
}

export type ConfigEnvironment = Readonly<Record<string, string | undefined>>;

/** What a setting is called in each place, and where it stands in the file. */
export const SETTINGS: readonly { flag?: keyof ConfigFlags; variable: string; path: readonly [string, ...string[]] }[] =
  [
    { flag: "region", variable: "STEPWELL_REGION", path: ["region"] },
    { flag: "account", variable: "STEPWELL_ACCOUNT", path: ["account"] },
    { flag: "port", variable: "STEPWELL_PORT", path: ["port"] },
    { flag: "cloudflowPort", variable: "STEPWELL_CLOUDFLOW_PORT", path: ["cloudflow", "port"] },
    { flag: "data", variable: "STEPWELL_DATA", path: ["data"] },
    { flag: "database", variable: "STEPWELL_DATABASE", path: ["database"] },
    { variable: "STEPWELL_PEERS_HOST", path: ["peers", "host"] },
    { variable: "STEPWELL_PEERS_PORT", path: ["peers", "port"] },
    { variable: "STEPWELL_PEERS_ADDRESS", path: ["peers", "address"] },
    { variable: "STEPWELL_PEERS_TLS_CERT", path: ["peers", "tls", "cert"] },
    { variable: "STEPWELL_PEERS_TLS_KEY", path: ["peers", "tls", "key"] },
    { variable: "STEPWELL_PEERS_TLS_CA", path: ["peers", "tls", "ca"] },
    { variable: "STEPWELL_PEERS_TLS_NAME", path: ["peers", "tls", "name"] },
    { flag: "limits", variable: "STEPWELL_LIMITS_PROFILE", path: ["limits", "profile"] },
    { flag: "auth", variable: "STEPWELL_AUTH", path: ["auth"] },
    { variable: "STEPWELL_DECISIONS_THREADS", path: ["decisions", "threads"] },
    { variable: "STEPWELL_DECISIONS_QUICK_MS", path: ["decisions", "quickMs"] },
    { variable: "SFN_MOCK_CONFIG", path: ["mockConfig"] },
    { variable: "STEPWELL_MOCK_CONFIG", path: ["mockConfig"] },
    { variable: "STEPWELL_LOGS_SINK", path: ["logs", "sink"] },
    { variable: "STEPWELL_LOGS_PATH", path: ["logs", "path"] },
    { variable: "STEPWELL_LOGS_ENDPOINT", path: ["logs", "endpoint"] },
    { variable: "STEPWELL_EVENTS_SINK", path: ["events", "sink"] },
    { variable: "STEPWELL_EVENTS_URL", path: ["events", "url"] },
    { variable: "STEPWELL_EVENTS_PATH", path: ["events", "path"] },
    { variable: "STEPWELL_EVENTS_BUS", path: ["events", "bus"] },
    { variable: "STEPWELL_EVENTS_ENDPOINT", path: ["events", "endpoint"] },
    { variable: "STEPWELL_EVENTS_SOURCE", path: ["events", "source"] },
  ];

const FILE_NAMES = ["stepwell.yaml", "stepwell.yml"];
const FILE_BYTES_MAX = 1_048_576;

interface FileSettings extends ServiceSettings {
  readonly mockConfig?: string;
  readonly region?: string;
  readonly account?: string;
  readonly port?: number;
  readonly cloudflow?: CloudFlowSettings;
  readonly data?: string;
  readonly database?: string;
  readonly peers?: PeerSettings;
  readonly limits?: { readonly profile?: "strict" | "extended" };
  readonly decisions?: DecisionSettings;
  readonly logs?: LogSettings;
  readonly events?: EventSettings;
  readonly auth?: string;
  readonly buckets?: Readonly<Record<string, string>>;
  readonly functions?: Readonly<Record<string, FunctionConfig>>;
}

interface Override {
  readonly place: string;
  readonly path: readonly [string, ...string[]];
  readonly text: string;
}

/**
 * Reads the configuration: `stepwell.yaml`, over it `STEPWELL_*`, over those the flags. Without a path, STEPWELL_CONFIG
 * names the file, else `stepwell.yaml` of the working directory is read when there is one. Throws ConfigError with
 * everything that is wrong: file, line, key, rule and value.
 */
export async function loadConfig(
  path: string | undefined,
  env: ConfigEnvironment,
  flags: ConfigFlags = {},
): Promise<Config> {
  const file = findFile(path ?? env["STEPWELL_CONFIG"]);
  const document = file === undefined ? undefined : parseConfigDocument(file, await configText(file));
  const overrides = [
    ...SETTINGS.map(({ variable, path }) => ({ place: variable, path, text: env[variable] || undefined })),
    ...SETTINGS.map(({ flag, path }) => ({
      place: `--${flag === "cloudflowPort" ? "cloudflow-port" : flag}`,
      path,
      text: flag && flags[flag],
    })),
  ].flatMap(({ place, path, text }) => (text === undefined ? [] : [{ place, path, text }]));

  const findings = [...fileFindings(document), ...overrides.flatMap(overrideFindings)];
  const settings = (document?.value ?? {}) as FileSettings;
  const given = (...path: string[]) => overrides.findLast((override) => override.path.join() === path.join())?.text;
  // A path on the command line or in a variable begins where the command is typed, one in the file beside the file.
  const pathOf = (preset: string | undefined, ...path: string[]) => {
    const text = given(...path);
    if (text !== undefined) return resolve(text);
    return preset === undefined ? undefined : resolve(baseDirectory, preset);
  };
  const baseDirectory = file === undefined ? process.cwd() : dirname(file);
  const logs = deliverySettings<LogSettings>(settings.logs, "logs", overrides, pathOf);
  const events = deliverySettings<EventSettings>(settings.events, "events", overrides, pathOf);
  findings.push(...eventFindings(events, document));
  const functions = findings.length > 0 ? {} : expandFunctions(settings.functions ?? {}, env, document, findings);
  const services = findings.length > 0 ? {} : expandServices(settings, env, document, findings);
  const tls = peerTls(settings.peers?.tls, given, pathOf);
  if (!hasCertificate(tls)) {
    const place = document?.placeOf("/peers/tls") ?? "STEPWELL_PEERS_TLS_*";
    findings.push({ place, pointer: "/peers/tls", message: "needs cert and key beside each other" });
  }
  if (findings.length > 0 || !hasCertificate(tls)) throw new ConfigError(findings);

  const auth = pathOf(settings.auth, "auth");
  const mockConfig = pathOf(settings.mockConfig, "mockConfig");
  const database = given("database") ?? settings.database;
  return {
    ...(file === undefined ? {} : { file }),
    baseDirectory,
    region: given("region") ?? settings.region ?? regionOf(env) ?? "us-east-1",
    account: given("account") ?? settings.account ?? "123456789012",
    port: Number(given("port") ?? settings.port ?? 8083),
    cloudflow: { ...settings.cloudflow, ...portGiven(given("cloudflow", "port")) },
    data: pathOf(settings.data ?? ".stepwell", "data") as string,
    isDataGiven: (given("data") ?? settings.data) !== undefined,
    ...(database === undefined ? {} : { database }),
    peers: { ...peerSettings(settings.peers, given), ...(tls && { tls }) },
    limits: { profile: (given("limits", "profile") ?? settings.limits?.profile ?? "strict") as "strict" | "extended" },
    decisions: decisionSettings(settings.decisions, given),
    logs: logs ?? {},
    ...(events === undefined ? {} : { events }),
    ...(auth === undefined ? {} : { auth }),
    buckets: settings.buckets ?? {},
    functions,
    services,
    ...(mockConfig === undefined ? {} : { mockConfig }),
  };
}

/** A module of functions stands for a file that names each of them. */
function configText(file: string): Promise<string> {
  return isFunctionsModule(file) ? configOfFunctions(file) : readText(file);
}

function portGiven(text: string | undefined): { readonly port?: number } {
  return text === undefined ? {} : { port: Number(text) };
}

function decisionSettings(
  settings: DecisionSettings = {},
  given: (...path: string[]) => string | undefined,
): DecisionSettings {
  const threads = given("decisions", "threads") ?? settings.threads;
  const quickMs = given("decisions", "quickMs") ?? settings.quickMs;
  return {
    ...(threads === undefined ? {} : { threads: Number(threads) }),
    ...(quickMs === undefined ? {} : { quickMs: Number(quickMs) }),
  };
}

function peerTls(
  settings: Partial<PeerTlsFiles> = {},
  given: (...path: string[]) => string | undefined,
  pathOf: (preset: string | undefined, ...path: string[]) => string | undefined,
): Partial<PeerTlsFiles> | undefined {
  const files = (["cert", "key", "ca"] as const).flatMap((what) => {
    const file = pathOf(settings[what], "peers", "tls", what);
    return file === undefined ? [] : [[what, file]];
  });
  const name = given("peers", "tls", "name") ?? settings.name;
  if (files.length === 0 && name === undefined) return undefined;
  return { ...Object.fromEntries(files), ...(name === undefined ? {} : { name }) };
}

/** What the schema cannot say, since variables may complete the file. */
function hasCertificate(tls: Partial<PeerTlsFiles> | undefined): tls is PeerTlsFiles | undefined {
  return tls === undefined || (tls.cert !== undefined && tls.key !== undefined);
}

function peerSettings(settings: PeerSettings = {}, given: (...path: string[]) => string | undefined): PeerSettings {
  const host = given("peers", "host") ?? settings.host;
  const port = given("peers", "port") ?? settings.port;
  const address = given("peers", "address") ?? settings.address;
  return {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(address === undefined ? {} : { address }),
  };
}

const SERVICE_KEYS = ["endpoints", "profile", "connections", "http", "tasks", "jobs"] as const;

/** The region that AWS's own tools would take; not what is none. */
function regionOf(env: ConfigEnvironment): string | undefined {
  const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || "";
  return new RegExp(REGION_PATTERN).test(region) ? region : undefined;
}

/** Texts of connections, jobs and of the environments of tasks may take variables of the server. */
function expandServices(
  settings: FileSettings,
  env: ConfigEnvironment,
  document: ConfigDocument | undefined,
  findings: ConfigFinding[],
): ServiceSettings {
  const given = Object.fromEntries(
    SERVICE_KEYS.flatMap((key) => (settings[key] === undefined ? [] : [[key, settings[key]]])),
  );
  const { expanded, missing } = expandVariables(given, env, (path) => {
    return path[0] === "connections" || path[0] === "jobs" || (path[0] === "tasks" && path[2] === "env");
  });
  for (const { path, message } of missing) {
    const pointer = pointerOf(path);
    findings.push({ place: document?.placeOf(pointer) ?? "", pointer, message });
  }
  return expanded as ServiceSettings;
}

/** `logs` or `events`, with what stands over the file; absent when there is nothing of it. */
function deliverySettings<Settings extends { readonly path?: string }>(
  settings: Settings | undefined,
  key: "logs" | "events",
  overrides: readonly Override[],
  pathOf: (preset: string | undefined, ...path: string[]) => string | undefined,
): Settings | undefined {
  const over = overrides.filter(({ path }) => path[0] === key).map(({ path, text }) => [path[1], text] as const);
  if (settings === undefined && over.length === 0) return undefined;
  const merged = { ...settings, ...Object.fromEntries(over) } as Settings;
  const path = pathOf(settings?.path, key, "path");
  return path === undefined ? merged : { ...merged, path };
}

/** What the schema cannot say, since variables may complete the file. */
function eventFindings(events: EventSettings | undefined, document: ConfigDocument | undefined): ConfigFinding[] {
  const place = document?.placeOf("/events") ?? "STEPWELL_EVENTS_*";
  if (events === undefined) return [];
  if (events.sink === undefined) return [{ place, pointer: "/events", message: "needs sink" }];
  if (events.sink === "webhook" && events.url === undefined) {
    return [{ place, pointer: "/events", message: "the sink webhook needs url beside it" }];
  }
  return [];
}

function findFile(path: string | undefined): string | undefined {
  if (path) return resolve(path);
  return FILE_NAMES.map((name) => resolve(name)).find((name) => existsSync(name));
}

async function readText(file: string): Promise<string> {
  try {
    const handle = await open(file);
    try {
      const buffer = Buffer.alloc(FILE_BYTES_MAX + 1);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      if (bytesRead > FILE_BYTES_MAX) throw new Error(`must be at most ${FILE_BYTES_MAX} bytes`);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new ConfigError([{ place: file, pointer: "", message: (error as Error).message }]);
  }
}

function fileFindings(document: ConfigDocument | undefined): ConfigFinding[] {
  if (document === undefined) return [];
  return brokenRules(document.value).map((broken) => ({ place: document.placeOf(broken.pointer), ...broken }));
}

const NUMBERS: ReadonlySet<string> = new Set(["port", "threads", "quickMs"]);

/** A text from outside the file obeys the same schema. */
function overrideFindings({ place, path, text }: Override): ConfigFinding[] {
  const value = NUMBERS.has(path.at(-1) ?? "") && /^\d+$/.test(text) ? Number(text) : text;
  const nested = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  return brokenRulesOf(path[0], nested).map(({ message }) => ({ place, pointer: "", message }));
}

/** Puts variables of the server where `env` asks for them; a variable that is not set is a finding. */
function expandFunctions(
  functions: Readonly<Record<string, FunctionConfig>>,
  env: ConfigEnvironment,
  document: ConfigDocument | undefined,
  findings: ConfigFinding[],
): Readonly<Record<string, FunctionConfig>> {
  const expand = (name: string, variable: string, text: string) =>
    text.replace(
      /\$\$\{|\$\{([^}:]*)(?::-([^}]*))?\}/g,
      (whole, wanted: string | undefined, preset: string | undefined) => {
        if (wanted === undefined) return whole.slice(1);
        const value = preset === undefined ? env[wanted] : env[wanted] || preset;
        if (value !== undefined) return value;
        const pointer = pointerOf(["functions", name, "env", variable]);
        const message = `\${${wanted}} is not set in the environment of the server`;
        const isKnown = findings.some((finding) => finding.pointer === pointer && finding.message === message);
        if (!isKnown) findings.push({ place: document?.placeOf(pointer) ?? "", pointer, message });
        return "";
      },
    );
  const expanded = Object.entries(functions).map(([name, config]) => {
    if (!("env" in config) || config.env === undefined) return [name, config] as const;
    const variables = Object.entries(config.env).map(
      ([variable, text]) => [variable, expand(name, variable, text)] as const,
    );
    return [name, { ...config, env: Object.fromEntries(variables) }] as const;
  });
  return Object.fromEntries(expanded);
}
