/** How much a backtracking engine may have to do for a pattern in the worst case. */
import type { AST } from "@eslint-community/regexpp";

/** An upper bound for texts of one length. */
export interface RegexCost {
  /** Ways to try the pattern from one starting point, each of `nodes` steps; Infinity when they are not bounded by a polynomial. */
  readonly perStart: number;
  /** True when only the first starting point is ever tried. */
  readonly anchored: boolean;
}

/** `length` is the number of code units still to be read. */
export function regexCost(pattern: AST.Pattern, multiline: boolean, length: number): RegexCost {
  const anchored = !multiline && pattern.alternatives.every(({ elements }) => isStart(elements[0]));
  return { perStart: alternativesPaths(pattern.alternatives, length) * pattern.raw.length, anchored };
}

function isStart(element: AST.Element | undefined): boolean {
  return element?.type === "Assertion" && element.kind === "start";
}

/** A choice of ways adds up, a sequence of ways multiplies. */
function alternativesPaths(alternatives: readonly AST.Alternative[], length: number): number {
  return alternatives.reduce((sum, { elements }) => sum + elements.reduce((ways, e) => ways * paths(e, length), 1), 0);
}

function paths(element: AST.Element, length: number): number {
  switch (element.type) {
    case "Quantifier":
      return quantifierPaths(element, length);
    case "Group":
    case "CapturingGroup":
      return alternativesPaths(element.alternatives, length);
    case "Assertion":
      return "alternatives" in element ? 1 + alternativesPaths(element.alternatives, length) : 1;
    case "Backreference":
      // Comparing the captured text is a walk of its own.
      return length + 1;
    default:
      return 1;
  }
}

function quantifierPaths({ element, min, max }: AST.Quantifier, length: number): number {
  const once = paths(element, length);
  if (max <= 1) return 1 + once;
  // More than one way through the repeated part: the ways multiply with every repetition.
  if (once > 1) return Number.POSITIVE_INFINITY;
  return Math.min(max, length) - Math.min(min, length) + 1;
}
