/** The buckets of the hash set that AWS's validation prints; it holds up to 24 values before it grows. */
const BUCKETS = 32;

/**
 * The values of an enumeration in the order in which AWS's validation messages list them: that of a hash set of 32
 * buckets on Java's `String.hashCode`, later members before earlier ones in a bucket. Found from
 * `[SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]` (recorded-behaviour.md 37) and true for eight
 * such messages of Step Functions and DynamoDB.
 */
export function inSetOrder(values: readonly string[]): string[] {
  return values.toReversed().sort((one, other) => bucketOf(one) - bucketOf(other));
}

function bucketOf(value: string): number {
  let hash = 0;
  for (let index = 0; index < value.length; index += 1) hash = (Math.imul(hash, 31) + value.charCodeAt(index)) | 0;
  return hash & (BUCKETS - 1);
}
