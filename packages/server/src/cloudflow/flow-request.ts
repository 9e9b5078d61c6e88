/** The three shapes of a request, read as one (cloudflow.md 2.1, 2.2). Nothing of it is believed before it was authenticated. */
import type { IncomingHttpHeaders } from "node:http";
import { Rejection } from "@stepwell/engine";
import { invalidArgument } from "./errors.ts";

/** A request as it came. */
export interface RawRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface FlowRequest extends RawRequest {
  /** `rpc`: signed by parameters, or not at all. `acs3`: signed by headers. */
  readonly style: "rpc" | "acs3";
  readonly query: ReadonlyMap<string, string>;
  readonly form: ReadonlyMap<string, string>;
  /** The content type without its parameters; empty when there is none. */
  readonly mediaType: string;
  /** Query, form and JSON body together. */
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly action: string;
  readonly version: string;
  /** What is wrong with a JSON body; told only after the caller is known and the action exists. */
  readonly problem?: Rejection;
}

const PARAMETERS_MAX = 1_000;
export const FORM = "application/x-www-form-urlencoded";
export const JSON_TYPE = "application/json";

/** A JSON body that is none has no members, and the problem is told by `problem`. */
export function readFlowRequest(raw: RawRequest): FlowRequest {
  const query = pairs(raw.url.includes("?") ? raw.url.slice(raw.url.indexOf("?") + 1) : "");
  const mediaType = (header(raw.headers, "content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const form = mediaType === FORM ? pairs(raw.body.toString("utf8")) : new Map<string, string>();
  const { json, problem } = mediaType === JSON_TYPE ? readJson(raw.body) : NO_JSON;
  const parameters = new Map<string, unknown>([...query, ...form, ...json]);
  const text = (name: string): string => stringOf(parameters.get(name));
  const signed = header(raw.headers, "authorization") !== undefined;
  const style = signed || (text("AccessKeyId") === "" && hasAcsHeaders(raw.headers)) ? "acs3" : "rpc";
  return {
    ...raw,
    style,
    query,
    form,
    mediaType,
    parameters,
    action: text("Action") || (header(raw.headers, "x-acs-action") ?? ""),
    version: text("Version") || (header(raw.headers, "x-acs-version") ?? ""),
    ...(problem === undefined ? {} : { problem }),
  };
}

interface JsonBody {
  readonly json: ReadonlyMap<string, unknown>;
  readonly problem?: Rejection;
}

const NO_JSON: JsonBody = { json: new Map() };

function readJson(body: Buffer): JsonBody {
  try {
    return { json: jsonMembers(body) };
  } catch (problem) {
    if (problem instanceof Rejection) return { ...NO_JSON, problem };
    throw problem;
  }
}

/** Whether a request is CloudFlow's: by header, or by parameters of the RPC style. */
export function looksLikeFlowRequest({ url, headers, body }: Pick<RawRequest, "url" | "headers" | "body">): boolean {
  if (header(headers, "x-amz-target") !== undefined) return false;
  if (header(headers, "x-acs-action") !== undefined || header(headers, "x-acs-version") !== undefined) return true;
  if (/^\/\?(?:.*&)?Action=/.test(url)) return true;
  const isForm = (header(headers, "content-type") ?? "").toLowerCase().startsWith(FORM);
  return isForm && /(?:^|&)Action=/.test(body.toString("latin1", 0, 65_536));
}

function hasAcsHeaders(headers: IncomingHttpHeaders): boolean {
  return header(headers, "x-acs-action") !== undefined || header(headers, "x-acs-date") !== undefined;
}

export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

/** The last of several of one name counts. */
function pairs(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (found.size >= PARAMETERS_MAX) throw invalidArgument(`There are more than ${PARAMETERS_MAX} parameters.`);
    found.set(name, value);
  }
  return found;
}

function jsonMembers(body: Buffer): Map<string, unknown> {
  if (body.length === 0) return new Map();
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw invalidArgument("The body is not valid JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidArgument("The body must be a JSON object.");
  }
  return new Map(Object.entries(value));
}

/** A parameter as text; what is no text in a JSON body is JSON text. */
export function stringOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
