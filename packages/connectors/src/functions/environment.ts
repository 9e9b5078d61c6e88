import type { ProcessFunctionSettings } from "./function-config.ts";
import { DEFAULT_MEMORY_MB } from "./function-config.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a function may know of the server's environment: how to find programs, a home, a place for files, language and
 * certificates. Everything else, credentials above all, must be given in the function's own `env`.
 */
const PASSED_ON: ReadonlySet<string> = new Set([
  "HOME",
  "LANG",
  "LOGNAME",
  "NODE_EXTRA_CA_CERTS",
  "PATH",
  "SHELL",
  "SSL_CERT_DIR",
  "SSL_CERT_FILE",
  "TEMP",
  "TMP",
  "TMPDIR",
  "USER",
  // Windows programs do not start without these.
  "APPDATA",
  "COMSPEC",
  "LOCALAPPDATA",
  "PATHEXT",
  "SYSTEMROOT",
  "USERPROFILE",
]);

export interface FunctionIdentity {
  readonly name: string;
  readonly region: string;
  /** As Lambda writes it: `functions.countCsv`. */
  readonly handler: string;
  /** Where the function's code lies; also its working directory. */
  readonly taskRoot: string;
  /** `AWS_Lambda_nodejs24.x`. */
  readonly executionEnvironment: string;
}

/** The environment of a function's process. AWS Lambda, "Defined runtime environment variables". */
export function functionEnvironment(
  host: Environment,
  identity: FunctionIdentity,
  settings: ProcessFunctionSettings,
): Record<string, string> {
  return { ...passedOn(host), ...lambdaVariables(identity, settings), ...settings.env };
}

/** The part of the server's environment that programs of the user get. */
export function passedOn(host: Environment): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(host)) {
    if (value !== undefined && (PASSED_ON.has(name.toUpperCase()) || name.startsWith("LC_"))) variables[name] = value;
  }
  return variables;
}

function lambdaVariables(identity: FunctionIdentity, settings: ProcessFunctionSettings): Record<string, string> {
  return {
    _HANDLER: identity.handler,
    AWS_DEFAULT_REGION: identity.region,
    AWS_EXECUTION_ENV: identity.executionEnvironment,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMb ?? DEFAULT_MEMORY_MB),
    AWS_LAMBDA_FUNCTION_NAME: identity.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${identity.name}`,
    AWS_REGION: identity.region,
    LAMBDA_TASK_ROOT: identity.taskRoot,
    TZ: "UTC",
  };
}
