/** Where an AWS service is asked for; without an endpoint AWS itself, or what AWS_ENDPOINT_URL names. */
export interface AwsEndpoint {
  readonly region: string;
  /** http:// or https:// URL of what answers in AWS's place. */
  readonly endpoint?: string;
}

interface ClientSettings {
  readonly region: string;
  readonly maxAttempts: number;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const STANDS_IN = { accessKeyId: "test", secretAccessKey: "test" };

/**
 * Settings of an SDK client. An endpoint that was configured while the environment holds no key gets the usual one of
 * local stand-ins: looking for credentials on the network would take seconds and find none.
 */
export function clientSettings({ endpoint }: AwsEndpoint, region: string): ClientSettings {
  const isBare = endpoint !== undefined && !process.env["AWS_ACCESS_KEY_ID"] && !process.env["AWS_PROFILE"];
  return {
    region,
    // The queue repeats; it must not be kept waiting by a client that does so too.
    maxAttempts: 2,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(isBare ? { credentials: STANDS_IN } : {}),
  };
}
