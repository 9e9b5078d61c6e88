/** Alibaba's own clients, as one: an action with its parameters, and what came of it. */
import { createRequire } from "node:module";

/** The members of an answer. Throws `FlowCallError` for an error. */
export type CallFlows = (
  action: string,
  parameters?: Readonly<Record<string, string | number | boolean>>,
) => Promise<Answer>;

// biome-ignore lint/suspicious/noExplicitAny: answers are what the service says, checked by what tests expect
export type Answer = Record<string, any>;

export class FlowCallError extends Error {
  readonly code: string;
  readonly status: number | undefined;

  constructor(code: string, message: string, status?: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Of temporary credentials. */
  readonly securityToken?: string;
}

const VERSION = "2019-03-15";
/** Actions that the old client sends by GET. */
const GET = /^(?:Describe(?!Regions)|List|GetExecutionHistory|Delete)/;
const TIMEOUT_MS = 70_000;

// These packages are CommonJS without types that fit.
const require = createRequire(import.meta.url);

/** Shape A: `@alicloud/fnf-2019-03-15` on `@alicloud/pop-core`. */
export function popCoreClient(endpoint: string, key: Credentials): CallFlows {
  const Client = require("@alicloud/fnf-2019-03-15");
  const { RPCClient } = require("@alicloud/pop-core");
  const client = new Client({ endpoint: `http://${endpoint}`, ...key });
  // For actions that came after the generated package.
  const bare = new RPCClient({ endpoint: `http://${endpoint}`, apiVersion: VERSION, ...key });
  return async (action, parameters = {}) => {
    const name = action.charAt(0).toLowerCase() + action.slice(1);
    const options = { timeout: TIMEOUT_MS, method: GET.test(action) ? "GET" : "POST" };
    const call =
      typeof client[name] === "function"
        ? client[name](parameters, options)
        : bare.request(action, parameters, options);
    return call.catch((error: { code?: string; message?: string; data?: { Message?: string } }) => {
      throw new FlowCallError(error.code ?? "", error.data?.Message ?? error.message ?? "");
    });
  };
}

/** Shapes B (`v2`: signature 1.0, business parameters of POST in the body) and C (ACS3): `@alicloud/openapi-client`. */
export function openApiClient(endpoint: string, key: Credentials, signature: "v2" | "acs3"): CallFlows {
  const { default: Client, Config, OpenApiRequest, Params } = require("@alicloud/openapi-client");
  const client = new Client(
    new Config({
      ...key,
      endpoint,
      protocol: "http",
      ...(signature === "v2" ? { signatureAlgorithm: "v2" } : {}),
      connectTimeout: TIMEOUT_MS,
      readTimeout: TIMEOUT_MS,
    }),
  );
  return async (action, parameters = {}) => {
    const method = GET.test(action) ? "GET" : "POST";
    const params = new Params({
      action,
      version: VERSION,
      protocol: "HTTP",
      pathname: "/",
      method,
      authType: "AK",
      style: "RPC",
      reqBodyType: "formData",
      bodyType: "json",
    });
    const { TaskToken, ...body } = parameters;
    // The generated client has the token of a report in the query.
    const query = method === "GET" ? parameters : TaskToken === undefined ? {} : { TaskToken };
    const request = new OpenApiRequest(method === "GET" ? { query } : { query, body });
    try {
      return (await client.callApi(params, request, {})).body as Answer;
    } catch (error) {
      const { code, message, data } = error as { code?: string; message?: string; data?: { statusCode?: number } };
      throw new FlowCallError(code ?? "", message ?? "", data?.statusCode);
    }
  };
}

export const CLIENTS: { readonly [name: string]: (endpoint: string, key: Credentials) => CallFlows } = {
  "pop-core": popCoreClient,
  "openapi-v2": (endpoint, key) => openApiClient(endpoint, key, "v2"),
  "openapi-acs3": (endpoint, key) => openApiClient(endpoint, key, "acs3"),
};
