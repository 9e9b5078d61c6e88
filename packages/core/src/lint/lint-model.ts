/** A definition as the lint rules read it: raw fields with their places, nested states too. Tolerates what is invalid. */
import type { DefinitionPath } from "../definition/findings.ts";
import type { QueryLanguage, StateMachineType } from "../definition/state-machine.ts";
import { parseTaskResource } from "../definition/task-resource.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";

export interface LintBlock {
  readonly startAt: string;
  readonly states: readonly LintState[];
  /** The state whose branch or processor it is; absent at the top level. */
  readonly holder?: LintState;
}

export interface LintState {
  readonly name: string;
  readonly type: string;
  readonly fields: JsonObject;
  readonly path: DefinitionPath;
  readonly queryLanguage: QueryLanguage;
  readonly block: LintBlock;
  /** Branches of a Parallel, or the processor of a Map. */
  readonly blocks: readonly LintBlock[];
  /** Of a Task. */
  readonly resource?: ReturnType<typeof parseTaskResource>;
}

export interface LintModel {
  readonly definition: JsonObject;
  readonly type: StateMachineType;
  readonly root: LintBlock;
  /** All states, in order of appearance. */
  readonly states: readonly LintState[];
}

/** Blocks deeper than this are not looked at: no valid definition has them. */
const DEPTH_MAX = 60;

export function lintModel(definition: JsonObject, type: StateMachineType): LintModel {
  const states: LintState[] = [];
  const language = languageOf(definition, "JSONPath");
  const root = readBlock(definition, { path: [], language, states, depth: 0 });
  return { definition, type, root, states };
}

interface Reading {
  readonly path: DefinitionPath;
  readonly language: QueryLanguage;
  readonly states: LintState[];
  readonly depth: number;
  readonly holder?: LintState;
}

function readBlock(fields: JsonObject, reading: Reading): LintBlock {
  const own: LintState[] = [];
  const block: LintBlock = {
    startAt: textOf(fields["StartAt"]) ?? "",
    states: own,
    ...(reading.holder === undefined ? {} : { holder: reading.holder }),
  };
  const states = fields["States"];
  if (!isJsonObject(states) || reading.depth > DEPTH_MAX) return block;
  for (const [name, state] of Object.entries(states)) {
    if (!isJsonObject(state)) continue;
    own.push(readState(name, state, block, { ...reading, path: [...reading.path, "States", name] }));
  }
  return block;
}

function readState(name: string, fields: JsonObject, block: LintBlock, reading: Reading): LintState {
  const blocks: LintBlock[] = [];
  const language = languageOf(fields, reading.language);
  const resource = fields["Type"] === "Task" ? parseTaskResource(textOf(fields["Resource"]) ?? "") : undefined;
  const state: LintState = {
    name,
    type: textOf(fields["Type"]) ?? "",
    fields,
    path: reading.path,
    queryLanguage: language,
    block,
    blocks,
    ...(resource === undefined ? {} : { resource }),
  };
  reading.states.push(state);
  const inner = { language, states: reading.states, depth: reading.depth + 1, holder: state };
  const branches = fields["Branches"];
  if (isJsonArray(branches)) {
    for (const [i, branch] of branches.entries()) {
      if (isJsonObject(branch)) blocks.push(readBlock(branch, { ...inner, path: [...reading.path, "Branches", i] }));
    }
  }
  for (const member of ["ItemProcessor", "Iterator"]) {
    const processor = fields[member];
    if (isJsonObject(processor)) blocks.push(readBlock(processor, { ...inner, path: [...reading.path, member] }));
  }
  return state;
}

function languageOf(fields: JsonObject, outer: QueryLanguage): QueryLanguage {
  const own = fields["QueryLanguage"];
  return own === "JSONata" || own === "JSONPath" ? own : outer;
}

export function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A number as it stands, also as an expression of nothing else. */
export function numberOf(value: Json | undefined): number | undefined {
  if (typeof value === "number") return value;
  const constant = typeof value === "string" ? /^\{%\s*(\d+(?:\.\d+)?)\s*%\}$/.exec(value)?.[1] : undefined;
  return constant === undefined ? undefined : Number(constant);
}

export function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

export function listOf(value: Json | undefined): readonly Json[] {
  return isJsonArray(value) ? value : [];
}

/** `Parameters`, or `Arguments` in JSONata. */
export function argumentsOf({ fields, queryLanguage }: LintState): Json | undefined {
  return fields[queryLanguage === "JSONata" ? "Arguments" : "Parameters"];
}

export function isDistributed({ fields }: LintState): boolean {
  return objectOf(objectOf(fields["ItemProcessor"])["ProcessorConfig"])["Mode"] === "DISTRIBUTED";
}

/** The states of a block and of all in it, the branches and processors of these. */
export function* within(block: LintBlock): Generator<LintState> {
  for (const state of block.states) {
    yield state;
    for (const inner of state.blocks) yield* within(inner);
  }
}

/** The Maps and Parallels around a state, from the inside out. */
export function* holdersOf(state: LintState): Generator<LintState> {
  for (let { holder } = state.block; holder !== undefined; holder = holder.block.holder) yield holder;
}

/** Whether the state's executions are Express: the machine is, or the nearest Distributed Map's children are. */
export function runsExpress(model: LintModel, state: LintState): boolean {
  for (const holder of holdersOf(state)) {
    if (!isDistributed(holder)) continue;
    return objectOf(objectOf(holder.fields["ItemProcessor"])["ProcessorConfig"])["ExecutionType"] === "EXPRESS";
  }
  return model.type === "EXPRESS";
}

/** Where a state may go to, with the place of the field that says so. */
export function transitionsOf(state: LintState): { readonly to: string; readonly path: DefinitionPath }[] {
  const found: { to: string; path: DefinitionPath }[] = [];
  const add = (to: Json | undefined, path: DefinitionPath): void => {
    if (typeof to === "string") found.push({ to, path: [...state.path, ...path] });
  };
  add(state.fields["Next"], ["Next"]);
  for (const [i, rule] of listOf(state.fields["Choices"]).entries())
    add(objectOf(rule)["Next"], ["Choices", i, "Next"]);
  add(state.fields["Default"], ["Default"]);
  for (const [i, catcher] of listOf(state.fields["Catch"]).entries()) {
    add(objectOf(catcher)["Next"], ["Catch", i, "Next"]);
  }
  return found;
}

/** Every text in a value, with its place; keys ending in `.$` are told apart by their place. */
export function* textsIn(
  value: Json | undefined,
  path: DefinitionPath,
): Generator<{ text: string; path: DefinitionPath }> {
  if (typeof value === "string") yield { text: value, path };
  else if (isJsonArray(value)) for (const [i, item] of value.entries()) yield* textsIn(item, [...path, i]);
  else if (isJsonObject(value)) for (const [key, item] of Object.entries(value)) yield* textsIn(item, [...path, key]);
}

/** The texts of a state's own fields, not those of states inside it. */
export function* ownTexts(state: LintState): Generator<{ text: string; path: DefinitionPath }> {
  for (const [key, value] of Object.entries(state.fields)) {
    if (key === "Branches" || key === "Comment") continue;
    if (key === "ItemProcessor" || key === "Iterator") continue;
    yield* textsIn(value, [...state.path, key]);
  }
}

/** The expression in `{% … %}`; undefined for any other text. */
export function jsonataOf(text: string): string | undefined {
  return /^\{%([\s\S]*)%\}$/.exec(text)?.[1];
}
