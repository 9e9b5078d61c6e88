/** What a client of AWS sent, read back into service, operation and parameters, by protocol. botocore's model format. */
import type { IncomingHttpHeaders } from "node:http";
import type { Shape, ShapeReference } from "@stepwell/connectors";
import type { Json, JsonObject } from "@stepwell/core";
import { type Api, type Operation, shapeOf } from "./aws-model.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ServiceRequest {
  readonly service: string;
  readonly operation: string;
  /** Members as in the API; blobs as texts. */
  readonly parameters: JsonObject;
  /** Access key of the signature. */
  readonly signedBy: string;
}

export interface Found {
  readonly api: Api;
  readonly operation: Operation;
  readonly parameters: JsonObject;
}

/** Undefined when no operation of these services is asked for. */
export function readRequest(request: HttpRequest, apis: readonly Api[]): Found | undefined {
  const signedFor = scopeOf(request.headers)[3];
  for (const api of apis) {
    const { signingName, endpointPrefix } = api.data.metadata;
    if (signedFor !== undefined && signedFor !== (signingName ?? endpointPrefix)) continue;
    const found = READERS[api.data.metadata.protocol]?.(request, api);
    if (found !== undefined) return { api, ...found };
  }
  return undefined;
}

export function signerOf(headers: IncomingHttpHeaders): string {
  return scopeOf(headers)[0] ?? "";
}

/** Access key, day, region, service. */
function scopeOf({ authorization = "" }: IncomingHttpHeaders): readonly string[] {
  return /Credential=([^,]+)/.exec(authorization)?.[1]?.split("/") ?? [];
}

type Reader = (
  request: HttpRequest,
  api: Api,
) => { readonly operation: Operation; readonly parameters: JsonObject } | undefined;

const READERS: { readonly [protocol: string]: Reader } = {
  json: readJson,
  query: readQuery,
  "rest-json": readRest,
  "rest-xml": readRest,
};

function readJson({ headers, body }: HttpRequest, api: Api): ReturnType<Reader> {
  const [prefix, name = ""] = String(headers["x-amz-target"] ?? "").split(".");
  const operation = named(api, name);
  if (operation === undefined || prefix !== api.data.metadata.targetPrefix) return undefined;
  const given = JSON.parse(body.toString() || "{}") as JsonObject;
  const parameters = operation.input === undefined ? given : fromJson(api, operation.input, given);
  return { operation, parameters: parameters as JsonObject };
}

function named(api: Api, name: string): Operation | undefined {
  const data = Object.hasOwn(api.data.operations, name) ? api.data.operations[name] : undefined;
  return data === undefined ? undefined : { name, ...data };
}

/** Names of the wire to names of the API; base64 to text. */
function fromJson(api: Api, reference: ShapeReference, value: Json): Json {
  const shape = shapeOf(api, reference);
  if (value === null || shape.document === true) return value;
  if (shape.type === "blob") return Buffer.from(String(value), "base64").toString();
  if (shape.type === "list") return (value as Json[]).map((item) => fromJson(api, shape.member!, item));
  if (typeof value !== "object") return value;
  const entries = Object.entries(value as JsonObject);
  if (shape.type === "map") {
    return Object.fromEntries(entries.map(([key, item]) => [key, fromJson(api, shape.value!, item)]));
  }
  const members = new Map(Object.entries(shape.members ?? {}).map(([name, of]) => [of.locationName ?? name, name]));
  return Object.fromEntries(
    entries.map(([wire, item]) => {
      const name = members.get(wire);
      if (name === undefined) throw new Error(`${api.service} has no ${wire} in ${reference.shape}`);
      return [name, fromJson(api, shape.members![name]!, item)];
    }),
  );
}

function readQuery({ body }: HttpRequest, api: Api): ReturnType<Reader> {
  const form = new URLSearchParams(body.toString());
  const operation = named(api, form.get("Action") ?? "");
  if (operation === undefined) return undefined;
  const input = operation.input;
  return { operation, parameters: input === undefined ? {} : (fromForm(api, input, form, "") as JsonObject) };
}

