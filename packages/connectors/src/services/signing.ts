/** Signature version 4 (AWS, "Signing AWS API requests") for requests that no client of the SDK makes. */
import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Source = string | ArrayBuffer | ArrayBufferView;

/** SHA-256 in the form that Smithy asks for. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: Source) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }

  update(data: Source): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    // A signer makes a new one for each text.
  }
}

function bytesOf(source: Source): Uint8Array {
  if (typeof source === "string") return Buffer.from(source);
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}

function signer(service: string, region: string, credentials: Credentials): SignatureV4 {
  return new SignatureV4({ service, region, credentials, sha256: Sha256, applyChecksum: true });
}

function smithyRequest({ method, url, headers, body }: SignedRequest): Parameters<SignatureV4["sign"]>[0] {
  const query: Record<string, string[]> = {};
  for (const [name, value] of url.searchParams) query[name] = [...(query[name] ?? []), value];
  return {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    path: url.pathname,
    query,
    headers: { host: url.host, ...headers },
    ...(body === undefined ? {} : { body }),
  };
}

/** The headers with which the request is signed. */
export async function signedHeaders(
  request: SignedRequest,
  service: string,
  region: string,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const signed = await signer(service, region, credentials).sign(smithyRequest(request));
  return { ...signed.headers };
}

const TOKEN_SECONDS = 60;

/**
 * A token for the Kubernetes API of an EKS cluster: a signed request to STS that the cluster makes to see who calls (AWS,
 * "Amazon EKS cluster authentication").
 */
export async function eksToken(clusterName: string, region: string, credentials: Credentials): Promise<string> {
  const url = new URL(`https://sts.${region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15`);
  const request = smithyRequest({ method: "GET", url, headers: { "x-k8s-aws-id": clusterName } });
  const { query = {} } = await signer("sts", region, credentials).presign(request, {
    expiresIn: TOKEN_SECONDS,
    unhoistableHeaders: new Set(["x-k8s-aws-id"]),
  });
  const signed = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return `k8s-aws-v1.${Buffer.from(`${url.origin}/?${signed.join("&")}`).toString("base64url")}`;
}
