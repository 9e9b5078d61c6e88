/** A local AWS: answers every operation of the services it is given by their models alone, and remembers what was asked. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Json, JsonObject } from "@stepwell/core";
import { type Api, apiOf, type Operation } from "./aws-model.ts";
import type { Changes } from "./jobs.ts";
import { sampleOutput } from "./sample-output.ts";
import { type HttpRequest, readRequest, type ServiceRequest, signerOf } from "./wire-request.ts";
import { type HttpResponse, writeResponse } from "./wire-response.ts";

export interface RecordingAws {
  readonly endpoint: string;
  /** What was asked since this was last emptied. */
  readonly requests: ServiceRequest[];
  /** What is answered otherwise than by the model, asked at each request. */
  rules: Rules;
  close(): Promise<void>;
}

export interface Rules {
  /** Members of the answer, by place. */
  changes?(request: ServiceRequest): Changes | undefined;
  /** Objects of S3, by `bucket/key`. */
  readonly objects?: ReadonlyMap<string, Buffer>;
  /** What HTTP endpoints that are no API of AWS answer. */
  readonly httpBody?: Json;
  readonly httpType?: string;
  /** Told before the answer goes out. */
  onRequest?(request: ServiceRequest): Promise<void>;
}

export async function startRecordingAws(services: Iterable<string>): Promise<RecordingAws> {
  const apis = [...services].map((service) => {
    const api = apiOf(service);
    if (api === undefined) throw new Error(`AWS has no ${service}`);
    return api;
  });
  const server = createServer((request, response) => {
    answer(recorder, apis, request, response).catch((error: unknown) => {
      response.writeHead(599, { "content-type": "text/plain" }).end(String(error));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const recorder: RecordingAws = {
    endpoint: `http://127.0.0.1:${port}`,
    requests: [],
    rules: {},
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return recorder;
}

async function answer(
  recorder: RecordingAws,
  apis: readonly Api[],
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const { method = "", url = "/", headers } = incoming;
  const request = { method, url: new URL(url, "http://aws"), headers, body: unchunked(Buffer.concat(chunks), headers) };
  const signedBy = signerOf(headers);
  const found = isHttpEndpoint(request) ? undefined : readRequest(request, apis);
  const recorded: ServiceRequest =
    found === undefined
      ? { service: "http", operation: method, parameters: httpParameters(request), signedBy }
      : { service: found.api.service, operation: found.operation.name, parameters: found.parameters, signedBy };
  recorder.requests.push(recorded);
  await recorder.rules.onRequest?.(recorded);
  const {
    status,
    headers: fields,
    body,
  } = found === undefined
    ? httpResponse(recorder.rules)
    : apiResponse(found.api, found.operation, recorded, recorder.rules);
  response.writeHead(status, fields).end(method === "HEAD" ? undefined : body);
}

/** Endpoints of API Gateway, clusters and HTTP tasks. */
function isHttpEndpoint({ headers }: HttpRequest): boolean {
  return !/AWS4-HMAC-SHA256/.test(headers.authorization ?? "") || /execute-api/.test(headers.authorization ?? "");
}

function httpParameters({ url, headers, body }: HttpRequest): JsonObject {
  const query = Object.fromEntries([...url.searchParams.keys()].map((name) => [name, url.searchParams.getAll(name)]));
  const text = body.toString();
  return { host: headers.host ?? "", path: url.pathname, query, headers: headers as JsonObject, body: text };
}

function httpResponse({ httpBody = { ok: true }, httpType = "application/json" }: Rules): HttpResponse {
  return { status: 200, headers: { "content-type": httpType }, body: JSON.stringify(httpBody) };
}

interface Answer extends Omit<HttpResponse, "body"> {
  readonly body: string | Buffer;
}

function apiResponse(api: Api, operation: Operation, request: ServiceRequest, rules: Rules): Answer {
  const { parameters } = request;
  const object = rules.objects?.get(`${parameters["Bucket"]}/${parameters["Key"]}`);
  if (api.service === "s3" && object !== undefined && /^(Get|Head)Object$/.test(operation.name)) {
    const headers = {
      etag: '"an-etag"',
      "content-length": String(object.byteLength),
      "last-modified": new Date(0).toUTCString(),
    };
    return { status: 200, headers, body: object };
  }
  const output = sampleOutput(api, operation);
  // A payload's length, range and checksums are what they are.
  for (const name of Object.keys(output)) {
    if (/^(ContentLength|ContentRange|FunctionError|Checksum.*)$/.test(name))
      delete (output as Record<string, Json>)[name];
  }
  for (const [place, value] of Object.entries(rules.changes?.(request) ?? {})) setAt(output, place.split("."), value);
  return writeResponse(api, operation, output);
}

function setAt(value: Json, [step = "", ...rest]: readonly string[], wanted: Json): void {
  const container = value as Record<string, Json>;
  if (rest.length === 0) container[step] = wanted;
  else {
    container[step] ??= /^\d+$/.test(rest[0] ?? "") ? [] : {};
    setAt(container[step], rest, wanted);
  }
}

/** S3's uploads come in signed chunks. */
function unchunked(body: Buffer, headers: IncomingMessage["headers"]): Buffer {
  if (!String(headers["content-encoding"] ?? "").includes("aws-chunked")) return body;
  const size = Number.parseInt(body.toString("latin1"), 16);
  const start = body.indexOf("\r\n") + 2;
  return body.subarray(start, start + size);
}
