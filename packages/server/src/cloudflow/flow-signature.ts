/**
 * Both signatures of CloudFlow, verified: RPC 1.0 with HMAC-SHA1, and ACS3-HMAC-SHA256 (cloudflow.md 2.3, 2.4).
 *
 * V1. Signatures are compared in constant time.
 * V2. What decides what a request does is signed: all parameters, or host, action, version, date, nonce and the hash of the
 *     body that really came.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { Rejection } from "@stepwell/engine";
import { type FlowRequest, header } from "./flow-request.ts";

/** What a request says of its signature; not verified. */
export interface FlowSignature {
  readonly accessKeyId: string;
  /** As it was sent: RFC 3339, whole seconds. */
  readonly timestamp: string;
  readonly nonce: string;
  readonly securityToken: string;
  verify(secret: string): void;
}

const ACS3 = "ACS3-HMAC-SHA256";
const AUTHORIZATION = /^(\S+)\s+(.*)$/s;
/** Without these a request could be made to do something else. */
const MUST_BE_SIGNED = [
  "host",
  "x-acs-action",
  "x-acs-content-sha256",
  "x-acs-date",
  "x-acs-signature-nonce",
  "x-acs-version",
];
const SIGNED_HEADERS_MAX = 100;

export function flowSignatureOf(request: FlowRequest): FlowSignature {
  return request.style === "acs3" ? acs3Signature(request) : rpcSignature(request);
}

function rpcSignature(request: FlowRequest): FlowSignature {
  const value = (name: string): string => request.form.get(name) ?? request.query.get(name) ?? "";
  return {
    accessKeyId: value("AccessKeyId"),
    timestamp: value("Timestamp"),
    nonce: value("SignatureNonce"),
    securityToken: value("SecurityToken"),
    verify(secret) {
      const [method, version] = [value("SignatureMethod"), value("SignatureVersion")];
      if ((method !== "" && method !== "HMAC-SHA1") || (version !== "" && version !== "1.0")) throw notMatch();
      const wanted = createHmac("sha1", `${secret}&`).update(rpcStringToSign(request)).digest("base64");
      if (!same(wanted, value("Signature"))) throw notMatch();
    },
  };
}

/** The string that is signed with the secret and `&`. */
export function rpcStringToSign({ method, query, form }: Pick<FlowRequest, "method" | "query" | "form">): string {
  const all = [...new Map([...query, ...form])].filter(([name]) => name !== "Signature");
  all.sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const canonical = all.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join("&");
  return `${method}&%2F&${percentEncode(canonical)}`;
}

function acs3Signature(request: FlowRequest): FlowSignature {
  const authorization = requiredHeader(request, "authorization", "Authorization");
  const [, algorithm = "", rest = ""] = AUTHORIZATION.exec(authorization.trim()) ?? [];
  const parts = new Map(rest.split(",").map((part): [string, string] => splitAt(part.trim())));
  return {
    accessKeyId: parts.get("Credential") ?? "",
    get timestamp() {
      return requiredHeader(request, "x-acs-date");
    },
    nonce: header(request.headers, "x-acs-signature-nonce") ?? "",
    securityToken: header(request.headers, "x-acs-security-token") ?? "",
    verify(secret) {
      for (const name of MUST_BE_SIGNED) requiredHeader(request, name);
      if (algorithm !== ACS3) throw notMatch();
      const names = (parts.get("SignedHeaders") ?? "").toLowerCase().split(";");
      const needed = [
        ...MUST_BE_SIGNED,
        ...(header(request.headers, "x-acs-security-token") === undefined ? [] : ["x-acs-security-token"]),
      ];
      if (names.length > SIGNED_HEADERS_MAX || needed.some((name) => !names.includes(name))) throw notMatch();
      const hash = sha256(request.body);
      if (!same(hash, (header(request.headers, "x-acs-content-sha256") ?? "").toLowerCase())) throw notMatch();
      const toSign = `${ACS3}\n${sha256(acs3CanonicalRequest(request, names, hash))}`;
      const wanted = createHmac("sha256", secret).update(toSign).digest("hex");
      if (!same(wanted, parts.get("Signature") ?? "")) throw notMatch();
    },
  };
}

function acs3CanonicalRequest(request: FlowRequest, signedHeaders: readonly string[], payloadHash: string): string {
  const query = [...request.query].sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const names = [...signedHeaders].sort();
  return [
    request.method,
    request.url.split("?")[0] ?? "/",
    query.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join("&"),
    ...names.map((name) => `${name}:${(header(request.headers, name) ?? "").trim()}`),
    "",
    names.join(";"),
    payloadHash,
  ].join("\n");
}

function splitAt(part: string): [string, string] {
  const at = part.indexOf("=");
  return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
}

/** RFC 3986 on UTF-8. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function same(wanted: string, given: string): boolean {
  const [left, right] = [Buffer.from(wanted), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function requiredHeader(request: FlowRequest, name: string, spelled: string = name): string {
  const value = header(request.headers, name);
  if (value !== undefined && value !== "") return value;
  throw new Rejection("MissingRequiredHeader", `The HTTP header '${spelled}' must be specified.`);
}

function notMatch(): Rejection {
  return new Rejection(
    "SignatureNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your access key and signing method.",
  );
}
