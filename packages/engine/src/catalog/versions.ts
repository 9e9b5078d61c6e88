import type { EpochMs } from "@stepwell/core";
import type { StoredStateMachine, StoredVersion } from "../ports/catalog-store.ts";
import { Rejection } from "../rejection.ts";
import { parseStateMachineArn, versionArnOf } from "./arn.ts";
import type { Catalog, PublishVersion, VersionSummary } from "./catalog.ts";
import {
  type CatalogContext,
  changingStateMachine,
  findStateMachine,
  quotaExceeded,
  requireActiveStateMachine,
  stateMachineDoesNotExist,
} from "./catalog-context.ts";

/** The revisionId of a revision that has none. API reference, "PublishStateMachineVersion". */
const INITIAL_REVISION = "INITIAL";

type VersionOperations = Pick<Catalog, "publishVersion" | "listVersions" | "deleteVersion">;

export function versions(context: CatalogContext): VersionOperations {
  return {
    publishVersion: (request) => publishVersion(context, request),
    async listVersions(arn, { limit, cursor }) {
      // An unknown state machine has no versions: the model of this operation has no StateMachineDoesNotExist.
      const { stateMachineArn } = parseStateMachineArn(arn);
      const before = cursor === undefined ? undefined : Number(cursor);
      const rows = await context.store.versions(stateMachineArn, before, limit + 1);
      const items = rows.slice(0, limit).map(summaryOf);
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      return last === undefined ? { items } : { items, cursor: String(last.number) };
    },
    deleteVersion: (arn) => deleteVersion(context, arn),
  };
}

/** The next version of a state machine, and the row that says it has been given out. */
export function publication(
  row: StoredStateMachine,
  revisionKey: string,
  now: EpochMs,
  description: string | undefined,
): { stateMachine: StoredStateMachine; putVersion: StoredVersion } {
  const { stateMachineArn, nextVersion: number } = row;
  const putVersion = {
    stateMachineArn,
    number,
    revisionKey,
    creationDate: now,
    ...(description === undefined ? {} : { description }),
  };
  return { stateMachine: { ...row, nextVersion: number + 1 }, putVersion };
}

async function publishVersion(context: CatalogContext, request: PublishVersion): Promise<VersionSummary> {
  const { stateMachineArn, version, alias } = parseStateMachineArn(request.stateMachineArn);
  if (version !== undefined || alias !== undefined) throw stateMachineDoesNotExist(request.stateMachineArn);
  return changingStateMachine(context, async () => {
    const row = await requireActiveStateMachine(context, stateMachineArn);
    await checkRevision(context, row, request.revisionId);
    const published = await context.store.versionOfRevision(stateMachineArn, row.revisionKey);
    if (published !== undefined) return { answer: summaryOf(published) };
    const limit = context.quotas.versionsPerStateMachine;
    if ((await context.store.countVersions(stateMachineArn)) >= limit) {
      throw quotaExceeded("versions of a state machine", limit);
    }
    const renewed = { ...row, etag: context.ids.uuid() };
    const { stateMachine, putVersion } = publication(
      renewed,
      row.revisionKey,
      context.clock.now(),
      request.description,
    );
    return {
      change: { stateMachineArn, expectedEtag: row.etag, stateMachine, putVersion },
      answer: summaryOf(putVersion),
    };
  });
}

async function checkRevision(
  context: CatalogContext,
  row: StoredStateMachine,
  wanted: string | undefined,
): Promise<void> {
  if (wanted === undefined) return;
  const { revisionId = INITIAL_REVISION } = await context.revisions.stored(row.revisionKey);
  if (wanted === revisionId) return;
  throw new Rejection(
    "ConflictException",
    `Failed to publish the State Machine version for revision ${wanted}. The current State Machine revision is ${revisionId}.`,
  );
}

async function deleteVersion(context: CatalogContext, arn: string): Promise<void> {
  const { stateMachineArn, version } = parseStateMachineArn(arn);
  if (version === undefined) {
    throw new Rejection("ValidationException", `A state machine version ARN must be specified. Received: ${arn}`);
  }
  await changingStateMachine(context, async () => {
    const row = await findStateMachine(context, stateMachineArn);
    const stored = row && (await context.store.version(stateMachineArn, version));
    if (row === undefined || stored === undefined) return { answer: undefined };
    await checkUnreferenced(context, stateMachineArn, version);
    return {
      change: {
        stateMachineArn,
        expectedEtag: row.etag,
        stateMachine: { ...row, etag: context.ids.uuid() },
        deleteVersion: version,
      },
      answer: undefined,
    };
  });
}

/** Throws ConflictException in the words of recorded-behaviour.md 38. */
async function checkUnreferenced(context: CatalogContext, stateMachineArn: string, version: number): Promise<void> {
  const aliases = await context.store.aliases(stateMachineArn);
  const users = aliases.filter((alias) => alias.routes.some((route) => route.version === version));
  if (users.length === 0) return;
  const names = users.map((alias) => alias.name).join(", ");
  throw new Rejection(
    "ConflictException",
    `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${names}]`,
  );
}

function summaryOf(version: StoredVersion): VersionSummary {
  return {
    stateMachineVersionArn: versionArnOf(version.stateMachineArn, version.number),
    creationDate: version.creationDate,
  };
}
