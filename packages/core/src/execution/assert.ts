/** A broken invariant: a bug of ours. Never caught, so that nothing commits. */
export class BrokenInvariant extends Error {
  override readonly name = "BrokenInvariant";
}

export function assert(condition: boolean, whatMustHold: string): asserts condition {
  if (!condition) throw new BrokenInvariant(whatMustHold);
}
