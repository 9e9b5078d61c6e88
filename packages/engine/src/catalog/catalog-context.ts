import type { Executions } from "../executions/executions.ts";
import type { CatalogStore, StateMachineChange, StoredStateMachine } from "../ports/catalog-store.ts";
import type { Clock, Ids } from "../ports/clock.ts";
import { Rejection } from "../rejection.ts";
import type { AwsIdentity } from "./arn.ts";
import type { Revisions } from "./revisions.ts";

/** What the families of operations of the catalog share. */
export interface CatalogContext {
  readonly store: CatalogStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly identity: AwsIdentity;
  readonly executions: Pick<Executions, "countRunning" | "stateMachineDeleted">;
  readonly quotas: CatalogQuotas;
  readonly revisions: Revisions;
}

/** The defaults are AWS's (Service Quotas, "AWS Step Functions"). */
export interface CatalogQuotas {
  readonly stateMachines: number;
  readonly activities: number;
  readonly versionsPerStateMachine: number;
  readonly aliasesPerStateMachine: number;
}

export const AWS_QUOTAS: CatalogQuotas = {
  stateMachines: 100_000,
  activities: 100_000,
  versionsPerStateMachine: 1_000,
  aliasesPerStateMachine: 100,
};

/** How often a change is decided again because another one came first. */
const ATTEMPTS_MAX = 20;

/** Decides on fresh rows until nothing came in between (C2). `change` undefined: there is nothing to change. */
export async function changing<Change, Answer>(
  commit: (change: Change) => Promise<boolean>,
  decide: () => Promise<{ readonly change?: Change; readonly answer: Answer }>,
): Promise<Answer> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const { change, answer } = await decide();
    if (change === undefined || (await commit(change))) return answer;
  }
  throw new Rejection("ConflictException", "Another request is changing the same resource. Try again.");
}

export function changingStateMachine<Answer>(
  context: CatalogContext,
  decide: () => Promise<{ readonly change?: StateMachineChange; readonly answer: Answer }>,
): Promise<Answer> {
  return changing((change: StateMachineChange) => context.store.commitStateMachine(change), decide);
}

/** The row, unless it was being deleted and its last execution has ended: then it is deleted now. */
export async function findStateMachine(
  context: CatalogContext,
  stateMachineArn: string,
): Promise<StoredStateMachine | undefined> {
  const row = await context.store.stateMachine(stateMachineArn);
  return row?.status === "DELETING" && (await finishDeletion(context, row)) ? undefined : row;
}

/** True when the state machine is gone. */
export async function finishDeletion(context: CatalogContext, row: StoredStateMachine): Promise<boolean> {
  const { stateMachineArn, etag, type } = row;
  if (type === "STANDARD" && (await context.executions.countRunning(stateMachineArn)) > 0) return false;
  return context.store.commitStateMachine({ stateMachineArn, expectedEtag: etag, stateMachine: undefined });
}

/** Throws StateMachineDoesNotExist, naming the ARN as it was asked for. */
export async function requireStateMachine(
  context: CatalogContext,
  stateMachineArn: string,
  askedArn: string = stateMachineArn,
): Promise<StoredStateMachine> {
  const row = await findStateMachine(context, stateMachineArn);
  if (row === undefined) throw stateMachineDoesNotExist(askedArn);
  return row;
}

/** Throws StateMachineDoesNotExist or StateMachineDeleting. */
export async function requireActiveStateMachine(
  context: CatalogContext,
  stateMachineArn: string,
  askedArn: string = stateMachineArn,
): Promise<StoredStateMachine> {
  const row = await requireStateMachine(context, stateMachineArn, askedArn);
  if (row.status === "DELETING") throw stateMachineDeleting(askedArn);
  return row;
}

export function stateMachineDoesNotExist(arn: string): Rejection {
  return new Rejection("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
}

export function stateMachineDeleting(arn: string): Rejection {
  return new Rejection("StateMachineDeleting", `State Machine Deleting: '${arn}'`);
}

/** The words of every alias operation for a missing alias or version (recorded-behaviour.md 38). */
export function referencedResourceNotFound(arn: string): Rejection {
  return new Rejection("ResourceNotFound", "Request references a resource that does not exist.", { resourceName: arn });
}

export function quotaExceeded(what: string, limit: number): Rejection {
  return new Rejection("ServiceQuotaExceededException", `The number of ${what} must not exceed ${limit}.`);
}
