/** How Step Functions spells the names of APIs. features.md B.6: those of the AWS SDK for Java 2. */

/** An operation as an action of an integration: `GetObject` → `getObject`, `DBThing` → `dbThing`. */
export function actionName(operation: string): string {
  const acronym = /^[A-Z]+(?![A-Za-z])|^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/.exec(operation)?.[0] ?? "";
  return acronym.toLowerCase() + operation.slice(acronym.length);
}

/** An API's member in parameters and results: always with a capital. `equals` would hide Java's own. */
export function memberName(member: string): string {
  return member === "equals" ? "EqualsValue" : member.charAt(0).toUpperCase() + member.slice(1);
}
