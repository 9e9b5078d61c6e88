import type { StatusEvent } from "./status-event.ts";

/** What became of one event. */
export type DeliveryOutcome =
  | { readonly kind: "taken" }
  /** It can never be taken. `code` as EventBridge's ERROR_CODE names it. */
  | { readonly kind: "refused"; readonly code: string; readonly reason: unknown }
  /** Another time perhaps, not before `afterMs`. */
  | { readonly kind: "again"; readonly code: string; readonly reason: unknown; readonly afterMs?: number };

/** Where status events go. */
export interface EventSink {
  /** As many events are given to one call, at most. */
  readonly batchMax: number;
  /** As many calls may be under way. */
  readonly callsAtOnce: number;
  /** A batch is taken whole or not at all, and so may hold several events of one execution. */
  readonly isWhole: boolean;
  /** One outcome for each event, in their order. Rejects when nobody is there: then nothing was taken. */
  send(batch: readonly StatusEvent[]): Promise<readonly DeliveryOutcome[]>;
  close?(): Promise<void>;
}

export const TAKEN: DeliveryOutcome = { kind: "taken" };
