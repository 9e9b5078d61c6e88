/** Bounds and times of the HTTP service. */
export interface ServerConfig {
  /** A whole request is at most 1 MB (service quotas, "API request"). */
  readonly bodyBytesMax: number;
  readonly headerBytesMax: number;
  /** For a client to send its headers, and its whole request. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How long an idle connection is kept; longer than the usual load balancer's minute. */
  readonly keepAliveTimeoutMs: number;
  readonly connectionsMax: number;
  /** How long GetActivityTask waits for a task. API reference, "GetActivityTask". */
  readonly activityPollMs: number;
  /**
   * Authenticates page tokens. Keep it with the data (`CatalogStore.secret`), so that tokens outlive a restart and are
   * good on every node; absent: a new one each start.
   */
  readonly pageTokenKey?: string;
}

export const DEFAULT_SERVER_CONFIG: ServerConfig = {
  bodyBytesMax: 1_048_576,
  headerBytesMax: 32_768,
  headersTimeoutMs: 20_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 72_000,
  connectionsMax: 10_000,
  activityPollMs: 60_000,
};
