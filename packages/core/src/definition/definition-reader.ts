import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { commonState, SECONDS_MAX } from "../states/common-fields.ts";
import { STATE_KINDS } from "../states/index.ts";
import type { StateKind } from "../states/state-kind.ts";
import { type Block, BlockGraph } from "./block-graph.ts";
import { type FieldTable, readFields } from "./field.ts";
import { anything, integer, oneOf, required, text } from "./field-kinds.ts";
import { type DefinitionPath, Findings, formatPointer } from "./findings.ts";
import type { BlockKind, ParseContext, StateSite } from "./parse-context.ts";
import type {
  FlowLanguage,
  QueryLanguage,
  State,
  StateMachine,
  StateMachineType,
  StatesBlock,
} from "./state-machine.ts";

/** AWS's quota for the name of a state. */
const STATE_NAME_MAX = 80;
/** Lines of states inside lines of states; far more than anybody writes, and a bound for everything that descends. */
const BLOCK_DEPTH_MAX = 50;

const QUERY_LANGUAGES = ["JSONPath", "JSONata"] as const;

/** `QueryLanguage` is checked by `#writtenLanguage`. */
const BLOCK_FIELDS = {
  States: required(anything()),
  StartAt: required(text()),
  Comment: text(),
  QueryLanguage: anything(),
} satisfies FieldTable;

/** A processor speaks the machine's language: AWS knows no `QueryLanguage` there (measured, floci-io/floci#2968). */
const { QueryLanguage: _, ...PROCESSOR_BLOCK_FIELDS } = BLOCK_FIELDS;
const PROCESSOR_FIELDS = { ...PROCESSOR_BLOCK_FIELDS, ProcessorConfig: anything() } satisfies FieldTable;

const MACHINE_FIELDS = {
  ...BLOCK_FIELDS,
  QueryLanguage: oneOf(QUERY_LANGUAGES),
  Version: oneOf(["1.0"]),
  TimeoutSeconds: integer({ min: 1, max: SECONDS_MAX }),
} satisfies FieldTable;

export interface ReaderOptions {
  readonly type: StateMachineType;
  readonly lenientResources: boolean;
  readonly flow?: FlowLanguage | undefined;
}

/** Reads one definition. Used once; what is wrong is in `findings`. */
export class DefinitionReader implements ParseContext {
  readonly findings: Findings = new Findings();
  readonly lenientResources: boolean;
  readonly flow: FlowLanguage | undefined;
  readonly #type: StateMachineType;
  readonly #graph: BlockGraph;
  /** In order of appearance: a Map stands before the states of its processor. */
  readonly #names = new Set<string>();
  readonly #states = new Map<string, State>();
  readonly #references = new Map<string, Set<string>>();
  #language: QueryLanguage = "JSONPath";
  #depth = 0;

  constructor(options: ReaderOptions) {
    this.lenientResources = options.lenientResources;
    this.flow = options.flow;
    this.#type = options.type;
    this.#graph = new BlockGraph(options.flow !== undefined);
  }

