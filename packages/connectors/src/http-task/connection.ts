/** What stands behind a ConnectionArn: how to authenticate, and what is added to each request. */
export interface ConnectionConfig {
  readonly basic?: { readonly username: string; readonly password: string };
  readonly apiKey?: { readonly name: string; readonly value: string };
  readonly oauth?: OAuthConfig;
  /** Added to each request, stronger than what the task says. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, string>>;
}

export interface OAuthConfig {
  /** Where tokens are given. */
  readonly endpoint: string;
  /** Default POST. */
  readonly method?: "POST" | "GET" | "PUT";
  readonly clientId: string;
  readonly clientSecret: string;
  /** Added to the request for a token. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, string>>;
}

/** `arn:aws:events:us-east-1:123456789012:connection/Stripe/81210c42-…` */
const CONNECTION_ARN = /^arn:aws[a-z-]*:events:[^:]*:[^:]*:connection\/([^/]+)(?:\/[^/]+)?$/;

/** The name in a connection's ARN; undefined when it is none. */
function connectionName(arn: string): string | undefined {
  return CONNECTION_ARN.exec(arn)?.[1];
}

/** The connection of this ARN: told by the whole ARN, else by its name. */
export function findConnection(
  connections: Readonly<Record<string, ConnectionConfig>>,
  arn: string,
): ConnectionConfig | undefined {
  if (Object.hasOwn(connections, arn)) return connections[arn];
  const name = connectionName(arn) ?? "";
  return Object.hasOwn(connections, name) ? connections[name] : undefined;
}
