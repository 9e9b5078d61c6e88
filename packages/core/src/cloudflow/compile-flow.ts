/**
 * CloudFlow's two languages, compiled to the one that the core runs (cloudflow.md 5 to 8). A flow is a value: YAML and JSON are read
 * elsewhere.
 *
 * L1. What a flow means is said in ASL with JSONata; the core knows of flows only what `StateMachine.flow` says.
 * L2. A flow that cannot be said so is refused, with the name of its step and the reason; all findings come at once.
 */
import { parseStateMachine } from "../definition/parse-state-machine.ts";
import type { FlowLanguage, StateMachineType } from "../definition/state-machine.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { type FlowDiagnostic, FlowFindings, FlowNode, shown } from "./flow-findings.ts";
import type { FlowStates } from "./flow-states.ts";
import { StatesCompiler } from "./states-flow.ts";
import { StepsCompiler } from "./steps-flow.ts";

export type { FlowDiagnostic } from "./flow-findings.ts";
export type { FlowState, FlowStates } from "./flow-states.ts";

export interface FlowOptions {
  /** The execution mode: `Standard` is STANDARD. */
  readonly type?: StateMachineType;
  /** ASL as AWS has it, of nearly the same meaning, instead of what runs here. */
  readonly plain?: boolean;
}

export interface CompiledFlow {
  readonly language: FlowLanguage;
  /** The name the definition gives itself. */
  readonly name?: string;
  readonly description?: string;
  /** ASL; to be parsed with `flow: language` unless it is plain. */
  readonly definition: JsonObject;
  readonly states: FlowStates;
}

export type FlowResult =
  | { readonly ok: true; readonly flow: CompiledFlow; readonly diagnostics: readonly FlowDiagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly FlowDiagnostic[] };

/** Levels of mappings and lists; a bound for everything that descends into a flow. */
const DEPTH_MAX = 200;

function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member: Json) => isDeeper(member, levels - 1));
}

/** Compiles a flow of either language. Never throws for what is wrong with it. */
export function compileFlow(value: Json, { type = "STANDARD", plain = false }: FlowOptions = {}): FlowResult {
  const findings = new FlowFindings();
  if (isDeeper(value, DEPTH_MAX)) {
    findings.add("ERROR", "", `is nested more than ${DEPTH_MAX} deep`);
    return { ok: false, diagnostics: findings.all };
  }
  const flow = isJsonObject(value) ? compileNode(new FlowNode(value, "", findings), type, plain) : undefined;
  if (!isJsonObject(value)) findings.add("ERROR", "", `must be a mapping, got ${shown(value)}`);
  if (flow === undefined || findings.refused) return { ok: false, diagnostics: findings.all };
  if (!plain) checkCompiled(flow, type, findings);
  if (findings.refused) return { ok: false, diagnostics: findings.all };
  return { ok: true, flow, diagnostics: findings.all };
}

function compileNode(node: FlowNode, type: StateMachineType, plain: boolean): CompiledFlow | undefined {
  if (node.get("Type") === "StateMachine") {
    const compiler = new StatesCompiler(type, plain);
    return compiled("states", node, "Name", compiler.flow(node), compiler.states);
  }
  if (node.get("type") === "flow") {
    const compiler = new StepsCompiler(plain);
    return compiled("steps", node, "name", compiler.flow(node), compiler.states);
  }
  return node.refuse("neither 'type: flow' nor 'Type: StateMachine'");
}

function compiled(
  language: FlowLanguage,
  node: FlowNode,
  nameField: string,
  definition: JsonObject,
  states: FlowStates,
): CompiledFlow {
  const name = node.text(nameField);
  const description = node.text(language === "states" ? "Description" : "description");
  return {
    language,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    definition,
    states,
  };
}

/** What the core cannot take of the compiled definition is refused here, not when it runs. */
function checkCompiled(flow: CompiledFlow, type: StateMachineType, findings: FlowFindings): void {
  const parsed = parseStateMachine(JSON.stringify(flow.definition), { type, flow: flow.language });
  if (parsed.ok) return;
  for (const { severity, message, location } of parsed.diagnostics) {
    if (severity !== "ERROR") continue;
    const state = Object.keys(flow.states).find((name) => location?.includes(`/States/${name}/`));
    const step = state === undefined ? undefined : flow.states[state]?.step;
    findings.add("ERROR", "", `cannot be run: ${message} (${location ?? "the whole flow"})`, step);
  }
}
