import type { EpochMs, StateMachineType } from "@stepwell/core";
import { baseRevisionKey } from "../map-runs/child-machine.ts";
import type { StateMachineChange, StoredRevision, StoredStateMachine } from "../ports/catalog-store.ts";
import { Rejection } from "../rejection.ts";
import { checkRoleArn, parseStateMachineArn, stateMachineArnOf, versionArnOf } from "./arn.ts";
import type {
  Catalog,
  CreatedStateMachine,
  CreateStateMachine,
  RevisionDescription,
  StateMachineDescription,
  StateMachineSummary,
  UpdatedStateMachine,
  UpdateStateMachine,
} from "./catalog.ts";
import {
  type CatalogContext,
  changingStateMachine,
  findStateMachine,
  finishDeletion,
  requireActiveStateMachine,
  requireStateMachine,
  stateMachineDeleting,
  stateMachineDoesNotExist,
} from "./catalog-context.ts";
import { checkName } from "./names.ts";
import { findQualified, resolveQualified } from "./qualified-machine.ts";
import { keptRevisionId, revisionKeyOf } from "./revisions.ts";
import { completeEncryption, completeLogging, completeTracing } from "./state-machine-configuration.ts";
import { mergeTags } from "./tags.ts";
import { publication } from "./versions.ts";

type StateMachineOperations = Pick<
  Catalog,
  | "createStateMachine"
  | "updateStateMachine"
  | "deleteStateMachine"
  | "describeStateMachine"
  | "describeRevision"
  | "keepRevision"
  | "listStateMachines"
  | "validateDefinition"
  | "typeOf"
  | "resolve"
  | "machineOfRevision"
>;

export function stateMachines(context: CatalogContext): StateMachineOperations {
  return {
    createStateMachine: (request) => createStateMachine(context, request),
    updateStateMachine: (request) => updateStateMachine(context, request),
    deleteStateMachine: (arn) => deleteStateMachine(context, arn),
    describeStateMachine: (arn) => describeStateMachine(context, arn),
    describeRevision: async (key) => describeRevision(context, await context.revisions.stored(baseRevisionKey(key))),
    keepRevision: (arn, definition) => keepRevision(context, arn, definition),
    async listStateMachines({ limit, cursor }) {
      const rows = await context.store.stateMachines(cursor, limit + 1);
      const page = rows.slice(0, limit);
      const gone = await Promise.all(page.map((row) => row.status === "DELETING" && finishDeletion(context, row)));
      const items = page.filter((_, index) => !gone[index]).map(summaryOf);
      const last = rows.length > limit ? page.at(-1) : undefined;
      return last === undefined ? { items } : { items, cursor: last.stateMachineArn };
    },
    validateDefinition: (definition, type) => context.revisions.diagnose(definition, type),
    typeOf: (arn) => typeOfStateMachine(context, arn),
    resolve: (arn, chance) => resolveQualified(context, arn, chance),
    machineOfRevision: (key) => context.revisions.resolve(key),
  };
}

async function createStateMachine(context: CatalogContext, request: CreateStateMachine): Promise<CreatedStateMachine> {
  checkName(request.name);
  checkVersionDescription(request);
  checkRoleArn(request.roleArn);
  const stateMachineArn = stateMachineArnOf(context.identity, request.name);
  const tags = mergeTags(stateMachineArn, [], request.tags ?? []);
  const type = request.type ?? "STANDARD";
  const content = {
    stateMachineArn,
    name: request.name,
    type,
    definition: request.definition,
    roleArn: request.roleArn,
    loggingConfiguration: completeLogging(request.loggingConfiguration),
    tracingConfiguration: completeTracing(request.tracingConfiguration),
    encryptionConfiguration: completeEncryption(request.encryptionConfiguration),
  };
  context.revisions.check(request.definition, type);
  const createdWith = {
    publish: request.publish ?? false,
    ...(request.versionDescription === undefined ? {} : { versionDescription: request.versionDescription }),
  };
  return changingStateMachine(context, async () => {
    const existing = await findStateMachine(context, stateMachineArn);
    if (existing !== undefined) return { answer: await answerAgain(context, existing, content, createdWith) };
    await checkQuota(context);
    const now = context.clock.now();
    const revision = { ...content, key: revisionKeyOf(content, now), updateDate: now };
    const row: StoredStateMachine = {
      stateMachineArn,
      name: request.name,
      type,
      status: "ACTIVE",
      creationDate: now,
      revisionKey: revision.key,
      nextVersion: 1,
      tags,
      createdWith,
      etag: context.ids.uuid(),
    };
    return firstRevision(row, revision);
  });
}

function firstRevision(
  row: StoredStateMachine,
  revision: StoredRevision,
): { change: StateMachineChange; answer: CreatedStateMachine } {
  const { stateMachineArn, creationDate } = row;
  const change = { stateMachineArn, expectedEtag: undefined, stateMachine: row, putRevision: revision };
  if (!row.createdWith.publish) return { change, answer: { stateMachineArn, creationDate } };
  const { stateMachine, putVersion } = publication(row, revision.key, creationDate, row.createdWith.versionDescription);
  return {
    change: { ...change, stateMachine, putVersion },
    answer: { stateMachineArn, creationDate, stateMachineVersionArn: versionArnOf(stateMachineArn, 1) },
  };
}

