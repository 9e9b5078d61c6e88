import { createHash } from "node:crypto";
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
} from "@stepwell/engine";
import { type Database, migrate, type SqlValue, type Statement } from "./database.ts";

/** Released steps never change; new ones are appended. Members with a structure of their own are JSON texts. */
const STEPS: readonly string[] = [
  `
  CREATE TABLE catalog_state_machines (
    arn TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    creation_date INTEGER NOT NULL,
    revision_key TEXT NOT NULL,
    next_version INTEGER NOT NULL,
    tags TEXT NOT NULL,
    created_with TEXT NOT NULL,
    etag TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE catalog_definitions (hash BLOB PRIMARY KEY, text TEXT NOT NULL) STRICT;
  CREATE TABLE catalog_revisions (
    key TEXT PRIMARY KEY,
    state_machine_arn TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    definition_hash BLOB NOT NULL REFERENCES catalog_definitions (hash),
    role_arn TEXT NOT NULL,
    configuration TEXT NOT NULL,
    revision_id TEXT,
    update_date INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE catalog_versions (
    state_machine_arn TEXT NOT NULL,
    number INTEGER NOT NULL,
    revision_key TEXT NOT NULL,
    description TEXT,
    creation_date INTEGER NOT NULL,
    PRIMARY KEY (state_machine_arn, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX catalog_versions_by_revision ON catalog_versions (state_machine_arn, revision_key, number);
  CREATE TABLE catalog_aliases (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    state_machine_arn TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    routes TEXT NOT NULL,
    creation_date INTEGER NOT NULL,
    update_date INTEGER NOT NULL,
    UNIQUE (state_machine_arn, name)
  ) STRICT;
  CREATE TABLE catalog_activities (
    arn TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    creation_date INTEGER NOT NULL,
    encryption TEXT NOT NULL,
    tags TEXT NOT NULL,
    etag TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE catalog_secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE catalog_revisions ADD COLUMN source TEXT;
  CREATE TABLE catalog_records (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    due_at INTEGER,
    etag TEXT NOT NULL,
    PRIMARY KEY (kind, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX catalog_records_due ON catalog_records (kind, due_at, key) WHERE due_at IS NOT NULL;
  `,
];

const ALIAS_COLUMNS = "state_machine_arn, name, description, routes, creation_date, update_date";
const VERSION_COLUMNS = "state_machine_arn, number, revision_key, description, creation_date";

/** More than AWS's quota of 100 aliases: only a bound for a damaged table. */
const ALIASES_MAX = 1_000;

/** The control plane's tables in the embedded database; makes or updates them. */
export function openCatalogStore(database: Database): CatalogStore {
  migrate(database, "catalog", STEPS);
  return new SqliteCatalogStore(database);
}

/** State machines kept in memory: every start of an execution asks for one. */
const CACHED_MAX = 1_000;

/** Nobody else writes these tables while this process holds the data directory: what was read stays true until written. */
class SqliteCatalogStore implements CatalogStore {
  readonly #database: Database;
  readonly #stateMachines = new Map<string, StoredStateMachine>();

  constructor(database: Database) {
    this.#database = database;
  }

  async stateMachine(arn: string): Promise<StoredStateMachine | undefined> {
    const cached = this.#stateMachines.get(arn);
    if (cached !== undefined) return cached;
    const row = this.#sql<StateMachineRow>("SELECT * FROM catalog_state_machines WHERE arn = ?").get(arn);
    if (row === undefined) return undefined;
    if (this.#stateMachines.size >= CACHED_MAX) this.#stateMachines.clear();
    const stored = stateMachineOf(row);
    this.#stateMachines.set(arn, stored);
    return stored;
  }

  async stateMachines(after: string | undefined, limit: number): Promise<StoredStateMachine[]> {
    const sql = "SELECT * FROM catalog_state_machines WHERE arn > ? ORDER BY arn LIMIT ?";
    return this.#sql<StateMachineRow>(sql)
      .all(after ?? "", limit)
      .map(stateMachineOf);
  }

  async revision(key: string): Promise<StoredRevision | undefined> {
    const row = this.#sql<RevisionRow>(
      `SELECT r.*, d.text AS definition FROM catalog_revisions r
       JOIN catalog_definitions d ON d.hash = r.definition_hash WHERE r.key = ?`,
    ).get(key);
    return row && revisionOf(row);
  }

  async version(arn: string, number: number): Promise<StoredVersion | undefined> {
    const sql = `SELECT ${VERSION_COLUMNS} FROM catalog_versions WHERE state_machine_arn = ? AND number = ?`;
    const row = this.#sql<VersionRow>(sql).get(arn, number);
    return row && versionOf(row);
  }

