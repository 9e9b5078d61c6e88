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
    const open = new Set<string>();
    const enter = (name: string): void => {
      path.push({ name, rest: needs(name)[Symbol.iterator]() });
      open.add(name);
    };
    if (!done.has(start)) enter(start);
    while (path.length > 0) {
      const top = path.at(-1) as (typeof path)[number];
      const next = top.rest.next();
      if (next.done === true) {
        path.pop();
        open.delete(top.name);
        done.add(top.name);
        order.push(top.name);
      } else if (known.has(next.value) && !done.has(next.value)) {
        if (open.has(next.value)) {
          const names = path.map(({ name }) => name);
          return { cycle: [...names.slice(names.indexOf(next.value)), next.value] };
        }
        enter(next.value);
      }
    }
  }
  return { order };
}
