import type { EpochMs } from "../json.ts";

/**
 * One record of an execution's history, as AWS shows it but for two things a server adds: the details stand under
 * `details` instead of under a member named after the type (see `detailsMember`), and `inputDetails` / `outputDetails`
 * (`{"truncated": false}`) are left out. Payload members (`input`, `output`, `parameters`) are JSON texts.
 */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: EpochMs;
  /** AWS's HistoryEventType. */
  readonly type: string;
  readonly details?: { readonly [member: string]: string | number | { readonly [name: string]: string } };
}