function fromForm(api: Api, reference: ShapeReference, form: URLSearchParams, prefix: string): Json | undefined {
  const shape = shapeOf(api, reference);
  const under = (path: string) => [...form.keys()].some((key) => key === path || key.startsWith(`${path}.`));
  const dotted = prefix === "" ? "" : `${prefix}.`;
  if (shape.type === "structure") {
    const members = Object.entries(shape.members ?? {}).flatMap(([name, of]) => {
      const path = `${dotted}${of.locationName ?? name}`;
      return under(path) ? [[name, fromForm(api, of, form, path)!] as const] : [];
    });
    return Object.fromEntries(members);
  }
  if (shape.type === "list") {
    const items: Json[] = [];
    const base = shape.flattened === true ? prefix : `${dotted}${shape.member!.locationName ?? "member"}`;
    for (let index = 1; under(`${base}.${index}`); index++) {
      items.push(fromForm(api, shape.member!, form, `${base}.${index}`)!);
    }
    return items;
  }
  if (shape.type === "map") {
    const map: [string, Json][] = [];
    const base = shape.flattened === true ? prefix : `${dotted}entry`;
    for (let index = 1; under(`${base}.${index}`); index++) {
      const key = form.get(`${base}.${index}.${shape.key!.locationName ?? "key"}`) ?? "";
      map.push([key, fromForm(api, shape.value!, form, `${base}.${index}.${shape.value!.locationName ?? "value"}`)!]);
    }
    return Object.fromEntries(map);
  }
  return scalar(shape, form.get(prefix) ?? "");
}

function scalar(shape: Shape, text: string): Json {
  if (shape.type === "blob") return Buffer.from(text, "base64").toString();
  if (shape.type === "boolean") return text === "true";
  return ["integer", "long", "float", "double"].includes(shape.type) ? Number(text) : text;
}

function readRest(request: HttpRequest, api: Api): ReturnType<Reader> {
  // Those that are told apart by their query come first: GET /{Bucket}?list-type=2 before GET /{Bucket}.
  const parts = ([, data]: readonly [string, { http: { requestUri: string } }]) =>
    data.http.requestUri.split(/[?&]/).length;
  for (const [name, data] of Object.entries(api.data.operations).toSorted((a, b) => parts(b) - parts(a))) {
    const labels = data.http.method === request.method ? labelsOf(data.http.requestUri, request.url) : undefined;
    if (labels !== undefined) {
      const operation = { name, ...data };
      return { operation, parameters: restParameters(request, api, operation, labels) };
    }
  }
  return undefined;
}

/** The path's parts by label; undefined when it is another path. */
function labelsOf(template: string, url: URL): Readonly<Record<string, string>> | undefined {
  const [path = "", query = ""] = template.split("?");
  for (const [name, value] of new URLSearchParams(query)) if (url.searchParams.get(name) !== value) return undefined;
  const names: string[] = [];
  const pattern = path.replaceAll(
    /[.*+?^$()|[\]\\]|\{(\w+)(\+?)\}/g,
    (found, name: string | undefined, greedy: string) => {
      if (name === undefined) return `\\${found}`;
      names.push(name);
      return greedy === "+" ? "(.+)" : "([^/]+)";
    },
  );
  const match = new RegExp(`^${pattern}/?$`).exec(url.pathname);
  if (match === null) return undefined;
  return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? "")]));
}

function restParameters(
  { url, headers, body }: HttpRequest,
  api: Api,
  operation: Operation,
  labels: Readonly<Record<string, string>>,
): JsonObject {
  if (operation.input === undefined) return {};
  const { members = {}, payload } = shapeOf(api, operation.input);
  const read: [string, Json][] = [];
  for (const [name, of] of Object.entries(members)) {
    const wire = of.locationName ?? name;
    const shape = shapeOf(api, of);
    if (of.location === "uri") read.push([name, labels[wire] ?? ""]);
    else if (of.location === "querystring" && url.searchParams.has(wire)) {
      const all = url.searchParams.getAll(wire);
      read.push([name, shape.type === "list" ? all : scalar(shape, all[0]!)]);
    } else if (of.location === "header" && headers[wire.toLowerCase()] !== undefined) {
      read.push([name, scalar(shape, String(headers[wire.toLowerCase()]))]);
    } else if (name === payload && body.byteLength > 0) {
      const isBytes = shape.type === "blob" || shape.type === "string" || api.data.metadata.protocol === "rest-xml";
      read.push([name, isBytes ? body.toString() : fromJson(api, of, JSON.parse(body.toString()) as Json)]);
    }
  }
  if (payload === undefined && api.data.metadata.protocol === "rest-json" && body.byteLength > 0) {
    read.push(...Object.entries(fromJson(api, operation.input, JSON.parse(body.toString()) as Json) as JsonObject));
  }
  return Object.fromEntries(read);
}
