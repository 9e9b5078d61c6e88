/**
 * ARNs and what stands for them in the console's URLs. The id of an execution or a map run is its ARN without
 * `arn:aws:states:REGION:ACCOUNT:`; a `/` in it (children of a map run) is written `~`, which no name may hold.
 */

/** Where this server's resources live; told by the session. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

let place: Place = { partition: "aws", region: "us-east-1", accountId: "123456789012" };

export function setPlace(next: Place): void {
  place = next;
}

const prefix = (): string => `arn:${place.partition}:states:${place.region}:${place.accountId}:`;

/** The id in URLs of an execution or a map run. A foreign ARN stays whole. */
export function idOf(arn: string): string {
  const short = arn.startsWith(prefix()) ? arn.slice(prefix().length) : arn;
  return short.replaceAll("/", "~");
}

/** The ARN of an id in a URL. */
export function arnOf(id: string): string {
  const text = id.replaceAll("~", "/");
  return text.startsWith("arn:") ? text : `${prefix()}${text}`;
}

export const machineArnOf = (name: string): string => `${prefix()}stateMachine:${name}`;

/** The name of the state machine: of its own ARN, a version's or alias's, or an execution's. */
export function machineNameOf(arn: string): string {
  return (arn.split(":")[6] ?? arn).split("/")[0] ?? arn;
}

/** The last part of an ARN: the name of an execution, the number of a version. */
export function lastPartOf(arn: string): string {
  return arn.split(":").at(-1) ?? arn;
}

/** The name of an execution; an Express ARN ends in an id of its own after the name. */
export function executionNameOf(arn: string): string {
  const parts = arn.split(":");
  return (parts[5] === "express" ? parts[7] : parts.at(-1)) ?? arn;
}
