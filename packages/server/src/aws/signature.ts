/**
 * AWS Signature Version 4, verified: the header form and the presigned (query) form. IAM user guide, "Create a signed
 * AWS API request"; the errors are those of AWS's JSON services.
 *
 * V1. Nothing of a request is believed before its signature was found equal, in constant time.
 * V2. What decides what a request does (host, x-amz-target, x-amz-date, x-amz-security-token, the body) is signed.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { Rejection } from "@stepwell/engine";
import type { SignedRequest } from "./authentication.ts";

const ALGORITHM = "AWS4-HMAC-SHA256";
const TERMINATOR = "aws4_request";
const SERVICE = "states";
const SKEW_MS = 15 * 60 * 1_000;
const EXPIRES_SECONDS_MAX = 604_800;
const SIGNED_HEADERS_MAX = 100;
/** Signed when they are sent: each of them changes what is asked or who asks. */
const ALWAYS_SIGNED = ["host", "x-amz-target", "x-amz-date", "x-amz-security-token"];

/** The signature of a request, taken apart but not verified. */
export interface Signature {
  readonly form: "header" | "query";
  readonly accessKeyId: string;
  readonly scope: { readonly date: string; readonly region: string; readonly service: string; readonly term: string };
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** ISO 8601 basic, `20261122T061500Z`. */
  readonly timestamp: string;
  readonly expiresSeconds?: number;
  readonly securityToken?: string;
}

/** Throws MissingAuthenticationTokenException or IncompleteSignatureException. */
export function parseSignature(request: SignedRequest): Signature {
  const query = queryOf(request.url);
  const authorization = header(request, "authorization");
  if (authorization !== undefined) return parseHeader(request, authorization);
  if (query.some(([name]) => name === "X-Amz-Algorithm" || name === "X-Amz-Signature")) return parseQuery(query);
  throw new Rejection("MissingAuthenticationTokenException", "Request is missing Authentication Token");
}

function parseHeader(request: SignedRequest, authorization: string): Signature {
  const [algorithm = "", ...rest] = authorization.trim().split(/\s+/);
  if (algorithm !== ALGORITHM) throw incomplete(`Unsupported AWS 'algorithm': '${algorithm}'`);
  const parameters = new Map(rest.join("").split(",").map(splitParameter));
  const timestamp = header(request, "x-amz-date") ?? httpDate(header(request, "date"));
  const missing = ["Credential", "Signature", "SignedHeaders"]
    .filter((name) => !parameters.get(name))
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (timestamp === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (missing.length > 0 || timestamp === undefined) throw incomplete(missing.join(" "));
  const securityToken = header(request, "x-amz-security-token");
  return {
    form: "header",
    ...parseCredential(parameters.get("Credential") ?? ""),
    signedHeaders: parseSignedHeaders(parameters.get("SignedHeaders") ?? ""),
    signature: parameters.get("Signature") ?? "",
    timestamp: checkTimestamp(timestamp),
    ...(securityToken === undefined ? {} : { securityToken }),
  };
}

function parseQuery(query: readonly QueryParameter[]): Signature {
  const parameters = new Map(query);
  const names = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature"];
  const missing = names.filter((name) => !parameters.get(name));
  if (missing.length > 0) {
    throw incomplete(missing.map((name) => `AWS query-string parameters must include '${name}'.`).join(" "));
  }
  const algorithm = parameters.get("X-Amz-Algorithm");
  if (algorithm !== ALGORITHM) throw incomplete(`Unsupported AWS 'algorithm': '${algorithm}'`);
  const expires = Number(parameters.get("X-Amz-Expires"));
  if (!Number.isInteger(expires) || expires < 1 || expires > EXPIRES_SECONDS_MAX) {
    throw incomplete(`X-Amz-Expires must be a whole number from 1 to ${EXPIRES_SECONDS_MAX}`);
  }
  const securityToken = parameters.get("X-Amz-Security-Token");
  return {
    form: "query",
    ...parseCredential(parameters.get("X-Amz-Credential") ?? ""),
    signedHeaders: parseSignedHeaders(parameters.get("X-Amz-SignedHeaders") ?? ""),
    signature: parameters.get("X-Amz-Signature") ?? "",
    timestamp: checkTimestamp(parameters.get("X-Amz-Date") ?? ""),
    expiresSeconds: expires,
    ...(securityToken === undefined ? {} : { securityToken }),
  };
}

function splitParameter(parameter: string): [string, string] {
  const at = parameter.indexOf("=");
  return at < 0 ? [parameter, ""] : [parameter.slice(0, at), parameter.slice(at + 1)];
}

function parseCredential(credential: string): Pick<Signature, "accessKeyId" | "scope"> {
  const parts = credential.split("/");
  const [accessKeyId = "", date = "", region = "", service = "", term = ""] = parts;
  if (parts.length !== 5) {
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  }
  return { accessKeyId, scope: { date, region, service, term } };
}

function parseSignedHeaders(list: string): string[] {
  const names = list.toLowerCase().split(";");
  if (names.length > SIGNED_HEADERS_MAX) throw incomplete("'SignedHeaders' names too many headers");
  return names;
}

function checkTimestamp(timestamp: string): string {
  if (/^\d{8}T\d{6}Z$/.test(timestamp)) return timestamp;
  throw incomplete(
    `Date must be in ISO-8601 'basic format'. Got '${timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601`,
  );
}

/** Throws InvalidSignatureException. `region` is the one this service says it is in. */
export function checkScope({ scope, timestamp }: Signature, region: string): void {
  const wrong: string[] = [];
  if (scope.region !== region) wrong.push(`Credential should be scoped to a valid Region, not '${scope.region}'.`);
  if (scope.service !== SERVICE) wrong.push(`Credential should be scoped to correct service: '${SERVICE}'.`);
  if (scope.term !== TERMINATOR) {
    wrong.push(`Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${scope.term}'.`);
  }
  const date = timestamp.slice(0, 8);
  if (scope.date !== date) {
    wrong.push(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scope.date}' != '${date}', from '${timestamp}'.`,
    );
  }
  if (wrong.length > 0) throw new Rejection("InvalidSignatureException", wrong.join(" "));
}

