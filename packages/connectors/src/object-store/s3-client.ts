/** How S3, or what stands in for it, is reached. The SDK is loaded when the first object is asked for. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Environment } from "../functions/environment.ts";

export interface S3Settings {
  readonly env: Environment;
  readonly region: string;
  /** Default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, else AWS. */
  readonly endpoint?: string;
}

const CREDENTIAL_VARIABLES = [
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];
const CONNECTION_TIMEOUT_MS = 10_000;
/** A socket without a byte for this long is given up; reading goes on from where it stood. */
const IDLE_TIMEOUT_MS = 120_000;
const ATTEMPTS = 4;

/** True when there is an endpoint or a sign of credentials. Instance metadata is not asked: that takes a second to fail. */
export function isS3Configured({ env, endpoint }: S3Settings): boolean {
  if (endpointOf(env, endpoint) !== undefined) return true;
  if (CREDENTIAL_VARIABLES.some((name) => env[name])) return true;
  const directory = join(env["HOME"] ?? homedir(), ".aws");
  return existsSync(env["AWS_SHARED_CREDENTIALS_FILE"] ?? join(directory, "credentials"));
}

export async function newS3Client(settings: S3Settings): Promise<S3Client> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const { env, region } = settings;
  const endpoint = endpointOf(env, settings.endpoint);
  const hasCredentials = CREDENTIAL_VARIABLES.some((name) => env[name]);
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  return new S3Client({
    region,
    maxAttempts: ATTEMPTS,
    followRegionRedirects: true,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
    // Given keys win over what the process was started with.
    ...(accessKeyId && secretAccessKey
      ? { credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } }
      : {}),
    ...(endpoint === undefined ? {} : standIn(endpoint, hasCredentials)),
  });
}

/** Other stores answer at one host name, may not know AWS's newer checksums, and want a signature, made with anything. */
function standIn(endpoint: string, hasCredentials: boolean): ConstructorParameters<typeof S3Client>[0] {
  const isAws = new URL(endpoint).hostname.endsWith(".amazonaws.com");
  return {
    endpoint,
    ...(isAws
      ? {}
      : {
          forcePathStyle: true,
          requestChecksumCalculation: "WHEN_REQUIRED",
          responseChecksumValidation: "WHEN_REQUIRED",
        }),
    ...(hasCredentials ? {} : { credentials: { accessKeyId: "stepwell", secretAccessKey: "stepwell" } }),
  };
}

function endpointOf(env: Environment, given: string | undefined): string | undefined {
  return given || env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"] || undefined;
}
