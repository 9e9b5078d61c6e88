export type * from "./api-v1/flow-types.ts";
export type * from "./api-v1/map-runs-types.ts";
export type * from "./api-v1/types.ts";
export type { AllowRule } from "./aws/access-rules.ts";
export {
  type AccessKey,
  type Authenticator,
  type AuthenticatorOptions,
  type Caller,
  createAuthenticator,
  type SignedRequest,
} from "./aws/authentication.ts";
export type { CloudFlowOptions } from "./cloudflow/cloudflow-front.ts";
export { createFlowAuthenticator, type FlowAuthenticator } from "./cloudflow/flow-authentication.ts";
export { RateLimits } from "./cloudflow/rate-limits.ts";
export { createCloudFlowServer, createServer, type ServerOptions } from "./create-server.ts";
export * from "./in-process.ts";
export { assertMayListen, isLoopback } from "./listen-address.ts";
export { createLogger, type LoggerOptions } from "./logger.ts";
export { parseItems } from "./map-report/item-ranges.ts";
export { type Column, DEFAULT_COLUMNS, parseColumns } from "./map-report/report-columns.ts";
export { REPORT_FORMATS, type ReportFormat, reportText } from "./map-report/report-formats.ts";
export { childRow, hasFailed, type ReportRow } from "./map-report/report-row.ts";
export { DEFAULT_SERVER_CONFIG, type ServerConfig } from "./server-config.ts";
