/** What the reading thread is asked, and answers: one answer to each chunk, and to the end of a file. */
import { DamagedData, StatesErrorSignal } from "@stepwell/core/rows";
import type { RowParserState } from "./row-parser.ts";

export type ReadingRequest =
  /** A file is begun, or gone on with. */
  | { readonly kind: "open"; readonly file: number; readonly state: RowParserState }
  | { readonly kind: "chunk"; readonly file: number; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly file: number }
  /** Nobody wants more of it. */
  | { readonly kind: "close"; readonly file: number };

export type ReadingAnswer = { readonly kind: "ready" } | RowsAnswer;

export interface RowsAnswer {
  readonly kind: "rows";
  readonly file: number;
  readonly parts: readonly RowsPart[];
  /** Where an error would be behind them: `row 7`. */
  readonly place: string;
  /** What came behind the rows: there are no more. */
  readonly failure?: ReadingFailure;
}

/** Rows as compact JSON texts, one behind the other, and their lengths in UTF-16 units. */
export interface RowsPart {
  readonly text: string;
  readonly lengths: Uint32Array<ArrayBuffer>;
}

export type ReadingFailure =
  | { readonly kind: "damaged"; readonly message: string; readonly place: string | undefined }
  | { readonly kind: "states"; readonly error: string; readonly cause: string }
  /** What none of its work should throw. */
  | { readonly kind: "problem"; readonly message: string };

export function failureOf(error: unknown): ReadingFailure {
  if (error instanceof DamagedData) return { kind: "damaged", message: error.message, place: error.place };
  if (error instanceof StatesErrorSignal) {
    const { error: name = "", cause = "" } = error.statesError;
    return { kind: "states", error: name, cause };
  }
  return { kind: "problem", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

export function errorOf(failure: ReadingFailure): Error {
  if (failure.kind === "damaged") return new DamagedData(failure.message, failure.place);
  if (failure.kind === "states") return new StatesErrorSignal(failure.error, failure.cause);
  return new Error(`the reading thread: ${failure.message}`);
}
