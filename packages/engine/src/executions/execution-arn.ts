/**
 * The ARN of an execution of `stateMachineArn` (unqualified): features.md C.5. `uuid` makes it that of an Express
 * execution, which it tells apart from others of the same name.
 */
export function executionArnOf(stateMachineArn: string, name: string, uuid: string | undefined): string {
  if (uuid === undefined) return `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
  return `${stateMachineArn.replace(":stateMachine:", ":express:")}:${name}:${uuid}`;
}
