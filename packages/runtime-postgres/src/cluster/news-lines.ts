/**
 * How a node hears what others commit: one request, `POST /news`, stays open in both directions, a JSON a line. The hearer
 * says which topics it wants and wants no longer; the teller says how many lines it has taken in, and what was committed.
 */
import type { ExecutionChange } from "@stepwell/engine";

export const NEWS_PATH = "/news";
/** How often a teller shows that it is there. */
export const BEAT_MS = 1_000;

/** Of the hearer. */
export interface WantedLine {
  readonly hear?: readonly string[];
  readonly leave?: readonly string[];
}

/** Of the teller. */
export interface NewsLine {
  /** Lines of the hearer that count from here on. */
  readonly taken?: number;
  readonly changes?: readonly ExecutionChange[];
  /** Changes were left out: there were too many at once. */
  readonly missed?: boolean;
}
