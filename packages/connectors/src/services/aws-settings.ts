/** Where AWS's services are and who calls them: configuration, environment, AWS profiles. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../functions/environment.ts";

export interface AwsSettings {
  /** Default us-east-1. */
  readonly region?: string;
  /**
   * URLs by service, as in `aws-sdk:<service>` (`sqs`, `secretsmanager`) or as in AWS_ENDPOINT_URL_<SERVICE> (`secrets-manager`);
   * `default` stands for all others.
   */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** The AWS profile whose credentials are used. Default: AWS_PROFILE, else the SDK's own order. */
  readonly profile?: string;
  /** Default: `process.env`. */
  readonly env?: Environment;
  /** A directory whose `node_modules` may hold more clients of the AWS SDK. Default: the working directory. */
  readonly baseDirectory?: string;
}

const CREDENTIAL_VARIABLES = [
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/** The URL for a service's calls; undefined: AWS's own. What is said for one service comes before what is said for all. */
export function endpointOf(settings: AwsSettings, token: string, serviceId: string): string | undefined {
  const env = settings.env ?? process.env;
  const dashed = serviceId.toLowerCase().replaceAll(" ", "-");
  const endpoints = settings.endpoints ?? {};
  const of = (name: string) => (Object.hasOwn(endpoints, name) ? endpoints[name] : undefined);
  return (
    env[`AWS_ENDPOINT_URL_${serviceId.toUpperCase().replaceAll(/[ -]/g, "_")}`] ||
    of(token) ||
    of(dashed) ||
    env["AWS_ENDPOINT_URL"] ||
    of("default") ||
    undefined
  );
}

/** True when there is a sign of credentials. Instance metadata is not asked: that takes a second to fail. */
export function hasCredentials(settings: AwsSettings): boolean {
  const env = settings.env ?? process.env;
  if (settings.profile !== undefined || CREDENTIAL_VARIABLES.some((name) => env[name])) return true;
  const file = env["AWS_SHARED_CREDENTIALS_FILE"] ?? join(env["HOME"] ?? homedir(), ".aws", "credentials");
  return existsSync(file);
}

/** True when there is somewhere to send a service's calls, or a sign of somebody to send them as. */
export function isConfigured(settings: AwsSettings, token: string, serviceId: string): boolean {
  return endpointOf(settings, token, serviceId) !== undefined || hasCredentials(settings);
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Whom calls to `endpoint` (undefined: AWS's own) are signed as; undefined: the SDK looks for credentials itself. */
export function ownCredentials(settings: AwsSettings, endpoint: string | undefined): Credentials | undefined {
  const env = settings.env ?? process.env;
  const accessKeyId = env["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"];
  if (settings.profile === undefined && accessKeyId && secretAccessKey) {
    const sessionToken = env["AWS_SESSION_TOKEN"];
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  }
  // A stand-in for AWS wants a signature, whatever it is made with.
  return endpoint !== undefined && !hasCredentials(settings)
    ? { accessKeyId: "stepwell", secretAccessKey: "stepwell" }
    : undefined;
}
