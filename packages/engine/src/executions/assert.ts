/** A broken invariant is a bug of ours: nothing of what led to it is committed. */
export function assert(condition: boolean, mustHold: string): asserts condition {
  if (!condition) throw new BrokenInvariant(mustHold);
}

export class BrokenInvariant extends Error {
  override readonly name = "BrokenInvariant";

  constructor(mustHold: string) {
    super(`broken invariant: ${mustHold}`);
  }
}
