import type { Construct } from "../construct.ts";
import { type Fields, renderFields } from "../fields/field-utils.ts";
import { renderPath } from "../fields/json-path.ts";
import { isReference } from "../fields/reference.ts";
import { StateMachineType } from "../machine/state-machine-type.ts";
import type { IChainable } from "./chainable.ts";
import type { ItemBatcher } from "./item-batcher.ts";
import type { IItemReader } from "./item-reader.ts";
import {
  both,
  isWholeNumber,
  MapBase,
  type MapBaseJsonataOptions,
  type MapBaseJsonPathOptions,
  type MapBaseOptions,
} from "./map-base.ts";
import { type ProcessorConfig, ProcessorMode } from "./processor-config.ts";
import { QueryLanguage } from "./query-language.ts";
import type { ResultWriter, ResultWriterV2 } from "./result-writer.ts";
import type { StateBaseProps } from "./state.ts";

interface DistributedMapOptions extends StateBaseProps, MapBaseOptions {
  /** Of the child executions; `STANDARD` unless said otherwise. */
  readonly mapExecutionType?: StateMachineType;
  readonly itemReader?: IItemReader;
  /** 0 to 100. */
  readonly toleratedFailurePercentage?: number;
  readonly toleratedFailureCount?: number;
  /** In the names of child executions: at most 40 characters, no spaces, no special ones. */
  readonly label?: string;
  readonly resultWriter?: ResultWriter;
  readonly resultWriterV2?: ResultWriterV2;
  readonly itemBatcher?: ItemBatcher;
}
export interface DistributedMapJsonPathProps extends DistributedMapOptions, MapBaseJsonPathOptions {
  /** The name of `itemSelector` before 2022; AWS still takes it. */
  readonly parameters?: Fields;
  readonly toleratedFailurePercentagePath?: string;
  readonly toleratedFailureCountPath?: string;
}
export interface DistributedMapJsonataProps extends DistributedMapOptions, MapBaseJsonataOptions {}
export interface DistributedMapProps extends DistributedMapJsonPathProps, DistributedMapJsonataProps {}

const LABEL_LENGTH_MAX = 40;
// AWS's API reference, "Distributed Map state", Label: what an execution's name may not have either.
const LABEL_REFUSED = /[\s?*<>{}[\]:;,\\|^~$#%&`"]|\p{Cc}/u;

/** Does the same with each of up to millions of items, in child executions. */
export class DistributedMap extends MapBase {
  static jsonPath(scope: Construct, id: string, props: DistributedMapJsonPathProps = {}): DistributedMap {
    return new DistributedMap(scope, id, props);
  }
  static jsonata(scope: Construct, id: string, props: DistributedMapJsonataProps = {}): DistributedMap {
    return new DistributedMap(scope, id, { ...props, queryLanguage: QueryLanguage.JSONATA });
  }
  static isDistributedMap(value: unknown): value is DistributedMap {
    return value instanceof DistributedMap;
  }

  readonly #own: DistributedMapProps;
  #inline = false;

  constructor(scope: Construct, id: string, props: DistributedMapProps = {}) {
    super(scope, id, props);
    this.#own = props;
    this.processorConfig = { mode: ProcessorMode.DISTRIBUTED };
  }

  override itemProcessor(processor: IChainable, config: ProcessorConfig = {}): this {
    if (config.executionType !== undefined && this.#own.mapExecutionType !== undefined) {
      this.node.addWarning(
        "'ProcessorConfig.executionType' is ignored, 'mapExecutionType' of the DistributedMap counts",
      );
    }
    this.#inline = config.mode === ProcessorMode.INLINE;
    return super.itemProcessor(processor, { ...config, mode: ProcessorMode.DISTRIBUTED });
  }

  override validateState(): readonly string[] {
    const own = this.#own;
    const percentage = own.toleratedFailurePercentage;
    return [
      ...super.validateState(),
      ...(this.#inline ? ["Processing mode cannot be `INLINE` for a Distributed Map"] : []),
      ...(this.processor === undefined ? ["DistributedMap must have an item processor"] : []),
      ...both("itemsPath", own.itemsPath, "itemReader", own.itemReader),
      ...both("items", own.items, "itemReader", own.itemReader),
      ...both(
        "toleratedFailurePercentage",
        percentage,
        "toleratedFailurePercentagePath",
        own.toleratedFailurePercentagePath,
      ),
      ...both(
        "toleratedFailureCount",
        own.toleratedFailureCount,
        "toleratedFailureCountPath",
        own.toleratedFailureCountPath,
      ),
      ...(isPercentage(percentage) ? [] : ["toleratedFailurePercentage must be between 0 and 100"]),
      ...(isWholeNumber(own.toleratedFailureCount) ? [] : ["toleratedFailureCount must be a positive integer"]),
      ...checkLabel(own.label),
      ...(own.itemBatcher?.validateItemBatcher() ?? []),
      ...(own.itemReader?.validateItemReader() ?? []),
      ...(this.#writer()?.validateResultWriter() ?? []),
    ];
  }

  override toStateJson(machine?: QueryLanguage): Fields {
    const own = this.#own;
    const language = this.speaksJsonata(machine) ? QueryLanguage.JSONATA : QueryLanguage.JSON_PATH;
    return {
      ...super.toStateJson(machine),
      Parameters: renderFields(this.props.parameters),
      ItemReader: own.itemReader?.render(language),
      ItemBatcher: own.itemBatcher?.render(language === QueryLanguage.JSONATA),
      // 0 is what AWS takes anyway: no failure is tolerated.
      ToleratedFailurePercentage: own.toleratedFailurePercentage || undefined,
      ToleratedFailurePercentagePath: renderPath(own.toleratedFailurePercentagePath),
      ToleratedFailureCount: own.toleratedFailureCount || undefined,
      ToleratedFailureCountPath: renderPath(own.toleratedFailureCountPath),
      Label: own.label,
      ResultWriter: this.#writer()?.render(language),
    };
  }

  protected override renderProcessorConfig(): Fields {
    return { Mode: ProcessorMode.DISTRIBUTED, ExecutionType: this.#own.mapExecutionType ?? StateMachineType.STANDARD };
  }

  protected override lacksExecutionType(): boolean {
    return false;
  }

  #writer(): ResultWriterV2 | undefined {
    return this.#own.resultWriterV2 ?? this.#own.resultWriter;
  }
}

function isPercentage(value: number | undefined): boolean {
  return value === undefined || isReference(value) || (value >= 0 && value <= 100);
}

function checkLabel(label: string | undefined): readonly string[] {
  if (label === undefined) return [];
  return [
    ...(label.length > LABEL_LENGTH_MAX ? [`label must be ${LABEL_LENGTH_MAX} characters or less`] : []),
    ...(LABEL_REFUSED.test(label) ? ["label cannot contain any whitespace or special characters"] : []),
  ];
}
