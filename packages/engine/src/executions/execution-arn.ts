import type { StateMachineType } from "@stepwell/core";

/** features.md C.5. `stateMachineArn` is unqualified; `uuid` tells apart Express executions of one name. */
export function executionArnOf(stateMachineArn: string, type: StateMachineType, name: string, uuid: string): string {
  const resource = type === "EXPRESS" ? ":express:" : ":execution:";
  const base = stateMachineArn.replace(":stateMachine:", resource);
  return type === "EXPRESS" ? `${base}:${name}:${uuid}` : `${base}:${name}`;
}
