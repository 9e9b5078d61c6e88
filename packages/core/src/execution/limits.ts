import { OPERATIONS_PER_MS } from "../data/allowance.ts";
import type { FlowLanguage } from "../definition/state-machine.ts";

/** Bounds on one execution. `strict` is AWS's; `extended` is the operator's. Sizes are in bytes of UTF-8. */
export interface ExecutionLimits {
  readonly payloadBytesMax: number;
  readonly historyEventsMax: number;
  readonly variableBytesMax: number;
  readonly variablesTotalBytesMax: number;
  readonly inlineMapConcurrencyMax: number;
  /** Synchronous states stepped inside one transition before it yields through an immediate timer. */
  readonly statesPerTransitionMax: number;
  /** Operations of evaluation (of about 10 ns) after which it does the same before the next state. */
  readonly operationsPerTransitionMax: number;
}

export const STRICT_LIMITS: ExecutionLimits = {
  payloadBytesMax: 262_144,
  historyEventsMax: 25_000,
  variableBytesMax: 262_144,
  variablesTotalBytesMax: 10_485_760,
  inlineMapConcurrencyMax: 40,
  statesPerTransitionMax: 200,
  operationsPerTransitionMax: 1_000 * OPERATIONS_PER_MS,
};

/** Events that CloudFlow's history tells, which are not the engine's: see flow-events.ts. */
const FLOW_EVENTS_MAX = 5_000;

/**
 * What CloudFlow bounds otherwise (cloudflow.md 9): 64 KiB of input or output and 40 iterations at once in the new language,
 * 100 in the old one, whose own bound of 32 KiB counts more than a payload and is kept by the compiled steps.
 */
export const FLOW_LIMITS: { readonly [L in FlowLanguage]: Partial<ExecutionLimits> } = {
  steps: { inlineMapConcurrencyMax: 100, historyEventsMax: FLOW_EVENTS_MAX },
  states: { payloadBytesMax: 65_536, inlineMapConcurrencyMax: 40, historyEventsMax: FLOW_EVENTS_MAX },
};

/** For machines of one's own: larger payloads and longer histories, still bounded. */
export const EXTENDED_LIMITS: ExecutionLimits = {
  ...STRICT_LIMITS,
  payloadBytesMax: 8_388_608,
  historyEventsMax: 1_000_000,
  variableBytesMax: 8_388_608,
  variablesTotalBytesMax: 104_857_600,
  inlineMapConcurrencyMax: 1_000,
};
