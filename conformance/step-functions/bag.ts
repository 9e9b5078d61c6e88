import type { PlaceholderTable } from "./placeholders.ts";

const TRIALS_MAX = 20_000;

/** Too many ways to pair two bags were tried. */
class TooManyPairings extends Error {
  override readonly name = "TooManyPairings";
}

/**
 * Finds for each expected element another actual one that is like it, with one consistent meaning of the placeholders
 * (backtracking; at most 20,000 trials). Returns undefined when all have found theirs, else the index of the first
 * expected element that could not be placed. Binds `placeholders` on success only.
 */
export function matchBag<T>(
  expected: readonly T[],
  actual: readonly T[],
  alike: (want: T, have: T, placeholders: PlaceholderTable) => boolean,
  placeholders: PlaceholderTable,
): number | undefined {
  let trials = 0;
  let deepest = 0;
  const place = (index: number, used: ReadonlySet<number>, table: PlaceholderTable): PlaceholderTable | undefined => {
    deepest = Math.max(deepest, index);
    if (index === expected.length) return table;
    for (let candidate = 0; candidate < actual.length; candidate += 1) {
      if (used.has(candidate)) continue;
      trials += 1;
      if (trials > TRIALS_MAX) throw new TooManyPairings(`${expected.length} elements with ${actual.length}`);
      const fork = table.fork();
      if (!alike(expected[index]!, actual[candidate]!, fork)) continue;
      const placed = place(index + 1, new Set([...used, candidate]), fork);
      if (placed !== undefined) return placed;
    }
    return undefined;
  };
  const placed = place(0, new Set(), placeholders);
  if (placed === undefined) return deepest;
  placeholders.adopt(placed);
  return undefined;
}
