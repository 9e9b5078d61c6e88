/** Copies the control plane from one store to another, empty one. */
import type { CatalogStore, StoredRevision, StoredStateMachine } from "@stepwell/engine";

const PAGE = 100;
/** Made once per installation, and needed where clients hold what was made with them. */
const SECRETS = ["page-tokens"];

export interface MovedCatalog {
  readonly stateMachines: number;
  readonly activities: number;
}

/** `revisionKeys`: those that executions refer to, also of state machines that are gone. */
export async function moveCatalog(
  from: CatalogStore,
  to: CatalogStore,
  revisionKeys: ReadonlySet<string>,
): Promise<MovedCatalog> {
  for (const name of SECRETS) await to.secret(name, await from.secret(name, crypto.randomUUID()));
  const left = new Set(revisionKeys);
  const machines = await everyPage((after: StoredStateMachine | undefined) =>
    from.stateMachines(after?.stateMachineArn, PAGE),
  );
  for (const machine of machines) await moveStateMachine(from, to, machine, left);
  for (const key of left) await moveRevision(to, await revisionOf(from, key));
  const activities = await everyPage((after: { activityArn: string } | undefined) =>
    from.activities(after?.activityArn, PAGE),
  );
  for (const activity of activities) await must(to.commitActivity(activity.activityArn, undefined, activity));
  for (const kind of await from.recordKinds()) if (!isDeployed(kind)) await moveRecords(from, to, kind);
  return { stateMachines: machines.length, activities: activities.length };
}

/** What was deployed is in data directories too, and nodes bring it themselves. */
function isDeployed(kind: string): boolean {
  return kind.startsWith("deployed-");
}

async function moveRecords(from: CatalogStore, to: CatalogStore, kind: string): Promise<void> {
  const records = await everyPage((after: { key: string } | undefined) => from.records(kind, "", after?.key, PAGE));
  for (const record of records) await must(to.commitRecord(kind, record.key, undefined, record));
}

async function moveStateMachine(
  from: CatalogStore,
  to: CatalogStore,
  machine: StoredStateMachine,
  left: Set<string>,
): Promise<void> {
  const { stateMachineArn, etag, revisionKey } = machine;
  const change = { stateMachineArn, expectedEtag: etag, stateMachine: machine };
  await must(
    to.commitStateMachine({ ...change, expectedEtag: undefined, putRevision: await revisionOf(from, revisionKey) }),
  );
  left.delete(revisionKey);
  const versions = await everyPage((after: { number: number } | undefined) =>
    from.versions(stateMachineArn, after?.number, PAGE),
  );
  for (const putVersion of versions.reverse()) {
    const putRevision = await revisionOf(from, putVersion.revisionKey);
    await must(to.commitStateMachine({ ...change, putVersion, putRevision }));
    left.delete(putVersion.revisionKey);
  }
  // They come newest first, and are listed so again.
  for (const putAlias of (await from.aliases(stateMachineArn)).reverse()) {
    await must(to.commitStateMachine({ ...change, putAlias }));
  }
}

/** A revision that no state machine points to any more: kept for the executions that began with it. */
async function moveRevision(to: CatalogStore, revision: StoredRevision): Promise<void> {
  const { stateMachineArn } = revision;
  const existing = await to.stateMachine(stateMachineArn);
  if (existing !== undefined) {
    const change = { stateMachineArn, expectedEtag: existing.etag, stateMachine: existing };
    await must(to.commitStateMachine({ ...change, putRevision: revision }));
    return;
  }
  const stateMachine = passingMachine(revision);
  await must(to.commitStateMachine({ stateMachineArn, expectedEtag: undefined, stateMachine, putRevision: revision }));
  const { etag } = stateMachine;
  await must(to.commitStateMachine({ stateMachineArn, expectedEtag: etag, stateMachine: undefined }));
}

/** There for as long as it takes to store a revision. */
function passingMachine({ stateMachineArn, name, type, key, updateDate }: StoredRevision): StoredStateMachine {
  return {
    stateMachineArn,
    name,
    type,
    status: "ACTIVE",
    creationDate: updateDate,
    revisionKey: key,
    nextVersion: 1,
    tags: [],
    createdWith: { publish: false },
    etag: "passing",
  };
}

async function revisionOf(from: CatalogStore, key: string): Promise<StoredRevision> {
  const revision = await from.revision(key);
  if (revision === undefined) throw new Error(`revision ${key}: something refers to it, but it is not stored`);
  return revision;
}

async function everyPage<T>(page: (after: T | undefined) => Promise<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const rows = await page(all.at(-1));
    all.push(...rows);
    if (rows.length < PAGE) return all;
  }
}

async function must(written: Promise<boolean>): Promise<void> {
  if (!(await written)) throw new Error("somebody else writes the target: nothing may run on it meanwhile");
}