  /** The compiled machine, of no use when there are errors among the findings. */
  readMachine(definition: JsonObject): StateMachine {
    this.#language = languageOf(definition, "JSONPath");
    const state = { name: "", path: [], language: this.#language, type: this.#type, hasResult: false, block: 0 };
    const fields = readFields(MACHINE_FIELDS, [], definition, { context: this, state, path: [] });
    const root = this.#readStates(fields, [], undefined, this.#type);
    this.findings.sort(definition);
    this.#graph.check(this.findings);
    return {
      type: this.#type,
      ...(fields.Comment !== undefined && { comment: fields.Comment }),
      queryLanguage: this.#language,
      ...(this.flow !== undefined && { flow: this.flow }),
      ...(fields.TimeoutSeconds !== undefined && { timeoutSeconds: fields.TimeoutSeconds }),
      root,
      ...this.#result(),
    };
  }

  /** A machine of one state alone, whose own transitions lead nowhere and are not checked. */
  readState(definition: Json, name: string, language: QueryLanguage): StateMachine {
    this.#language = language;
    const block = this.#graph.add([], undefined);
    this.#readState(name, definition, ["States", name], block, this.#type);
    this.findings.sort({ States: { [name]: definition } });
    for (const { name: target } of this.#graph.block(block).transitions)
      this.#graph.block(block).states.set(target, []);
    this.#graph.block(block).unclear = true;
    this.#graph.check(this.findings);
    return {
      type: this.#type,
      queryLanguage: language,
      root: { startAt: name, names: new Set([name]), pointer: "" },
      ...this.#result(),
    };
  }

  parseBlock(object: JsonObject, state: StateSite, path: DefinitionPath, kind: BlockKind): StatesBlock | undefined {
    if (this.#depth >= BLOCK_DEPTH_MAX) {
      this.findings.error("TOO_DEEPLY_NESTED", "The states are too deeply nested.", path);
      return undefined;
    }
    this.#depth++;
    const table = kind.processor ? PROCESSOR_FIELDS : BLOCK_FIELDS;
    const fields = readFields(table, [], object, { context: this, state, path });
    // A branch may speak another language than the machine, as a state may. features.md A.3.
    const outer = this.#language;
    if (!kind.processor) this.#language = this.#writtenLanguage(object, path);
    const block = this.#readStates(fields, path, kind.separateExecution ? undefined : state.block, kind.type);
    this.#language = outer;
    this.#depth--;
    return block;
  }

  addTransition(state: StateSite, target: string, path: DefinitionPath): void {
    this.#graph.addTransition(state, target, path);
  }

  addReferences(state: StateSite, variables: Iterable<string>): void {
    const known = this.#references.get(state.name) ?? new Set<string>();
    for (const variable of variables) known.add(variable);
    if (known.size > 0) this.#references.set(state.name, known);
  }

  addAssignment(state: StateSite, variable: string, path: DefinitionPath): void {
    this.#graph.addAssignment(state, variable, path);
  }

  addLabel(label: string, path: DefinitionPath): void {
    this.#graph.addLabel(label, path, this.findings);
  }

  #result(): Pick<StateMachine, "states" | "variableReferences"> {
    return {
      states: new Map([...this.#names].flatMap((name) => entryOf(this.#states, name))),
      variableReferences: new Map([...this.#references].map(([name, variables]) => [name, [...variables]])),
    };
  }

  #readStates(
    fields: { readonly StartAt?: string; readonly States?: Json },
    path: DefinitionPath,
    outer: number | undefined,
    type: StateMachineType,
  ): StatesBlock {
    const block = this.#graph.add(path, outer);
    const { StartAt: startAt, States: states } = fields;
    if (startAt !== undefined) this.#graph.block(block).startAt = startAt;
    if (startAt === undefined || states === undefined) this.#graph.block(block).incomplete = true;
    const names = new Set<string>();
    const statesPath = [...path, "States"];
    if (isJsonObject(states)) {
      if (Object.keys(states).length === 0) this.findings.schemaError("Value cannot be empty", statesPath);
      for (const [name, state] of Object.entries(states)) {
        names.add(name);
        this.#readState(name, state, [...statesPath, name], block, type);
      }
    } else if (states !== undefined) {
      this.findings.schemaError("Expected value of type Object", statesPath);
    }
    return { startAt: startAt ?? "", names, pointer: formatPointer(path) };
  }

  #readState(name: string, value: Json, path: DefinitionPath, blockNumber: number, type: StateMachineType): void {
    this.#graph.block(blockNumber).states.set(name, path);
    this.#checkName(name, path);
    const state = this.#compileState(name, value, path, blockNumber, type);
    if (state !== undefined) this.#states.set(name, state);
  }

  #checkName(name: string, path: DefinitionPath): void {
    const invalid = (what: string) => this.findings.error("INVALID_STATE_NAME", `Invalid State name: ${what}`, path);
    if ([...name].length > STATE_NAME_MAX) {
      invalid(`State '${name}' exceeds the ${STATE_NAME_MAX}-character limit allowed by the service`);
    } else if (name === "") invalid("State name cannot be empty");
    if (this.#names.has(name)) this.findings.error("DUPLICATE_STATE_NAME", `Duplicate State name: ${name}`, path);
    this.#names.add(name);
  }

  #compileState(
    name: string,
    value: Json,
    path: DefinitionPath,
    blockNumber: number,
    type: StateMachineType,
  ): State | undefined {
    if (!isJsonObject(value)) {
      this.findings.schemaError("Expected value of type Object", path);
      this.#graph.block(blockNumber).unclear = true;
      return undefined;
    }
    const language = this.#writtenLanguage(value, path);
    const kind = this.#kindOf(value, path);
    this.#noteEnd(value, kind, this.#graph.block(blockNumber));
    if (kind === undefined) return undefined;
    const hasResult = "ResultSelector" in kind.fields;
    const site = { context: this, name, path, language, type, hasResult, block: blockNumber };
    const fields = readFields(kind.fields, kind.groups, value, { context: this, state: site, path });
    const identity = { name, queryLanguage: language, pointer: formatPointer(path) };
    return kind.parse(fields, commonState(fields, identity), site);
  }

  /** Where a state leads is told by these fields alone, whatever else may be wrong with it. */
  #noteEnd(state: JsonObject, kind: StateKind<State> | undefined, block: Block): void {
    const type = state["Type"];
    if (type === "Succeed" || type === "Fail" || (state["End"] === true && type !== "Choice"))
      block.hasTerminalState = true;
    else if (type === "Choice") block.unclear ||= !isJsonArray(state["Choices"]);
    else block.unclear ||= kind === undefined || typeof state["Next"] !== "string";
  }

  #writtenLanguage(state: JsonObject, path: DefinitionPath): QueryLanguage {
    const written = Object.hasOwn(state, "QueryLanguage") ? state["QueryLanguage"] : undefined;
    if (written !== undefined && !isOneOf(QUERY_LANGUAGES, written)) {
      this.findings.schemaError(
        `The field 'QueryLanguage' should have one of these values: [${QUERY_LANGUAGES.join(", ")}]`,
        [...path, "QueryLanguage"],
      );
    }
    const language = languageOf(state, this.#language);
    if (language === "JSONPath" && this.#language === "JSONata") {
      this.findings.schemaError(
        "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
        path,
      );
    }
    return language;
  }

  #kindOf(state: JsonObject, path: DefinitionPath): StateKind<State> | undefined {
    if (!Object.hasOwn(state, "Type")) {
      this.findings.schemaError("These fields are required: [Type]", path);
      return undefined;
    }
    const type = state["Type"];
    if (typeof type === "string" && Object.hasOwn(STATE_KINDS, type)) {
      return STATE_KINDS[type as State["type"]] as StateKind<State>;
    }
    const types = Object.keys(STATE_KINDS).join(", ");
    this.findings.schemaError(`The field 'Type' should have one of these values: [${types}]`, [...path, "Type"]);
    return undefined;
  }
}

function entryOf<V>(map: ReadonlyMap<string, V>, key: string): readonly (readonly [string, V])[] {
  const value = map.get(key);
  return value === undefined ? [] : [[key, value]];
}

function isOneOf<T extends Json>(values: readonly T[], value: Json): value is T {
  return (values as readonly Json[]).includes(value);
}

/** The language an object says it speaks: anything but exactly "JSONPath" counts as JSONata, as AWS has it. */
function languageOf(object: JsonObject, otherwise: QueryLanguage): QueryLanguage {
  if (!Object.hasOwn(object, "QueryLanguage")) return otherwise;
  return object["QueryLanguage"] === "JSONPath" ? "JSONPath" : "JSONata";
}
