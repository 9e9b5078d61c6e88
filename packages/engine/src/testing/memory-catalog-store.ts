import type { EpochMs } from "@stepwell/core";
import type {
  CatalogCounts,
  CatalogStore,
  StateMachineChange,
  StoredActivity,
  StoredAlias,
  StoredRecord,
  StoredRevision,
  StoredStateMachine,
  StoredVersion,
} from "../ports/catalog-store.ts";

/** A simulated `CatalogStore`: its memory is the map objects, so a "restart" is a new catalog on the same store. */
export class MemoryCatalogStore implements CatalogStore {
  readonly #stateMachines = new Map<string, StoredStateMachine>();
  readonly #revisions = new Map<string, StoredRevision>();
  readonly #versions = new Map<string, StoredVersion[]>();
  readonly #aliases = new Map<string, StoredAlias[]>();
  readonly #activities = new Map<string, StoredActivity>();
  readonly #records = new Map<string, StoredRecord>();
  readonly #secrets = new Map<string, string>();

  async stateMachine(arn: string): Promise<StoredStateMachine | undefined> {
    return this.#stateMachines.get(arn);
  }

  async stateMachines(after: string | undefined, limit: number): Promise<StoredStateMachine[]> {
    return pageByKey(this.#stateMachines, after, limit);
  }

  async revision(key: string): Promise<StoredRevision | undefined> {
    return this.#revisions.get(key);
  }

  async version(arn: string, number: number): Promise<StoredVersion | undefined> {
    return this.#versionsOf(arn).find((version) => version.number === number);
  }

  async versionOfRevision(arn: string, revisionKey: string): Promise<StoredVersion | undefined> {
    return this.#versionsOf(arn).findLast((version) => version.revisionKey === revisionKey);
  }

  async versions(arn: string, before: number | undefined, limit: number): Promise<StoredVersion[]> {
    const all = this.#versionsOf(arn).filter((version) => before === undefined || version.number < before);
    return all.toReversed().slice(0, limit);
  }

  async countVersions(arn: string): Promise<number> {
    return this.#versionsOf(arn).length;
  }

  async alias(arn: string, name: string): Promise<StoredAlias | undefined> {
    return this.#aliasesOf(arn).find((alias) => alias.name === name);
  }

  async aliases(arn: string): Promise<StoredAlias[]> {
    return this.#aliasesOf(arn).toReversed();
  }

  async commitStateMachine(change: StateMachineChange): Promise<boolean> {
    const arn = change.stateMachineArn;
    if (this.#stateMachines.get(arn)?.etag !== change.expectedEtag) return false;
    if (change.stateMachine === undefined) {
      for (const table of [this.#stateMachines, this.#versions, this.#aliases]) table.delete(arn);
      return true;
    }
    this.#stateMachines.set(arn, change.stateMachine);
    const { putRevision, putVersion, putAlias } = change;
    if (putRevision) this.#revisions.set(putRevision.key, putRevision);
    if (putVersion) this.#versions.set(arn, [...this.#versionsOf(arn), putVersion]);
    if (change.deleteVersion !== undefined) {
      const kept = this.#versionsOf(arn).filter((version) => version.number !== change.deleteVersion);
      this.#versions.set(arn, kept);
    }
    if (putAlias) this.#putAlias(putAlias);
    if (change.deleteAlias !== undefined) {
      const kept = this.#aliasesOf(arn).filter((alias) => alias.name !== change.deleteAlias);
      this.#aliases.set(arn, kept);
    }
    return true;
  }

  async activity(arn: string): Promise<StoredActivity | undefined> {
    return this.#activities.get(arn);
  }

  async activities(after: string | undefined, limit: number): Promise<StoredActivity[]> {
    return pageByKey(this.#activities, after, limit);
  }

  async commitActivity(
    arn: string,
    expectedEtag: string | undefined,
    activity: StoredActivity | undefined,
  ): Promise<boolean> {
    if (this.#activities.get(arn)?.etag !== expectedEtag) return false;
    if (activity === undefined) this.#activities.delete(arn);
    else this.#activities.set(arn, activity);
    return true;
  }

  async count(): Promise<CatalogCounts> {
    const sizeOf = (lists: Iterable<readonly unknown[]>): number => [...lists].flat().length;
    return {
      stateMachines: this.#stateMachines.size,
      versions: sizeOf(this.#versions.values()),
      aliases: sizeOf(this.#aliases.values()),
      activities: this.#activities.size,
    };
  }

  async recordKinds(): Promise<string[]> {
    return [...new Set([...this.#records.values()].map(({ kind }) => kind))].sort();
  }

  async record(kind: string, key: string): Promise<StoredRecord | undefined> {
    return this.#records.get(recordKey(kind, key));
  }

  async records(kind: string, prefix: string, after: string | undefined, limit: number): Promise<StoredRecord[]> {
    return this.#recordsOf(kind)
      .filter(({ key }) => key.startsWith(prefix) && (after === undefined || key > after))
      .sort(byKey)
      .slice(0, limit);
  }

  async dueRecords(kind: string, until: EpochMs, limit: number): Promise<StoredRecord[]> {
    const due = (record: StoredRecord): number => record.dueAt ?? Number.POSITIVE_INFINITY;
    return this.#recordsOf(kind)
      .filter((record) => due(record) <= until)
      .sort((one, other) => due(one) - due(other) || byKey(one, other))
      .slice(0, limit);
  }

  async nextDueRecord(kind: string): Promise<EpochMs | undefined> {
    return (await this.dueRecords(kind, Number.MAX_SAFE_INTEGER, 1))[0]?.dueAt;
  }

  async commitRecord(
    kind: string,
    key: string,
    expectedEtag: string | undefined,
    record: StoredRecord | undefined,
  ): Promise<boolean> {
    const at = recordKey(kind, key);
    if (this.#records.get(at)?.etag !== expectedEtag) return false;
    if (record === undefined) this.#records.delete(at);
    else this.#records.set(at, record);
    return true;
  }

  #recordsOf(kind: string): StoredRecord[] {
    return [...this.#records.values()].filter((record) => record.kind === kind);
  }

  async secret(name: string, candidate: string): Promise<string> {
    const stored = this.#secrets.get(name) ?? candidate;
    this.#secrets.set(name, stored);
    return stored;
  }

  #versionsOf(arn: string): StoredVersion[] {
    return this.#versions.get(arn) ?? [];
  }

  #aliasesOf(arn: string): StoredAlias[] {
    return this.#aliases.get(arn) ?? [];
  }

  #putAlias(alias: StoredAlias): void {
    const all = this.#aliasesOf(alias.stateMachineArn);
    const exists = all.some((other) => other.name === alias.name);
    const changed = exists ? all.map((other) => (other.name === alias.name ? alias : other)) : [...all, alias];
    this.#aliases.set(alias.stateMachineArn, changed);
  }
}

function recordKey(kind: string, key: string): string {
  return JSON.stringify([kind, key]);
}

function byKey(one: StoredRecord, other: StoredRecord): number {
  return one.key < other.key ? -1 : 1;
}

function pageByKey<Row>(rows: ReadonlyMap<string, Row>, after: string | undefined, limit: number): Row[] {
  const keys = [...rows.keys()].filter((key) => after === undefined || key > after).sort();
  return keys.slice(0, limit).flatMap((key) => rows.get(key) ?? []);
}