/** The first answer again when the request asks for what is there; the role and the tags do not count (features.md C.3). */
async function answerAgain(
  context: CatalogContext,
  existing: StoredStateMachine,
  wanted: Omit<StoredRevision, "key" | "updateDate">,
  createdWith: StoredStateMachine["createdWith"],
): Promise<CreatedStateMachine> {
  const { stateMachineArn, creationDate } = existing;
  if (existing.status === "DELETING") throw stateMachineDeleting(stateMachineArn);
  const current = await context.revisions.stored(existing.revisionKey);
  const same =
    sameContent({ ...wanted, roleArn: current.roleArn }, current) &&
    existing.type === wanted.type &&
    existing.createdWith.publish === createdWith.publish &&
    existing.createdWith.versionDescription === createdWith.versionDescription;
  if (!same) {
    throw new Rejection("StateMachineAlreadyExists", `State Machine Already Exists: '${stateMachineArn}'`);
  }
  if (!createdWith.publish) return { stateMachineArn, creationDate };
  return { stateMachineArn, creationDate, stateMachineVersionArn: versionArnOf(stateMachineArn, 1) };
}

async function checkQuota(context: CatalogContext): Promise<void> {
  const { stateMachines } = await context.store.count();
  if (stateMachines < context.quotas.stateMachines) return;
  throw new Rejection(
    "StateMachineLimitExceeded",
    `State Machine Limit Exceeded: the account has ${stateMachines} state machines`,
  );
}

async function updateStateMachine(context: CatalogContext, request: UpdateStateMachine): Promise<UpdatedStateMachine> {
  const { stateMachineArn, version, alias } = parseStateMachineArn(request.stateMachineArn);
  // Versions cannot be updated: for this operation they do not exist (case test_update_state_machine).
  if (version !== undefined || alias !== undefined) throw stateMachineDoesNotExist(request.stateMachineArn);
  checkSomethingToUpdate(request);
  checkVersionDescription(request);
  if (request.roleArn !== undefined) checkRoleArn(request.roleArn);
  const type = (await requireActiveStateMachine(context, stateMachineArn)).type;
  if (request.definition !== undefined) context.revisions.check(request.definition, type);
  return changingStateMachine(context, async () => {
    const row = await requireActiveStateMachine(context, stateMachineArn);
    const current = await context.revisions.stored(row.revisionKey);
    const now = context.clock.now();
    const revision = nextRevision(context, row, current, request, now);
    return publishedUpdate(context, row, revision, request, now);
  });
}

/** The current revision itself when the request changes nothing: then no revision is made. */
function nextRevision(
  context: CatalogContext,
  row: StoredStateMachine,
  current: StoredRevision,
  request: UpdateStateMachine,
  now: EpochMs,
): StoredRevision {
  const { loggingConfiguration, tracingConfiguration, encryptionConfiguration } = request;
  if (request.definition !== undefined && current.source !== undefined) {
    const rule = "its definition was compiled from a flow of CloudFlow and is changed by UpdateFlow alone";
    throw new Rejection("ValidationException", `The state machine ${row.name} is a flow: ${rule}`);
  }
  const { key: _key, updateDate: _updateDate, ...kept } = current;
  const content = {
    ...kept,
    definition: request.definition ?? current.definition,
    roleArn: request.roleArn ?? current.roleArn,
    ...(loggingConfiguration && { loggingConfiguration: completeLogging(loggingConfiguration) }),
    ...(tracingConfiguration && { tracingConfiguration: completeTracing(tracingConfiguration) }),
    ...(encryptionConfiguration && { encryptionConfiguration: completeEncryption(encryptionConfiguration) }),
  };
  if (sameContent(content, current)) return current;
  const changed = { ...content, revisionId: context.ids.uuid() };
  return { ...changed, key: revisionKeyOf(changed, row.creationDate), updateDate: now };
}

async function publishedUpdate(
  context: CatalogContext,
  row: StoredStateMachine,
  revision: StoredRevision,
  request: UpdateStateMachine,
  now: EpochMs,
): Promise<{ change?: StateMachineChange; answer: UpdatedStateMachine }> {
  const { stateMachineArn, etag } = row;
  const isNew = revision.key !== row.revisionKey;
  const updated: StoredStateMachine = { ...row, revisionKey: revision.key, etag: context.ids.uuid() };
  const answer = {
    updateDate: now,
    ...(revision.revisionId === undefined ? {} : { revisionId: revision.revisionId }),
  };
  const change = {
    stateMachineArn,
    expectedEtag: etag,
    stateMachine: updated,
    ...(isNew ? { putRevision: revision } : {}),
  };
  if (!request.publish) return isNew ? { change, answer } : { answer };
  const published = isNew ? undefined : await context.store.versionOfRevision(stateMachineArn, revision.key);
  if (published !== undefined) {
    return { answer: { ...answer, stateMachineVersionArn: versionArnOf(stateMachineArn, published.number) } };
  }
  const { stateMachine, putVersion } = publication(updated, revision.key, now, request.versionDescription);
  return {
    change: { ...change, stateMachine, putVersion },
    answer: { ...answer, stateMachineVersionArn: versionArnOf(stateMachineArn, putVersion.number) },
  };
}

