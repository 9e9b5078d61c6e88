/** How S3, or what stands in for it, is reached. The SDK is loaded when the first object is asked for. */
import type { S3Client } from "@aws-sdk/client-s3";
import { type AwsSettings, endpointOf, isConfigured, ownCredentials } from "../services/aws-settings.ts";
import { SOCKETS_PER_HOST_MAX } from "../sockets-max.ts";

const CONNECTION_TIMEOUT_MS = 10_000;
/** A socket without a byte for this long is given up; reading goes on from where it stood. */
const IDLE_TIMEOUT_MS = 120_000;
const ATTEMPTS = 4;

export function isS3Configured(settings: AwsSettings): boolean {
  return isConfigured(settings, "s3", "S3");
}

export async function newS3Client(settings: AwsSettings): Promise<S3Client> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const endpoint = endpointOf(settings, "s3", "S3");
  const credentials = ownCredentials(settings, endpoint);
  return new S3Client({
    region: settings.region ?? "us-east-1",
    maxAttempts: ATTEMPTS,
    followRegionRedirects: true,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      socketTimeout: IDLE_TIMEOUT_MS,
      // Each reader of items holds one for as long as its run takes.
      httpAgent: { keepAlive: true, maxSockets: SOCKETS_PER_HOST_MAX },
      httpsAgent: { keepAlive: true, maxSockets: SOCKETS_PER_HOST_MAX },
    },
    ...(settings.profile === undefined ? {} : { profile: settings.profile }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint === undefined ? {} : standIn(endpoint)),
  });
}

/** Other stores answer at one host name, and may not know AWS's newer checksums. */
function standIn(endpoint: string): ConstructorParameters<typeof S3Client>[0] {
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
  };
}