  async versionOfRevision(arn: string, revisionKey: string): Promise<StoredVersion | undefined> {
    const row = this.#sql<VersionRow>(
      `SELECT ${VERSION_COLUMNS} FROM catalog_versions
       WHERE state_machine_arn = ? AND revision_key = ? ORDER BY number DESC LIMIT 1`,
    ).get(arn, revisionKey);
    return row && versionOf(row);
  }

  async versions(arn: string, before: number | undefined, limit: number): Promise<StoredVersion[]> {
    return this.#sql<VersionRow>(
      `SELECT ${VERSION_COLUMNS} FROM catalog_versions
       WHERE state_machine_arn = ? AND number < ? ORDER BY number DESC LIMIT ?`,
    )
      .all(arn, before ?? Number.MAX_SAFE_INTEGER, limit)
      .map(versionOf);
  }

  async countVersions(arn: string): Promise<number> {
    const sql = "SELECT count(*) AS n FROM catalog_versions WHERE state_machine_arn = ?";
    return this.#sql<{ n: number }>(sql).get(arn)?.n ?? 0;
  }

  async alias(arn: string, name: string): Promise<StoredAlias | undefined> {
    const sql = `SELECT ${ALIAS_COLUMNS} FROM catalog_aliases WHERE state_machine_arn = ? AND name = ?`;
    const row = this.#sql<AliasRow>(sql).get(arn, name);
    return row && aliasOf(row);
  }

  async aliases(arn: string): Promise<StoredAlias[]> {
    return this.#sql<AliasRow>(
      `SELECT ${ALIAS_COLUMNS} FROM catalog_aliases WHERE state_machine_arn = ? ORDER BY position DESC LIMIT ?`,
    )
      .all(arn, ALIASES_MAX)
      .map(aliasOf);
  }

  async commitStateMachine(change: StateMachineChange): Promise<boolean> {
    this.#stateMachines.delete(change.stateMachineArn);
    return this.#database.transaction(() => {
      const arn = change.stateMachineArn;
      const sql = "SELECT etag FROM catalog_state_machines WHERE arn = ?";
      if (this.#sql<{ etag: string }>(sql).get(arn)?.etag !== change.expectedEtag) return false;
      if (change.stateMachine === undefined) this.#deleteStateMachine(arn);
      else this.#writeStateMachine(change, change.stateMachine);
      return true;
    });
  }

  #writeStateMachine(change: StateMachineChange, row: StoredStateMachine): void {
    const { putRevision, putVersion, putAlias, deleteVersion, deleteAlias } = change;
    this.#run(
      "INSERT OR REPLACE INTO catalog_state_machines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.stateMachineArn,
      row.name,
      row.type,
      row.status,
      row.creationDate,
      row.revisionKey,
      row.nextVersion,
      JSON.stringify(row.tags),
      JSON.stringify(row.createdWith),
      row.etag,
    );
    if (putRevision) this.#putRevision(putRevision);
    if (putVersion) this.#putVersion(putVersion);
    if (putAlias) this.#putAlias(putAlias);
    if (deleteVersion !== undefined) {
      const sql = "DELETE FROM catalog_versions WHERE state_machine_arn = ? AND number = ?";
      this.#run(sql, change.stateMachineArn, deleteVersion);
    }
    if (deleteAlias !== undefined) {
      const sql = "DELETE FROM catalog_aliases WHERE state_machine_arn = ? AND name = ?";
      this.#run(sql, change.stateMachineArn, deleteAlias);
    }
  }

  #putRevision(revision: StoredRevision): void {
    const { loggingConfiguration, tracingConfiguration, encryptionConfiguration } = revision;
    const hash = createHash("sha256").update(revision.definition).digest();
    this.#run("INSERT OR IGNORE INTO catalog_definitions VALUES (?, ?)", hash, revision.definition);
    this.#run(
      "INSERT OR IGNORE INTO catalog_revisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      revision.key,
      revision.stateMachineArn,
      revision.name,
      revision.type,
      hash,
      revision.roleArn,
      JSON.stringify({ loggingConfiguration, tracingConfiguration, encryptionConfiguration }),
      revision.revisionId ?? null,
      revision.updateDate,
      revision.source === undefined ? null : JSON.stringify(revision.source),
    );
  }

  #putVersion(version: StoredVersion): void {
    this.#run(
      "INSERT INTO catalog_versions VALUES (?, ?, ?, ?, ?)",
      version.stateMachineArn,
      version.number,
      version.revisionKey,
      version.description ?? null,
      version.creationDate,
    );
  }

  #putAlias(alias: StoredAlias): void {
    this.#run(
      `INSERT INTO catalog_aliases (${ALIAS_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (state_machine_arn, name) DO UPDATE SET
         description = excluded.description, routes = excluded.routes, update_date = excluded.update_date`,
      alias.stateMachineArn,
      alias.name,
      alias.description ?? null,
      JSON.stringify(alias.routes),
      alias.creationDate,
      alias.updateDate,
    );
  }

  #deleteStateMachine(arn: string): void {
    this.#run("DELETE FROM catalog_state_machines WHERE arn = ?", arn);
    this.#run("DELETE FROM catalog_versions WHERE state_machine_arn = ?", arn);
    this.#run("DELETE FROM catalog_aliases WHERE state_machine_arn = ?", arn);
  }

  async activity(arn: string): Promise<StoredActivity | undefined> {
    const row = this.#sql<ActivityRow>("SELECT * FROM catalog_activities WHERE arn = ?").get(arn);
    return row && activityOf(row);
  }

  async activities(after: string | undefined, limit: number): Promise<StoredActivity[]> {
    const sql = "SELECT * FROM catalog_activities WHERE arn > ? ORDER BY arn LIMIT ?";
    return this.#sql<ActivityRow>(sql)
      .all(after ?? "", limit)
      .map(activityOf);
  }

  async commitActivity(
    arn: string,
    expectedEtag: string | undefined,
    activity: StoredActivity | undefined,
  ): Promise<boolean> {
    return this.#database.transaction(() => {
      const sql = "SELECT etag FROM catalog_activities WHERE arn = ?";
      if (this.#sql<{ etag: string }>(sql).get(arn)?.etag !== expectedEtag) return false;
      if (activity === undefined) this.#run("DELETE FROM catalog_activities WHERE arn = ?", arn);
      else this.#writeActivity(activity);
      return true;
    });
  }

  #writeActivity(activity: StoredActivity): void {
    this.#run(
      "INSERT OR REPLACE INTO catalog_activities VALUES (?, ?, ?, ?, ?, ?)",
      activity.activityArn,
      activity.name,
      activity.creationDate,
      JSON.stringify(activity.encryptionConfiguration),
      JSON.stringify(activity.tags),
      activity.etag,
    );
  }

  async count(): Promise<CatalogCounts> {
    const row = this.#sql<CatalogCounts>(
      `SELECT (SELECT count(*) FROM catalog_state_machines) AS stateMachines,
              (SELECT count(*) FROM catalog_versions) AS versions,
              (SELECT count(*) FROM catalog_aliases) AS aliases,
              (SELECT count(*) FROM catalog_activities) AS activities`,
    ).get();
    return row ?? { stateMachines: 0, versions: 0, aliases: 0, activities: 0 };
  }

  async recordKinds(): Promise<string[]> {
    return this.#sql<{ kind: string }>("SELECT DISTINCT kind FROM catalog_records ORDER BY kind")
      .all()
      .map(({ kind }) => kind);
  }

  async record(kind: string, key: string): Promise<StoredRecord | undefined> {
    const row = this.#sql<RecordRow>("SELECT * FROM catalog_records WHERE kind = ? AND key = ?").get(kind, key);
    return row && recordOf(row);
  }

  async records(kind: string, prefix: string, after: string | undefined, limit: number): Promise<StoredRecord[]> {
    const sql = `SELECT * FROM catalog_records
       WHERE kind = ? AND key > ? AND substr(key, 1, length(?)) = ? ORDER BY key LIMIT ?`;
    return this.#sql<RecordRow>(sql)
      .all(kind, after ?? "", prefix, prefix, limit)
      .map(recordOf);
  }

  async dueRecords(kind: string, until: EpochMs, limit: number): Promise<StoredRecord[]> {
    const sql = "SELECT * FROM catalog_records WHERE kind = ? AND due_at <= ? ORDER BY due_at, key LIMIT ?";
    return this.#sql<RecordRow>(sql).all(kind, until, limit).map(recordOf);
  }

  async nextDueRecord(kind: string): Promise<EpochMs | undefined> {
    const sql = "SELECT min(due_at) AS at FROM catalog_records WHERE kind = ? AND due_at IS NOT NULL";
    return this.#sql<{ at: number | null }>(sql).get(kind)?.at ?? undefined;
  }

  async commitRecord(
    kind: string,
    key: string,
    expectedEtag: string | undefined,
    record: StoredRecord | undefined,
  ): Promise<boolean> {
    return this.#database.transaction(() => {
      const sql = "SELECT etag FROM catalog_records WHERE kind = ? AND key = ?";
      if (this.#sql<{ etag: string }>(sql).get(kind, key)?.etag !== expectedEtag) return false;
      if (record === undefined) this.#run("DELETE FROM catalog_records WHERE kind = ? AND key = ?", kind, key);
      else this.#writeRecord(record);
      return true;
    });
  }

  #writeRecord({ kind, key, value, dueAt, etag }: StoredRecord): void {
    const sql = "INSERT OR REPLACE INTO catalog_records (kind, key, value, due_at, etag) VALUES (?, ?, ?, ?, ?)";
    this.#run(sql, kind, key, JSON.stringify(value), dueAt ?? null, etag);
  }

  async secret(name: string, candidate: string): Promise<string> {
    return this.#database.transaction(() => {
      this.#run("INSERT OR IGNORE INTO catalog_secrets VALUES (?, ?)", name, candidate);
      const row = this.#sql<{ value: string }>("SELECT value FROM catalog_secrets WHERE name = ?").get(name);
      return row?.value ?? candidate;
    });
  }

  #sql<Row extends object>(sql: string): Statement<Row> {
    return this.#database.prepare<Row>(sql);
  }

  #run(sql: string, ...parameters: SqlValue[]): void {
    this.#database.prepare(sql).run(...parameters);
  }
}

