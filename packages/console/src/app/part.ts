/** A part of a page that is a chunk of its own, and may be loaded before the page is drawn. */
export interface Part<T> {
  readonly load: () => Promise<T>;
  /** Once it is there. */
  readonly loaded: () => T | undefined;
}

export function partOf<T>(importIt: () => Promise<T>): Part<T> {
  let there: T | undefined;
  return {
    load: () =>
      importIt().then((loaded) => {
        there = loaded;
        return loaded;
      }),
    loaded: () => there,
  };
}
