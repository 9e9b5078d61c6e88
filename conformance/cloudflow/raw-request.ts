/** Requests that Alibaba's clients would not send: each part of the signature can be changed. */
import { createHash, createHmac, randomUUID } from "node:crypto";
import type { Answer, Credentials } from "./flow-clients.ts";

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Answer;
}

export interface RawRequest {
  readonly method?: "GET" | "POST";
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** After the signature was made. */
  readonly tamper?: (request: { headers: Record<string, string>; url: URL }) => void;
}

const VERSION = "2019-03-15";

async function send(url: URL, method: string, headers: Record<string, string>, body?: string): Promise<RawAnswer> {
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
}

/** Shape C. Headers given as undefined are left out. */
export async function acs3Request(
  endpoint: string,
  key: Credentials,
  action: string,
  { method = "POST", query = {}, body = "", headers = {}, tamper = () => undefined }: RawRequest = {},
): Promise<RawAnswer> {
  const url = new URL(`http://${endpoint}/`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const all: Record<string, string | undefined> = {
    host: endpoint,
    "x-acs-action": action,
    "x-acs-version": VERSION,
    "x-acs-date": new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    "x-acs-signature-nonce": randomUUID(),
    "x-acs-content-sha256": sha256(body),
    ...(body === "" ? {} : { "content-type": "application/x-www-form-urlencoded" }),
    ...headers,
  };
  const sent = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const names = Object.keys(sent).sort();
  const canonicalQuery = Object.entries(query)
    .sort()
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
  const lines = names.map((name) => `${name}:${sent[name]?.trim()}\n`).join("");
  const canonical = `${method}\n/\n${canonicalQuery}\n${lines}\n${names.join(";")}\n${sha256(body)}`;
  const signature = createHmac("sha256", key.accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest("hex");
  sent["authorization"] =
    `ACS3-HMAC-SHA256 Credential=${key.accessKeyId},SignedHeaders=${names.join(";")},Signature=${signature}`;
  tamper({ headers: sent, url });
  return send(url, method, sent, method === "GET" ? undefined : body);
}

/** Shape A by GET: everything in the query. */
export async function rpcRequest(
  endpoint: string,
  key: Credentials,
  parameters: Readonly<Record<string, string | undefined>>,
): Promise<RawAnswer> {
  const all: Record<string, string | undefined> = {
    AccessKeyId: key.accessKeyId,
    Format: "JSON",
    SignatureMethod: "HMAC-SHA1",
    SignatureNonce: randomUUID(),
    SignatureVersion: "1.0",
    Timestamp: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    Version: VERSION,
    ...parameters,
  };
  const { Signature, ...others } = all;
  const entries = Object.entries(others).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const canonical = entries
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
  const signature =
    Signature ??
    createHmac("sha1", `${key.accessKeySecret}&`)
      .update(`GET&%2F&${encode(canonical)}`)
      .digest("base64");
  return send(new URL(`http://${endpoint}/?${canonical}&Signature=${encode(signature)}`), "GET", {});
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
