export interface Facet {
  readonly value: string;
  readonly count: number;
}

const FACETS_MAX = 4;

/** The most frequent values, most frequent first; those that have none do not count. */
export function facetsOf<Item>(items: readonly Item[], facetOf: (item: Item) => string | undefined): readonly Facet[] {
  const counts = new Map<string, number>();
  for (const item of items) {
    const value = facetOf(item);
    if (value !== undefined && value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, FACETS_MAX);
}
