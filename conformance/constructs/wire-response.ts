/** Answers of AWS's services in their protocols: a value by the model's shape, on the wire. */
import type { ShapeReference } from "@stepwell/connectors";
import type { Json, JsonObject } from "@stepwell/core";
import { type Api, type Operation, shapeOf } from "./aws-model.ts";

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const REQUEST_ID = "0f0e0d0c-0b0a-4900-8070-060504030201";

export function writeResponse(api: Api, operation: Operation, output: JsonObject): HttpResponse {
  const { protocol, jsonVersion = "1.0" } = api.data.metadata;
  if (protocol === "query")
    return { status: 200, headers: { "content-type": "text/xml" }, body: queryXml(api, operation, output) };
  if (protocol === "rest-json" || protocol === "rest-xml") return restResponse(api, operation, output);
  const body = operation.output === undefined ? {} : toJson(api, operation.output, output);
  return {
    status: 200,
    headers: { "content-type": `application/x-amz-json-${jsonVersion}`, "x-amzn-requestid": REQUEST_ID },
    body: JSON.stringify(body),
  };
}

function toJson(api: Api, reference: ShapeReference, value: Json): Json {
  const shape = shapeOf(api, reference);
  if (value === null || shape.document === true) return value;
  if (shape.type === "blob") return Buffer.from(String(value)).toString("base64");
  if (shape.type === "timestamp") {
    return shape.timestampFormat === "iso8601" ? new Date(Number(value) * 1000).toISOString() : value;
  }
  if (shape.type === "list") return (value as Json[]).map((item) => toJson(api, shape.member!, item));
  if (typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([name, item]) => {
      const of = shape.type === "map" ? shape.value! : shape.members![name]!;
      return [shape.type === "map" ? name : (of.locationName ?? name), toJson(api, of, item)];
    }),
  );
}

function restResponse(api: Api, operation: Operation, output: JsonObject): HttpResponse {
  const headers: Record<string, string> = { "x-amzn-requestid": REQUEST_ID };
  const status = operation.http.responseCode ?? 200;
  if (operation.output === undefined) return { status, headers, body: "" };
  const { members = {}, payload } = shapeOf(api, operation.output);
  const inBody: [string, Json][] = [];
  for (const [name, value] of Object.entries(output)) {
    const of = members[name]!;
    if (of.location === "header") headers[of.locationName ?? name] = headerText(api, of, value);
    else if (of.location === undefined && name !== payload) inBody.push([name, value]);
  }
  const whole = payload === undefined ? undefined : members[payload];
  if (whole !== undefined && payload !== undefined && output[payload] !== undefined) {
    const { type } = shapeOf(api, whole);
    headers["content-type"] ??= "application/json";
    if (type === "blob" || type === "string") return { status, headers, body: String(output[payload]) };
    return { status, headers, body: JSON.stringify(toJson(api, whole, output[payload] as Json)) };
  }
  if (api.data.metadata.protocol === "rest-xml") {
    headers["content-type"] = "application/xml";
    const root =
      operation.output.locationName ?? shapeOf(api, operation.output).locationName ?? `${operation.name}Result`;
    const xml = toXml(api, operation.output, Object.fromEntries(inBody), root);
    return { status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>${xml}` };
  }
  headers["content-type"] = "application/json";
  return { status, headers, body: JSON.stringify(toJson(api, operation.output, Object.fromEntries(inBody))) };
}

function headerText(api: Api, of: ShapeReference, value: Json): string {
  const { type, timestampFormat } = shapeOf(api, of);
  if (type !== "timestamp") return String(value);
  const date = new Date(Number(value) * 1000);
  return timestampFormat === "iso8601" ? date.toISOString() : date.toUTCString();
}

function queryXml(api: Api, operation: Operation, output: JsonObject): string {
  const { output: of, name } = operation;
  const wrapper = of?.resultWrapper;
  const inner = of === undefined ? "" : toXml(api, of, output, wrapper ?? "");
  const metadata = `<ResponseMetadata><RequestId>${REQUEST_ID}</RequestId></ResponseMetadata>`;
  return `<${name}Response>${inner}${metadata}</${name}Response>`;
}

/** The element of a value; its content alone where it has no name. */
function toXml(api: Api, reference: ShapeReference, value: Json, element: string): string {
  const shape = shapeOf(api, reference);
  const wrapped = (content: string) => (element === "" ? content : `<${element}>${content}</${element}>`);
  if (shape.type === "structure") {
    const members = Object.entries(value as JsonObject).map(([name, item]) => {
      const of = shape.members![name]!;
      return toXml(api, of, item, of.locationName ?? name);
    });
    return wrapped(members.join(""));
  }
  if (shape.type === "list") {
    const isFlat = shape.flattened === true || reference.flattened === true;
    const items = (value as Json[]).map((item) =>
      toXml(api, shape.member!, item, isFlat ? element : (shape.member!.locationName ?? "member")),
    );
    return isFlat ? items.join("") : wrapped(items.join(""));
  }
  if (shape.type === "map") {
    const entries = Object.entries(value as JsonObject).map(
      ([key, item]) =>
        `<entry><key>${escaped(key)}</key>${toXml(api, shape.value!, item, shape.value!.locationName ?? "value")}</entry>`,
    );
    return wrapped(entries.join(""));
  }
  if (shape.type === "timestamp") return wrapped(new Date(Number(value) * 1000).toISOString());
  if (shape.type === "blob") return wrapped(Buffer.from(String(value)).toString("base64"));
  return wrapped(escaped(String(value)));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
