import type { JsonObject } from "../json.ts";
import type { DefinitionPath, Findings } from "./findings.ts";
import type { FlowLanguage, QueryLanguage, StateMachineType, StatesBlock } from "./state-machine.ts";

/** What is known while one definition is read. */
export interface ParseContext {
  readonly findings: Findings;
  /** Resources need not be AWS ARNs. */
  readonly lenientResources: boolean;
  /** The definition was compiled from a flow of this language. */
  readonly flow: FlowLanguage | undefined;
  /** Reads a nested line of states at `path` in a field of `state`; `undefined` when it is not one. */
  parseBlock(object: JsonObject, state: StateSite, path: DefinitionPath, kind: BlockKind): StatesBlock | undefined;
  /** Notes that a state may go to another one of its block. `path` is the place that names the target. */
  addTransition(state: StateSite, target: string, path: DefinitionPath): void;
  /** Notes that a state refers to variables. */
  addReferences(state: StateSite, variables: Iterable<string>): void;
  /** Notes that a state assigns a variable. `path` is that of the variable's name in `Assign`. */
  addAssignment(state: StateSite, variable: string, path: DefinitionPath): void;
  /** Notes the label of a Map, unique in a machine. */
  addLabel(label: string, path: DefinitionPath): void;
}

export interface BlockKind {
  /** The processor of a Map, which may have a `ProcessorConfig`. */
  readonly processor: boolean;
  /** A Distributed Map's processor runs in executions of its own: outer variables do not exist there. */
  readonly separateExecution: boolean;
  /** What its states run as. */
  readonly type: StateMachineType;
}

/** The state whose fields are being read. */
export interface StateSite {
  readonly name: string;
  readonly path: DefinitionPath;
  readonly language: QueryLanguage;
  /** The type of the executions the state runs in: the machine's, or that of a Distributed Map's children. */
  readonly type: StateMachineType;
  /** True for the types whose work has a result: Task, Parallel, Map. */
  readonly hasResult: boolean;
  /** The block the state belongs to, by number. */
  readonly block: number;
}