interface StateMachineRow {
  arn: string;
  name: string;
  type: StoredStateMachine["type"];
  status: StoredStateMachine["status"];
  creation_date: number;
  revision_key: string;
  next_version: number;
  tags: string;
  created_with: string;
  etag: string;
}

function stateMachineOf(row: StateMachineRow): StoredStateMachine {
  return {
    stateMachineArn: row.arn,
    name: row.name,
    type: row.type,
    status: row.status,
    creationDate: row.creation_date,
    revisionKey: row.revision_key,
    nextVersion: row.next_version,
    tags: row.tags === "[]" ? [] : JSON.parse(row.tags),
    createdWith: JSON.parse(row.created_with),
    etag: row.etag,
  };
}

interface RevisionRow {
  key: string;
  state_machine_arn: string;
  name: string;
  type: StoredRevision["type"];
  definition: string;
  role_arn: string;
  configuration: string;
  revision_id: string | null;
  update_date: number;
  source: string | null;
}

function revisionOf(row: RevisionRow): StoredRevision {
  return {
    key: row.key,
    stateMachineArn: row.state_machine_arn,
    name: row.name,
    type: row.type,
    definition: row.definition,
    roleArn: row.role_arn,
    ...JSON.parse(row.configuration),
    ...(row.revision_id === null ? {} : { revisionId: row.revision_id }),
    updateDate: row.update_date,
    ...(row.source === null ? {} : { source: JSON.parse(row.source) }),
  };
}

