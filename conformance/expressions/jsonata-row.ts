import type { Json, JsonObject } from "@stepwell/core";

/** A row of jsonata.jsonl, from the test suite of jsonata-js/jsonata. */
export interface JsonataRow {
  readonly id: string;
  readonly group: string;
  readonly expr: string;
  /** Name of the document in jsonata-datasets.json; or the document itself; or none. */
  readonly dataset?: string;
  readonly data?: Json;
  readonly bindings: JsonObject;
  readonly expected: { readonly value?: Json; readonly undefined?: true; readonly code?: string };
  /** The elements of the expected array come in any order. */
  readonly unordered?: true;
  readonly depth?: number;
}
