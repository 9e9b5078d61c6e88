import { createHash } from "node:crypto";

/** What a service takes as a name. */
export interface NameRule {
  readonly lengthMax: number;
  readonly lowerCase?: boolean;
  /** `.fifo`. */
  readonly suffix?: string;
}

const HASH_LENGTH = 8;

/**
 * `<stack>-<logical id>`: the same at each deployment, for executions hang on it. What is too long ends in a hash of all of
 * it.
 */
export function physicalName(stackName: string, logicalId: string, rule: NameRule): string {
  const whole = `${stackName}-${logicalId}`;
  const text = rule.lowerCase === true ? whole.toLowerCase() : whole;
  const room = rule.lengthMax - (rule.suffix?.length ?? 0);
  if (text.length <= room) return `${text}${rule.suffix ?? ""}`;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, HASH_LENGTH);
  return `${text.slice(0, room - HASH_LENGTH - 1).replace(/-+$/, "")}-${hash}${rule.suffix ?? ""}`;
}

/** S3's own rule for names. */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name);
}
