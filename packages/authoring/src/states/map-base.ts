import type { Construct } from "../construct.ts";
import { type Fields, renderFields, withoutReferences } from "../fields/field-utils.ts";
import { renderPath } from "../fields/json-path.ts";
import { isJsonataExpression } from "../fields/jsonata.ts";
import { isReference } from "../fields/reference.ts";
import { FallibleState } from "./chain.ts";
import type { IChainable } from "./chainable.ts";
import { type ProcessorConfig, ProcessorMode } from "./processor-config.ts";
import type { QueryLanguage } from "./query-language.ts";
import type { AssignableStateOptions, JsonataCommonOptions, JsonPathResultOptions, StateBaseProps } from "./state.ts";
import { StateGraph } from "./state-graph.ts";

/** The items of a JSONata Map. */
export class ProvideItems {
  static jsonArray(array: readonly unknown[]): ProvideItems {
    return new ProvideItems(array);
  }
  static jsonata(expression: string): ProvideItems {
    return new ProvideItems(expression);
  }

  readonly items: unknown;

  private constructor(items: unknown) {
    this.items = items;
  }
}

export interface MapBaseOptions extends AssignableStateOptions {
  /** 0 is no limit. */
  readonly maxConcurrency?: number;
  /** A JSONata expression. */
  readonly jsonataMaxConcurrency?: string;
  readonly itemSelector?: Fields;
  /** A JSONata expression. */
  readonly jsonataItemSelector?: string;
}
export interface MapBaseJsonPathOptions extends JsonPathResultOptions {
  readonly itemsPath?: string;
  readonly maxConcurrencyPath?: string;
}
export interface MapBaseJsonataOptions extends JsonataCommonOptions {
  readonly items?: ProvideItems;
}
export interface MapBaseProps extends StateBaseProps, MapBaseOptions, MapBaseJsonPathOptions, MapBaseJsonataOptions {}

/** What inline and distributed Maps share. */
export abstract class MapBase extends FallibleState {
  protected processor: IChainable | undefined;
  protected processorConfig: ProcessorConfig = {};
  protected readonly map: MapBaseProps;

  constructor(scope: Construct, id: string, props: MapBaseProps) {
    super(scope, id, props);
    this.map = props;
  }

  /** What is done with each item. */
  itemProcessor(processor: IChainable, config: ProcessorConfig = {}): this {
    this.processor = processor;
    this.processorConfig = config;
    return this;
  }

  override innerGraphs(): readonly StateGraph[] {
    return this.processor === undefined ? [] : [this.graphOf(this.processor)];
  }

  override validateState(): readonly string[] {
    const { maxConcurrency, maxConcurrencyPath, jsonataMaxConcurrency, itemSelector, jsonataItemSelector } = this.map;
    return [
      ...(this.lacksExecutionType() ? ["You must specify an execution type for the distributed Map workflow"] : []),
      ...both("maxConcurrency", maxConcurrency, "maxConcurrencyPath", maxConcurrencyPath),
      ...both("maxConcurrency", maxConcurrency, "jsonataMaxConcurrency", jsonataMaxConcurrency),
      ...both("itemSelector", itemSelector, "jsonataItemSelector", jsonataItemSelector),
      ...(jsonataItemSelector === undefined || isJsonataExpression(jsonataItemSelector)
        ? []
        : ["The `jsonataItemSelector` property must be a valid JSONata expression"]),
      ...(isWholeNumber(maxConcurrency) ? [] : ["maxConcurrency has to be a positive integer"]),
    ];
  }

  toStateJson(machine?: QueryLanguage): Fields {
    return {
      Type: "Map",
      Comment: this.props.comment,
      ...this.renderQueryLanguage(machine),
      ...this.renderNextEnd(),
      ...this.renderInputOutput(),
      ...this.renderResult(),
      ...this.renderRetryCatch(machine),
      Items: this.map.items?.items,
      ItemsPath: renderPath(this.map.itemsPath),
      ItemSelector: this.#itemSelector(machine),
      ItemProcessor: this.#itemProcessorJson(machine),
      // 0 is what AWS takes anyway: no limit.
      MaxConcurrency: this.map.maxConcurrency || this.map.jsonataMaxConcurrency,
      MaxConcurrencyPath: renderPath(this.map.maxConcurrencyPath),
      ...this.renderAssign(machine),
    };
  }

  protected graphOf(processor: IChainable): StateGraph {
    return new StateGraph(processor.startState, `Map '${this.stateId}' item processor`);
  }

  protected renderProcessorConfig(): Fields {
    const { mode = ProcessorMode.INLINE, executionType } = this.processorConfig;
    return { Mode: mode, ExecutionType: mode === ProcessorMode.DISTRIBUTED ? executionType : undefined };
  }

  protected lacksExecutionType(): boolean {
    return this.processorConfig.mode === ProcessorMode.DISTRIBUTED && this.processorConfig.executionType === undefined;
  }

  #itemSelector(machine: QueryLanguage | undefined): unknown {
    const { itemSelector, jsonataItemSelector } = this.map;
    if (jsonataItemSelector !== undefined) return jsonataItemSelector;
    return this.speaksJsonata(machine) ? withoutReferences(itemSelector) : renderFields(itemSelector);
  }

  #itemProcessorJson(machine: QueryLanguage | undefined): Fields | undefined {
    if (this.processor === undefined) return undefined;
    return {
      ProcessorConfig: this.renderProcessorConfig(),
      ...this.graphOf(this.processor).toGraphJson(machine, true),
    };
  }
}

/** A finding when two properties that exclude each other are both given. */
export function both(one: string, first: unknown, other: string, second: unknown): readonly string[] {
  if (first === undefined || second === undefined) return [];
  return [`Provide either \`${one}\` or \`${other}\`, but not both`];
}

/** Also true of what is not given, and of a number that is known only at run time. */
export function isWholeNumber(value: number | undefined): boolean {
  return value === undefined || isReference(value) || (Number.isSafeInteger(value) && value >= 0);
}
