import { type Fields, toDefinitionJson } from "../fields/field-utils.ts";
import { type AuthoringDiagnostic, Misuse } from "../misuse.ts";
import type { QueryLanguage } from "./query-language.ts";
import { State } from "./state.ts";

// Graphs in graphs: more is not what a person writes, and the service limits a definition's length anyway.
const DEPTH_MAX = 50;

/** The states of a machine, a branch or an item processor: all that can be reached from its first one. */
export class StateGraph {
  readonly startState: State;
  readonly description: string;

  constructor(startState: State, description: string) {
    this.startState = startState;
    this.description = description;
  }

  states(): readonly State[] {
    return State.findReachableStates(this.startState, { includeErrorHandlers: true });
  }

  /** `StartAt` and `States`. machine: the language of the whole machine; inner: inside a Map or Parallel. */
  toGraphJson(machine?: QueryLanguage, inner: boolean = false): Fields {
    const states = this.states().map((state) => {
      const json = render(state, machine);
      // As the CDK does: inside another state, one that was said to speak JSONata says so in any machine.
      const QueryLanguage = inner ? state.ownQueryLanguage : undefined;
      return [state.stateId, QueryLanguage === "JSONata" ? { ...(json as Fields), QueryLanguage } : json] as const;
    });
    return { StartAt: this.startState.stateId, States: Object.fromEntries(states) };
  }

  /** Every state of this graph and of those inside it. */
  allStates(depth: number = 0): readonly State[] {
    if (depth > DEPTH_MAX) throw new Misuse(this.startState.node.path, `more than ${DEPTH_MAX} graphs deep`);
    return this.states().flatMap((state) => [
      state,
      ...state.innerGraphs().flatMap((graph) => graph.allStates(depth + 1)),
    ]);
  }

  /** What is wrong with the graph and its states, before anything is rendered. */
  validate(): readonly AuthoringDiagnostic[] {
    const findings: AuthoringDiagnostic[] = [];
    const tell = (state: State, message: string): void => {
      findings.push({ severity: "ERROR", path: state.node.path, message });
    };
    const names = new Map<string, State>();
    for (const state of this.allStates()) {
      for (const message of state.validateState()) tell(state, message);
      const other = names.get(state.stateId);
      if (other === state)
        tell(state, `State '${state.stateId}' is used in more than one graph; it can be in one only`);
      else if (other !== undefined)
        tell(state, `State with name '${state.stateId}' occurs twice. All states must have unique names.`);
      names.set(state.stateId, state);
    }
    return findings;
  }
}

function render(state: State, machine: QueryLanguage | undefined): unknown {
  try {
    return toDefinitionJson(state.toStateJson(machine));
  } catch (error) {
    throw error instanceof Misuse ? located(error, state) : error;
  }
}

// Values do not know which state they are written into; the state does.
function located(error: Misuse, state: State): Misuse {
  const { path } = state.node;
  if (error.diagnostics.every((diagnostic) => diagnostic.path.startsWith(path))) return error;
  return Misuse.of(error.diagnostics.map((diagnostic) => ({ ...diagnostic, path })));
}
