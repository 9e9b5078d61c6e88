import { type Fields, renderFields } from "../fields/field-utils.ts";
import { renderPath } from "../fields/json-path.ts";
import { both, isWholeNumber } from "./map-base.ts";

export interface ItemBatcherProps {
  readonly maxItemsPerBatch?: number;
  readonly maxItemsPerBatchPath?: string;
  /** At most 262,144. */
  readonly maxInputBytesPerBatch?: number;
  readonly maxInputBytesPerBatchPath?: string;
  /** Given to every batch beside its items. */
  readonly batchInput?: Fields;
}

/** How the items of a distributed Map are put together for one child execution. */
export class ItemBatcher {
  readonly #props: ItemBatcherProps;

  constructor(props: ItemBatcherProps) {
    this.#props = props;
  }

  render(jsonata: boolean = false): Fields {
    const { maxItemsPerBatch, maxItemsPerBatchPath, maxInputBytesPerBatch, maxInputBytesPerBatchPath } = this.#props;
    return {
      MaxItemsPerBatch: maxItemsPerBatch,
      MaxItemsPerBatchPath: renderPath(maxItemsPerBatchPath),
      MaxInputBytesPerBatch: maxInputBytesPerBatch,
      MaxInputBytesPerBatchPath: renderPath(maxInputBytesPerBatchPath),
      BatchInput: jsonata ? this.#props.batchInput : renderFields(this.#props.batchInput),
    };
  }

  validateItemBatcher(): readonly string[] {
    const { maxItemsPerBatch, maxItemsPerBatchPath, maxInputBytesPerBatch, maxInputBytesPerBatchPath } = this.#props;
    const maxima = [maxItemsPerBatch, maxItemsPerBatchPath, maxInputBytesPerBatch, maxInputBytesPerBatchPath];
    return [
      ...(maxima.some(Boolean) ? [] : ["Provide at least one value to the ItemBatcher"]),
      ...both("maxItemsPerBatch", maxItemsPerBatch, "maxItemsPerBatchPath", maxItemsPerBatchPath),
      ...both("maxInputBytesPerBatch", maxInputBytesPerBatch, "maxInputBytesPerBatchPath", maxInputBytesPerBatchPath),
      ...(isWholeNumber(maxItemsPerBatch) ? [] : ["maxItemsPerBatch must be a positive integer"]),
      ...(isWholeNumber(maxInputBytesPerBatch) ? [] : ["maxInputBytesPerBatch must be a positive integer"]),
    ];
  }
}
