import type { Construct } from "../construct.ts";
import { type Fields, renderFields } from "../fields/field-utils.ts";
import type { IChainable } from "./chainable.ts";
import { MapBase, type MapBaseJsonataOptions, type MapBaseJsonPathOptions, type MapBaseOptions } from "./map-base.ts";
import { QueryLanguage } from "./query-language.ts";
import type { StateBaseProps } from "./state.ts";
import type { StateGraph } from "./state-graph.ts";

interface MapOptions extends StateBaseProps, MapBaseOptions {
  /** The name of `itemSelector` before 2022; AWS still takes it. */
  readonly parameters?: Fields;
}
export interface MapJsonPathProps extends MapOptions, MapBaseJsonPathOptions {}
export interface MapJsonataProps extends MapOptions, MapBaseJsonataOptions {}
export interface MapProps extends MapJsonPathProps, MapJsonataProps {}

/** Does the same with each item of a list, inside the execution. */
class InlineMap extends MapBase {
  static jsonPath(scope: Construct, id: string, props: MapJsonPathProps = {}): InlineMap {
    return new InlineMap(scope, id, props);
  }
  static jsonata(scope: Construct, id: string, props: MapJsonataProps = {}): InlineMap {
    return new InlineMap(scope, id, { ...props, queryLanguage: QueryLanguage.JSONATA });
  }

  #iterator: IChainable | undefined;

  constructor(scope: Construct, id: string, props: MapProps = {}) {
    super(scope, id, props);
  }

  /** The name of `itemProcessor` before 2022; AWS still takes what it writes. */
  iterator(iterator: IChainable): this {
    this.#iterator = iterator;
    return this;
  }

  override innerGraphs(): readonly StateGraph[] {
    const inner = super.innerGraphs();
    return this.#iterator === undefined ? inner : [...inner, this.graphOf(this.#iterator)];
  }

  override validateState(): readonly string[] {
    const findings = [...super.validateState()];
    const processors = [this.#iterator, this.processor].filter((processor) => processor !== undefined).length;
    if (processors === 0)
      findings.push("Map state must either have a non-empty iterator or a non-empty item processor");
    if (processors === 2) findings.push("Map state cannot have both an iterator and an item processor");
    if (this.props.parameters !== undefined && this.map.itemSelector !== undefined) {
      findings.push("Map state cannot have both parameters and an item selector");
    }
    return findings;
  }

  override toStateJson(machine?: QueryLanguage): Fields {
    const iterator = this.#iterator === undefined ? undefined : this.graphOf(this.#iterator).toGraphJson(machine, true);
    return { ...super.toStateJson(machine), Parameters: renderFields(this.props.parameters), Iterator: iterator };
  }
}

export { InlineMap as Map };