async function keepRevision(context: CatalogContext, stateMachineArn: string, definition: string): Promise<string> {
  context.revisions.check(definition, (await requireActiveStateMachine(context, stateMachineArn)).type);
  return changingStateMachine(context, async () => {
    const row = await requireActiveStateMachine(context, stateMachineArn);
    const { key: _, updateDate: _u, ...current } = await context.revisions.stored(row.revisionKey);
    if (current.definition === definition) return { answer: row.revisionKey };
    const { source: _s, ...kept } = current;
    // The same each time, so that the same definition is kept once.
    const content = { ...kept, definition, revisionId: keptRevisionId(row.revisionKey, definition) };
    const key = revisionKeyOf(content, row.creationDate);
    if ((await context.store.revision(key)) !== undefined) return { answer: key };
    const putRevision = { ...content, key, updateDate: context.clock.now() };
    const stateMachine = { ...row, etag: context.ids.uuid() };
    return { change: { stateMachineArn, expectedEtag: row.etag, stateMachine, putRevision }, answer: key };
  });
}

async function deleteStateMachine(context: CatalogContext, arn: string): Promise<void> {
  const { stateMachineArn, version, alias } = parseStateMachineArn(arn);
  if (version !== undefined || alias !== undefined) {
    throw new Rejection("InvalidArn", `Invalid Arn: 'Qualified ARNs are not valid in this context: ${arn}'`);
  }
  const deleting = await changingStateMachine(context, async () => {
    const row = await findStateMachine(context, stateMachineArn);
    if (row === undefined || row.status === "DELETING") return { answer: row };
    const stateMachine: StoredStateMachine = { ...row, status: "DELETING", etag: context.ids.uuid() };
    return { change: { stateMachineArn, expectedEtag: row.etag, stateMachine }, answer: stateMachine };
  });
  if (deleting === undefined) return;
  await context.executions.stateMachineDeleted(stateMachineArn, deleting.name);
  await finishDeletion(context, deleting);
}

async function describeStateMachine(context: CatalogContext, arn: string): Promise<StateMachineDescription> {
  const { stateMachineArn } = parseStateMachineArn(arn);
  const row = await requireStateMachine(context, stateMachineArn, arn);
  const { revisionKey, version } = await findQualified(context, row, arn);
  const revision = await describeRevision(context, await context.revisions.stored(revisionKey));
  return {
    ...revision,
    stateMachineArn: arn,
    status: row.status,
    creationDate: version?.creationDate ?? row.creationDate,
    ...(version?.description === undefined ? {} : { description: version.description }),
  };
}

async function describeRevision(context: CatalogContext, revision: StoredRevision): Promise<RevisionDescription> {
  const { key, ...content } = revision;
  const { machine } = await context.revisions.resolve(key);
  return { ...content, variableReferences: machine.variableReferences };
}

function sameContent(one: Omit<StoredRevision, "key" | "updateDate">, other: StoredRevision): boolean {
  return (
    one.definition === other.definition &&
    sameJson(one.source ?? null, other.source ?? null) &&
    one.roleArn === other.roleArn &&
    sameJson(one.loggingConfiguration, other.loggingConfiguration) &&
    sameJson(one.tracingConfiguration, other.tracingConfiguration) &&
    sameJson(one.encryptionConfiguration, other.encryptionConfiguration)
  );
}

/** Whatever the order of members. */
function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one, sortedMembers) === JSON.stringify(other, sortedMembers);
}

function sortedMembers(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function checkVersionDescription(request: { readonly publish?: boolean; readonly versionDescription?: string }): void {
  if (request.versionDescription !== undefined && request.publish !== true) {
    throw new Rejection("ValidationException", "Version description can only be set when publish is true");
  }
}

function checkSomethingToUpdate(request: UpdateStateMachine): void {
  const { definition, roleArn, loggingConfiguration, tracingConfiguration, encryptionConfiguration } = request;
  const given = [definition, roleArn, loggingConfiguration, tracingConfiguration, encryptionConfiguration];
  if (given.some((value) => value !== undefined)) return;
  throw new Rejection(
    "MissingRequiredParameter",
    "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
  );
}

function summaryOf({ stateMachineArn, name, type, creationDate }: StoredStateMachine): StateMachineSummary {
  return { stateMachineArn, name, type, creationDate };
}

async function typeOfStateMachine(context: CatalogContext, arn: string): Promise<StateMachineType> {
  const { stateMachineArn } = parseStateMachineArn(arn);
  return (await requireStateMachine(context, stateMachineArn, arn)).type;
}
