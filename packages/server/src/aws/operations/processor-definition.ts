import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";

/** A definition that AWS accepts is not nested deeper. */
const DEPTH_MAX = 100;

/**
 * The processor of a Distributed Map as a definition of its own: what the children of its runs are. Where the definition
 * is hidden, it stays so.
 */
export function processorDefinition(definition: string, stateName: string): string {
  const found = findState(JSON.parse(definition) as Json, stateName, DEPTH_MAX);
  const processor = found?.state["ItemProcessor"];
  if (found === undefined || !isJsonObject(processor)) return "{}";
  const { ProcessorConfig: _, ...rest } = processor;
  // A processor speaks the language of what it is in, until it says otherwise.
  const { queryLanguage } = found;
  return JSON.stringify(queryLanguage === undefined ? rest : { QueryLanguage: queryLanguage, ...rest });
}

interface FoundState {
  readonly state: JsonObject;
  readonly queryLanguage: Json | undefined;
}

function findState(value: Json, name: string, depth: number, outer?: Json): FoundState | undefined {
  if (depth === 0) return undefined;
  if (isJsonArray(value)) return first(value, (item) => findState(item, name, depth - 1, outer));
  if (!isJsonObject(value)) return undefined;
  const states = value["States"];
  // A state's own language is not that of the states inside it.
  const queryLanguage = (isJsonObject(states) ? value["QueryLanguage"] : undefined) ?? outer;
  if (isJsonObject(states) && Object.hasOwn(states, name)) {
    const state = states[name];
    if (isJsonObject(state)) return { state, queryLanguage };
  }
  const inside = isJsonObject(states)
    ? Object.values(states)
    : [value["ItemProcessor"], value["Iterator"], value["Branches"]];
  return first(inside, (item) => (item === undefined ? undefined : findState(item, name, depth - 1, queryLanguage)));
}

function first<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
