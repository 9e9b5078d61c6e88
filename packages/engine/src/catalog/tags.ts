import type { Tag } from "../ports/catalog-store.ts";
import { Rejection } from "../rejection.ts";

/** Service quotas, "Tags per resource". */
const TAGS_MAX = 50;

const KEY_LENGTH_MAX = 128;
const VALUE_LENGTH_MAX = 256;
/** Letters, digits, white space and `_ . : / = + - @`. API reference, "TagResource". */
const ALLOWED = /^[\p{L}\p{N}\p{Z}\s_.:/=+\-@]*$/u;

/** The tags after `added` replaced or joined `existing`, in order of first appearance. Throws TooManyTags, ValidationException. */
export function mergeTags(resourceArn: string, existing: readonly Tag[], added: readonly Partial<Tag>[]): Tag[] {
  const merged = new Map(existing.map((tag) => [tag.key, tag.value]));
  for (const tag of added) {
    const { key, value } = checkedTag(tag);
    merged.set(key, value);
  }
  if (merged.size > TAGS_MAX) {
    throw new Rejection("TooManyTags", `Tags per resource must not exceed ${TAGS_MAX}: '${resourceArn}'`, {
      resourceName: resourceArn,
    });
  }
  return [...merged].map(([key, value]) => ({ key, value }));
}

export function removeTags(existing: readonly Tag[], keys: readonly string[]): Tag[] {
  const removed = new Set(keys);
  return existing.filter((tag) => !removed.has(tag.key));
}

function checkedTag(tag: Partial<Tag>): Tag {
  const key = tag.key;
  const value = tag.value ?? "";
  if (key === undefined || key.length < 1 || key.length > KEY_LENGTH_MAX) {
    throw invalidTag(`a tag key must have 1 to ${KEY_LENGTH_MAX} characters`);
  }
  if (value.length > VALUE_LENGTH_MAX) throw invalidTag(`the value of '${key}' exceeds ${VALUE_LENGTH_MAX} characters`);
  if (key.toLowerCase().startsWith("aws:")) throw invalidTag(`the key '${key}' uses the reserved prefix aws:`);
  if (!ALLOWED.test(key) || !ALLOWED.test(value)) {
    throw invalidTag(`the tag '${key}' may contain only letters, digits, white space and _ . : / = + - @`);
  }
  return { key, value };
}

function invalidTag(reason: string): Rejection {
  return new Rejection("ValidationException", `Invalid tag: ${reason}`);
}
