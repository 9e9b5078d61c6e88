import type { Json } from "@stepwell/core";

/** Rows of one file as its reader gives them: some hundred at once, never none. */
export type RowBatch =
  | {
      readonly values: readonly Json[];
      /** Of an object's members: their names, beside the `{Key, Value}` pairs in `values`. */
      readonly keys?: readonly string[];
    }
  /** Compact JSON. */
  | { readonly texts: readonly string[] };

export function rowsIn(batch: RowBatch): number {
  return "texts" in batch ? batch.texts.length : batch.values.length;
}

export interface RowOptions {
  /** Rows to pass over at the beginning. */
  readonly skip: number;
}
