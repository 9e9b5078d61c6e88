/** What `stepwell run` does otherwise when its file is a flow of CloudFlow. */
import {
  compileFlow,
  type FlowDiagnostic,
  type FlowStates,
  flowErrorName,
  type HistoryEvent,
  type Json,
  type StateMachineType,
} from "@stepwell/core";
import { type ExecutionDescription, FLOW_EXECUTION_SECONDS_MAX, type Flow } from "@stepwell/engine";
import type { Stepwell } from "../compose.ts";
import { isFlow } from "../convert/flow-to-asl.ts";
import type { FlowSettings } from "../flows.ts";
import { UsageError } from "../usage-error.ts";

/** Whoever runs a file can reach this machine anyway. */
const LOOPBACK_HOSTS = ["localhost", "127.0.0.0/8", "::1"];

/** Whether the JSON text of a definition is a flow. What is no JSON is none. */
export function isFlowText(definition: string): boolean {
  const value = jsonOf(definition);
  return value !== undefined && isFlow({ path: "", value });
}

function jsonOf(definition: string): Json | undefined {
  try {
    return JSON.parse(definition) as Json;
  } catch {
    return undefined;
  }
}

/** HTTP:Request may call this machine; a year is the end also where time passes by itself: nobody else is there to report. */
export function flowSettingsOfRun(settings: FlowSettings = {}): FlowSettings {
  const allow = [...(settings.allow ?? []), ...LOOPBACK_HOSTS];
  return { ...settings, allow, executionSecondsMax: FLOW_EXECUTION_SECONDS_MAX };
}

export interface FlowFile {
  readonly machineName: string;
  /** JSON text. */
  readonly definition: string;
  readonly type: StateMachineType;
}

/** Throws UsageError with all that is wrong with the flow. */
export async function createFileFlow({ flows }: Stepwell, file: FlowFile): Promise<Flow> {
  const { machineName: name, definition, type } = file;
  const result = compileFlow(jsonOf(definition) ?? null, { type });
  if (!result.ok) {
    const errors = result.diagnostics.filter(({ severity }) => severity === "ERROR");
    throw new UsageError(errors.map(sentence).join("\n"));
  }
  const executionMode = type === "EXPRESS" ? "Express" : "Standard";
  const content = { definition, compiled: result.flow, description: "", roleArn: "" };
  return flows.flows.create({ name, executionMode, ...content });
}

function sentence({ step, pointer, message }: FlowDiagnostic): string {
  return `${step === undefined ? "" : `step '${step}': `}${message}${pointer === "" ? "" : ` (${pointer})`}`;
}

/** With CloudFlow's name of the error. */
export function inFlowWords(execution: ExecutionDescription): ExecutionDescription {
  const { error } = execution;
  return error === undefined ? execution : { ...execution, error: flowErrorName(error) };
}

/** The event under the name of its step; nothing when a step is not being entered, but left or got ready. */
export function stepEvent(event: HistoryEvent, states: FlowStates): HistoryEvent | undefined {
  if (!event.type.endsWith("StateEntered")) return event;
  const name = String(event.details?.["name"] ?? "");
  const state = Object.hasOwn(states, name) ? states[name] : undefined;
  if (state === undefined || state.part === "end") return undefined;
  return { ...event, details: { ...event.details, name: state.step } };
}