/** Throws InvalidSignatureException for a request from too far in the past or in the future. */
export function checkTime({ timestamp, expiresSeconds }: Signature, nowMs: number): void {
  const signedAt = Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const lifetimeMs = expiresSeconds === undefined ? SKEW_MS : expiresSeconds * 1_000;
  const now = basicFormat(nowMs);
  // `!(… >= …)` also refuses what is no date (NaN).
  if (!(signedAt + lifetimeMs >= nowMs)) {
    const oldest = basicFormat(nowMs - lifetimeMs);
    throw invalid(
      `Signature expired: ${timestamp} is now earlier than ${oldest} (${now} - ${Math.ceil(lifetimeMs / 60_000)} min.)`,
    );
  }
  if (signedAt - SKEW_MS > nowMs) {
    const newest = basicFormat(nowMs + SKEW_MS);
    throw invalid(`Signature not yet current: ${timestamp} is still later than ${newest} (${now} + 15 min.)`);
  }
}

/** Throws InvalidSignatureException unless the request was signed with the secret. */
export function verifySignature(request: SignedRequest, signature: Signature, secretAccessKey: string): void {
  for (const name of ALWAYS_SIGNED) {
    if (header(request, name) !== undefined && !signature.signedHeaders.includes(name)) {
      throw invalid(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
  const { scope, timestamp } = signature;
  const canonical = sha256(canonicalRequest(request, signature));
  const credentialScope = `${scope.date}/${scope.region}/${scope.service}/${scope.term}`;
  const stringToSign = `${ALGORITHM}\n${timestamp}\n${credentialScope}\n${canonical}`;
  const expected = hmac(signingKey(secretAccessKey, scope), stringToSign);
  if (!equalHex(signature.signature, expected)) {
    throw invalid(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
}

function canonicalRequest(request: SignedRequest, signature: Signature): string {
  const path = request.url.split("?", 1)[0] || "/";
  const headers = signature.signedHeaders.map(
    (name) => `${name}:${(header(request, name) ?? "").trim().replace(/ +/g, " ")}\n`,
  );
  return [
    request.method,
    // Encoded once by the client and once more here, as for every service but S3.
    path.split("/").map(encode).join("/"),
    canonicalQuery(queryOf(request.url)),
    headers.join(""),
    signature.signedHeaders.join(";"),
    sha256(request.body),
  ].join("\n");
}

function canonicalQuery(query: readonly QueryParameter[]): string {
  return query
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([name, value], [otherName, otherValue]) =>
      name === otherName ? compare(value, otherValue) : compare(name, otherName),
    )
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

type QueryParameter = readonly [name: string, value: string];

function queryOf(url: string): QueryParameter[] {
  const at = url.indexOf("?");
  return at < 0 ? [] : [...new URLSearchParams(url.slice(at + 1))];
}

/** RFC 3986: all but unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function header(request: SignedRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

function httpDate(date: string | undefined): string | undefined {
  const ms = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(ms) ? undefined : basicFormat(ms);
}

function basicFormat(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function signingKey(secretAccessKey: string, { date, region, service, term }: Signature["scope"]): Buffer {
  return [date, region, service, term].reduce<Buffer>(
    (key, part) => hmac(key, part),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function equalHex(given: string, expected: Buffer): boolean {
  if (!/^[0-9a-fA-F]{64}$/.test(given)) return false;
  return timingSafeEqual(Buffer.from(given, "hex"), expected);
}

function incomplete(message: string): Rejection {
  return new Rejection("IncompleteSignatureException", message);
}

function invalid(message: string): Rejection {
  return new Rejection("InvalidSignatureException", message);
}
