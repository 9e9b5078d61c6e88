/** How an answer, or a refusal, travels between nodes. */
import { NotOwned, Rejection, StoreUnavailable } from "@stepwell/engine";

/** One line of a request. */
export interface CallLine {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type AnswerLine =
  | { readonly id: number; readonly kind: "done"; readonly value?: unknown }
  | {
      readonly id: number;
      readonly kind: "rejected";
      readonly name: string;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    }
  | { readonly id: number; readonly kind: "notOwned"; readonly executionArn?: string }
  | { readonly id: number; readonly kind: "unavailable" | "failed"; readonly message: string };

export function refusalLine(id: number, error: unknown): AnswerLine {
  if (error instanceof Rejection) {
    return { id, kind: "rejected", name: error.name, message: error.message, details: error.details };
  }
  if (error instanceof NotOwned) {
    const { executionArn } = error;
    return { id, kind: "notOwned", ...(executionArn === undefined ? {} : { executionArn }) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { id, kind: error instanceof StoreUnavailable ? "unavailable" : "failed", message };
}

/** The error an answer stands for; `undefined` when it is none. */
export function errorOf(answer: AnswerLine): Error | undefined {
  switch (answer.kind) {
    case "done":
      return undefined;
    case "rejected":
      return new Rejection(answer.name, answer.message, answer.details);
    case "notOwned":
      return new NotOwned(answer.executionArn);
    case "unavailable":
      return new StoreUnavailable(answer.message);
    case "failed":
      return new Error(`another node failed: ${answer.message}`);
  }
}
