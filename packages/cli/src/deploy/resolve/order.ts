/** Things in the order of their dependencies, and the cycle that keeps some from having one. */
export type Ordered = { readonly order: readonly string[] } | { readonly cycle: readonly string[] };

/** Stable: what is free comes in the order given. Names in `needs` that are not among `names` are ignored. */
export function inOrder(names: readonly string[], needs: (name: string) => Iterable<string>): Ordered {
  const known = new Set(names);
  const done = new Set<string>();
  const order: string[] = [];
  for (const start of names) {
    // Iterative, so that a long chain does not use up the stack.
    const path: { readonly name: string; readonly rest: Iterator<string> }[] = [];
    const enter = (name: string): void => void path.push({ name, rest: needs(name)[Symbol.iterator]() });
    if (!done.has(start)) enter(start);
    while (path.length > 0) {
      const top = path.at(-1) as (typeof path)[number];
      const next = top.rest.next();
      if (next.done === true) {
        path.pop();
        done.add(top.name);
        order.push(top.name);
      } else if (known.has(next.value) && !done.has(next.value)) {
        const at = path.findIndex(({ name }) => name === next.value);
        if (at >= 0) return { cycle: [...path.slice(at).map(({ name }) => name), next.value] };
        enter(next.value);
      }
    }
  }
  return { order };
}