interface VersionRow {
  state_machine_arn: string;
  number: number;
  revision_key: string;
  description: string | null;
  creation_date: number;
}

function versionOf(row: VersionRow): StoredVersion {
  return {
    stateMachineArn: row.state_machine_arn,
    number: row.number,
    revisionKey: row.revision_key,
    ...(row.description === null ? {} : { description: row.description }),
    creationDate: row.creation_date,
  };
}

interface AliasRow {
  state_machine_arn: string;
  name: string;
  description: string | null;
  routes: string;
  creation_date: number;
  update_date: number;
}

function aliasOf(row: AliasRow): StoredAlias {
  return {
    stateMachineArn: row.state_machine_arn,
    name: row.name,
    ...(row.description === null ? {} : { description: row.description }),
    routes: JSON.parse(row.routes),
    creationDate: row.creation_date,
    updateDate: row.update_date,
  };
}

interface RecordRow {
  kind: string;
  key: string;
  value: string;
  due_at: number | null;
  etag: string;
}

function recordOf({ kind, key, value, due_at, etag }: RecordRow): StoredRecord {
  return { kind, key, value: JSON.parse(value), ...(due_at === null ? {} : { dueAt: due_at }), etag };
}

interface ActivityRow {
  arn: string;
  name: string;
  creation_date: number;
  encryption: string;
  tags: string;
  etag: string;
}

function activityOf(row: ActivityRow): StoredActivity {
  return {
    activityArn: row.arn,
    name: row.name,
    creationDate: row.creation_date,
    encryptionConfiguration: JSON.parse(row.encryption),
    tags: JSON.parse(row.tags),
    etag: row.etag,
  };
}
