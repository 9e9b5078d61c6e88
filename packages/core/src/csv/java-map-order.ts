/**
 * AWS keeps a CSV row in a java.util.HashMap, whose order it shows (recorded: the columns `0,True,{}` come out as `0`,
 * `{}`, `True`, and `H1` with a nameless column as ``, `H1`). The order follows from the names alone. One
 * thing is left out: a bucket of more than eight names in a large table becomes a tree, which moves one of them to the front.
 */

const CAPACITY_MIN = 16;
const LOAD_FACTOR = 0.75;
/** A bucket that grows beyond this doubles a table smaller than the second number. */
const BUCKET_MAX = 8;
const DOUBLED_BELOW = 64;

/** The positions of distinct names in the order in which a HashMap, filled in the given order, gives them back. */
export function javaMapOrder(names: readonly string[]): readonly number[] {
  const hashes = names.map(spreadHash);
  const capacity = capacityFor(hashes);
  const bucketOf = (position: number): number => (hashes[position] as number) & (capacity - 1);
  // Within a bucket they stay in the order in which they came: the sort is stable.
  return names.map((_, position) => position).sort((a, b) => bucketOf(a) - bucketOf(b));
}

function capacityFor(hashes: readonly number[]): number {
  let capacity = CAPACITY_MIN;
  let counts = new Map<number, number>();
  for (const [position, hash] of hashes.entries()) {
    const count = (counts.get(hash & (capacity - 1)) ?? 0) + 1;
    counts.set(hash & (capacity - 1), count);
    const isCrowded = count > BUCKET_MAX && capacity < DOUBLED_BELOW;
    const grown =
      capacity * (isCrowded ? 2 : 1) * (position + 1 > capacity * LOAD_FACTOR * (isCrowded ? 2 : 1) ? 2 : 1);
    if (grown === capacity) continue;
    capacity = grown;
    counts = countBuckets(hashes.slice(0, position + 1), capacity);
  }
  return capacity;
}

function countBuckets(hashes: readonly number[], capacity: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const hash of hashes) counts.set(hash & (capacity - 1), (counts.get(hash & (capacity - 1)) ?? 0) + 1);
  return counts;
}

/** String.hashCode with HashMap's mixing in of the high bits. */
function spreadHash(name: string): number {
  let hash = 0;
  for (let index = 0; index < name.length; index++) hash = (Math.imul(31, hash) + name.charCodeAt(index)) | 0;
  return hash ^ (hash >>> 16);
}
