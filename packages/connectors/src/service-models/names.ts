/** How Step Functions spells the names of APIs. features.md B.6: those of the AWS SDK for Java 2. */

/** An operation as an action of an integration: `GetObject` → `getObject`, `DBThing` → `dbThing`. */
export function actionName(operation: string): string {
  const acronym = /^[A-Z]+(?![A-Za-z])|^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/.exec(operation)?.[0] ?? "";
  return acronym.toLowerCase() + operation.slice(acronym.length);
}

/** How an integration spells the members of an API. */
export type Spelling = (member: string) => string;

/**
 * An API's member in parameters and results of optimised integrations: always with a capital. `equals` would hide Java's
 * own.
 */
export function memberName(member: string): string {
  return member === "equals" ? "EqualsValue" : member.charAt(0).toUpperCase() + member.slice(1);
}

/** Members come from the models alone, so that there is an end of them. */
const sdkNames = new Map<string, string>();

/**
 * An API's member in parameters and results of aws-sdk integrations, which are the AWS SDK for Java's own (2): acronyms are
 * words, `DBInstanceIdentifier` → `DbInstanceIdentifier`, `SNSTopicArn` → `SnsTopicArn`, `SSEKMSKeyId` → `SsekmsKeyId`. Seen in
 * definitions that run on AWS (corpus, real-world).
 */
export function sdkMemberName(member: string): string {
  const known = sdkNames.get(member);
  if (known !== undefined) return known;
  const words = wordsOf(member).map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
  const name = member === "equals" ? "EqualsValue" : words.join("");
  sdkNames.set(member, name);
  return name;
}

/** Where the SDK for Java sees a new word: at a version, after a small letter, before an acronym's end, after digits. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/[^A-Za-z0-9]+/g, " ")
    .replaceAll(/([^a-z]{2,})v([0-9]+)/g, "$1 v$2 ")
    .replaceAll(/([^A-Z]{2,})V([0-9]+)/g, "$1 V$2 ")
    .replaceAll(/(?<=[a-z])(?=[A-Z][a-zA-Z0-9])/g, " ")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .replaceAll(/([0-9])([a-zA-Z])/g, "$1 $2")
    .trim()
    .split(/ +/);
}
