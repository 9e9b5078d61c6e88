/** How a function of `stepwell.yaml` is run. Paths are relative to the base directory of the task router. */
export type FunctionConfig = HandlerFunctionConfig | CommandFunctionConfig | UrlFunctionConfig;

/** What functions that run as child processes have in common. */
export interface ProcessFunctionSettings {
  /** Added to the function's environment; the server's own environment is not passed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** A handler that runs longer is killed. Default 60. */
  readonly timeoutSeconds?: number;
  /** Enforced as V8's old space (Node) or as the data segment limit (others, where the system has one). No bound by default. */
  readonly memoryMb?: number;
  /** Processes at once; further invocations wait. Default 10. */
  readonly concurrency?: number;
}

/** A Node handler (`./functions.ts#countCsv`) or a Python handler (`./fn.py:handler`). */
export interface HandlerFunctionConfig extends ProcessFunctionSettings {
  readonly handler: string;
  /** Another handler, used when the runtime that `handler` needs is not installed. Never used because a handler failed. */
  readonly fallback?: string;
}

/** Any executable that speaks the Lambda runtime API. */
export interface CommandFunctionConfig extends ProcessFunctionSettings {
  readonly command: readonly string[];
}

/** A function behind HTTP: the event is POSTed, the response's body is the result. */
export interface UrlFunctionConfig {
  readonly url: string;
  readonly timeoutSeconds?: number;
  /** Requests at once; further invocations wait. Default 10. */
  readonly concurrency?: number;
}

/** A handler text taken apart. */
export interface HandlerReference {
  readonly runtime: "node" | "python";
  readonly file: string;
  readonly exportName: string;
}

export const DEFAULT_TIMEOUT_SECONDS = 60;
export const DEFAULT_CONCURRENCY = 10;
/** What a function is told when it has no bound: Lambda's own default. */
export const DEFAULT_MEMORY_MB = 128;

const NODE_HANDLER = /^(.+\.[cm]?[jt]s)(?:#([A-Za-z_$][\w$]*))?$/;
const PYTHON_HANDLER = /^(.+\.py)(?::([A-Za-z_]\w*))?$/;

/** `undefined`: the text is not a handler. The function's name is `handler` when the text names none. */
export function parseHandler(text: string): HandlerReference | undefined {
  const node = NODE_HANDLER.exec(text);
  if (node !== null) return { runtime: "node", file: node[1]!, exportName: node[2] ?? "handler" };
  const python = PYTHON_HANDLER.exec(text);
  if (python !== null) return { runtime: "python", file: python[1]!, exportName: python[2] ?? "handler" };
  return undefined;
}
