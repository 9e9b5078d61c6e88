/**
 * The names of things: `arn:<partition>:states:<region>:<account>:<type>:…`. Names never contain `:` or `/`, so a
 * resource part is taken apart without doubt. API reference and features.md C.5.
 */
import { Rejection } from "../rejection.ts";

/** Where this installation says it is. */
export interface AwsIdentity {
  readonly partition: string;
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
}

export const DEFAULT_IDENTITY: AwsIdentity = { partition: "aws", region: "us-east-1", accountId: "123456789012" };

export interface StateMachineArn {
  /** Without qualifier. */
  readonly stateMachineArn: string;
  readonly name: string;
  /** A version number or the name of an alias. */
  readonly version?: number;
  readonly alias?: string;
}

export interface ExecutionArn {
  readonly stateMachineName: string;
  readonly name: string;
}

export function stateMachineArnOf(identity: AwsIdentity, name: string): string {
  return `${prefixOf(identity)}:stateMachine:${name}`;
}

export function activityArnOf(identity: AwsIdentity, name: string): string {
  return `${prefixOf(identity)}:activity:${name}`;
}

export function versionArnOf(stateMachineArn: string, version: number): string {
  return `${stateMachineArn}:${version}`;
}

export function aliasArnOf(stateMachineArn: string, alias: string): string {
  return `${stateMachineArn}:${alias}`;
}

function prefixOf(identity: AwsIdentity): string {
  return `arn:${identity.partition}:states:${identity.region}:${identity.accountId}`;
}

/** Throws InvalidArn, or ValidationException for the ARN of a distributed Map's processor (`name/label`). */
export function parseStateMachineArn(arn: string): StateMachineArn {
  const [prefix, , path = "", qualifier, ...rest] = resourceOf(arn, "stateMachine");
  const [name = "", label] = path.split("/");
  if (name === "" || qualifier === "" || rest.length > 0) throw invalidArn(`Invalid ARN: ${arn}`);
  if (label !== undefined) {
    throw new Rejection("ValidationException", `This operation does not support labeled state machine ARNs: ${arn}`, {
      reason: "API_DOES_NOT_SUPPORT_LABELED_ARNS",
    });
  }
  const stateMachineArn = `${prefix}:stateMachine:${name}`;
  if (qualifier === undefined) return { stateMachineArn, name };
  return /^[0-9]{1,9}$/.test(qualifier)
    ? { stateMachineArn, name, version: Number(qualifier) }
    : { stateMachineArn, name, alias: qualifier };
}

/** A Standard execution. Throws InvalidArn, also for executions of Express state machines. */
export function parseExecutionArn(arn: string): ExecutionArn {
  const [, , stateMachineName = "", name = "", ...rest] = resourceOf(arn, "execution");
  if (stateMachineName === "" || name === "" || rest.length > 0) throw invalidArn(`Invalid ARN: ${arn}`);
  return { stateMachineName, name };
}

/** The activity's name. Throws InvalidArn. */
export function parseActivityArn(arn: string): string {
  const [, , name = "", ...rest] = resourceOf(arn, "activity");
  if (name === "" || rest.length > 0) throw invalidArn(`Invalid ARN: ${arn}`);
  return name;
}

/** A Map Run. Throws InvalidArn. */
export function parseMapRunArn(arn: string): void {
  const [, , path = "", id = "", ...rest] = resourceOf(arn, "mapRun");
  if (!/^[^/]+\/[^/]+$/.test(path) || id === "" || rest.length > 0) throw invalidArn(`Invalid ARN: ${arn}`);
}

/** What a tag may be put on. Throws InvalidArn. */
export function taggableKind(arn: string): "stateMachine" | "activity" {
  const type = splitArn(arn)[1];
  if (type === "activity") {
    parseActivityArn(arn);
    return "activity";
  }
  parseStateMachineArn(arn);
  return "stateMachine";
}

/** Throws InvalidArn in the words AWS has for roles. */
export function checkRoleArn(arn: string): void {
  if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/.test(arn)) {
    throw new Rejection("InvalidArn", `Invalid Role Arn: '${arn}'`);
  }
}

function resourceOf(arn: string, type: string): [string, string, ...string[]] {
  const parts = splitArn(arn);
  if (parts[1] !== type) throw invalidArn(`Resource type not valid in this context: ${parts[1]}`);
  return parts;
}

/** The part before the resource, the resource's type, and the segments of the resource. */
function splitArn(arn: string): [string, string, ...string[]] {
  if (!arn.startsWith("arn:")) throw invalidArn(`Invalid ARN prefix: ${arn}`);
  const [, partition, service, region, account, type, ...path] = arn.split(":");
  if (!partition || service !== "states" || !region || !account || !type) throw invalidArn(`Invalid ARN: ${arn}`);
  return [`arn:${partition}:${service}:${region}:${account}`, type, ...path];
}

function invalidArn(reason: string): Rejection {
  return new Rejection("InvalidArn", `Invalid Arn: '${reason}'`);
}
