/** The CatalogStore port on PostgreSQL: each row a JSON text, with what is searched for beside it. */
import type { EpochMs, JsonObject } from "@stepwell/core";
import type {
  CatalogCounts,
  CatalogStore,
  RevisionSource,
  StateMachineChange,
  StoredActivity,
  StoredAlias,
  StoredRecord,
  StoredRevision,
  StoredStateMachine,
  StoredVersion,
} from "@stepwell/engine";
import { contentId } from "./content-ids.ts";
import type { Postgres, Statements, Value } from "./database.ts";
import { violatedConstraint } from "./database-failure.ts";

/** More than AWS's quota of 100 aliases: only a bound for a damaged table. */
const ALIASES_MAX = 1_000;

interface JsonRow {
  readonly json: string;
}

interface RecordRow {
  readonly kind: string;
  readonly key: string;
  readonly due_at: number | null;
  readonly etag: string;
  readonly value: string;
}

/** The control plane's tables, which `migrate` has made. */
export function openCatalogStore(database: Postgres): CatalogStore {
  return new PostgresCatalogStore(database);
}

class PostgresCatalogStore implements CatalogStore {
  readonly #database: Postgres;

  constructor(database: Postgres) {
    this.#database = database;
  }

  async #all<T>(sql: string, ...values: Value[]): Promise<T[]> {
    return (await this.#database.query<JsonRow>(sql, values)).map(({ json }) => JSON.parse(json) as T);
  }

  async #one<T>(sql: string, ...values: Value[]): Promise<T | undefined> {
    return (await this.#all<T>(sql, ...values))[0];
  }

  stateMachine(arn: string): Promise<StoredStateMachine | undefined> {
    return this.#one("SELECT json FROM catalog_state_machines WHERE arn = $1", arn);
  }

  stateMachines(after: string | undefined, limit: number): Promise<StoredStateMachine[]> {
    return this.#all(
      "SELECT json FROM catalog_state_machines WHERE arn > $1 ORDER BY arn LIMIT $2",
      after ?? "",
      limit,
    );
  }

  async revision(key: string): Promise<StoredRevision | undefined> {
    const [row] = await this.#database.query<JsonRow & { definition: string; source: string | null }>(
      `SELECT r.json, d.text AS definition, s.text AS source FROM catalog_revisions r
       JOIN catalog_definitions d ON d.hash = r.definition LEFT JOIN catalog_definitions s ON s.hash = r.source
       WHERE r.key = $1`,
      [key],
    );
    if (row === undefined) return undefined;
    const { source, ...revision } = JSON.parse(row.json) as StoredRevision & { source?: RevisionSource };
    return {
      ...revision,
      definition: row.definition,
      ...(source === undefined || row.source === null ? {} : { source: { ...source, text: row.source } }),
    };
  }

  version(arn: string, number: number): Promise<StoredVersion | undefined> {
    return this.#one("SELECT json FROM catalog_versions WHERE state_machine_arn = $1 AND number = $2", arn, number);
  }

  versionOfRevision(arn: string, revisionKey: string): Promise<StoredVersion | undefined> {
    return this.#one(
      `SELECT json FROM catalog_versions
       WHERE state_machine_arn = $1 AND revision_key = $2 ORDER BY number DESC LIMIT 1`,
      arn,
      revisionKey,
    );
  }

  versions(arn: string, before: number | undefined, limit: number): Promise<StoredVersion[]> {
    return this.#all(
      `SELECT json FROM catalog_versions WHERE state_machine_arn = $1 AND number < $2 ORDER BY number DESC LIMIT $3`,
      arn,
      before ?? 2 ** 31 - 1,
      limit,
    );
  }

  async countVersions(arn: string): Promise<number> {
    const sql = "SELECT count(*) AS n FROM catalog_versions WHERE state_machine_arn = $1";
    return (await this.#database.query<{ n: number }>(sql, [arn]))[0]?.n ?? 0;
  }

  alias(arn: string, name: string): Promise<StoredAlias | undefined> {
    return this.#one("SELECT json FROM catalog_aliases WHERE state_machine_arn = $1 AND name = $2", arn, name);
  }

  aliases(arn: string): Promise<StoredAlias[]> {
    const sql = "SELECT json FROM catalog_aliases WHERE state_machine_arn = $1 ORDER BY position DESC LIMIT $2";
    return this.#all(sql, arn, ALIASES_MAX);
  }

  async commitStateMachine(change: StateMachineChange): Promise<boolean> {
    const { stateMachineArn: arn, expectedEtag, stateMachine } = change;
    return this.#ifFirst(async (statements) => {
      if (!(await putRow(statements, "catalog_state_machines", arn, expectedEtag, stateMachine))) return false;
      if (stateMachine === undefined) {
        await statements.query("DELETE FROM catalog_versions WHERE state_machine_arn = $1", [arn]);
        await statements.query("DELETE FROM catalog_aliases WHERE state_machine_arn = $1", [arn]);
      } else await writeParts(statements, change);
      return true;
    });
  }

  /** False also when somebody else made the same row in the same moment. */
  async #ifFirst(work: (statements: Statements) => Promise<boolean>): Promise<boolean> {
    try {
      return await this.#database.transaction(work);
    } catch (error) {
      if (violatedConstraint(error) === undefined) throw error;
      return false;
    }
  }

  activity(arn: string): Promise<StoredActivity | undefined> {
    return this.#one("SELECT json FROM catalog_activities WHERE arn = $1", arn);
  }

  activities(after: string | undefined, limit: number): Promise<StoredActivity[]> {
    return this.#all("SELECT json FROM catalog_activities WHERE arn > $1 ORDER BY arn LIMIT $2", after ?? "", limit);
  }

  commitActivity(
    arn: string,
    expectedEtag: string | undefined,
    activity: StoredActivity | undefined,
  ): Promise<boolean> {
    return this.#ifFirst((statements) => putRow(statements, "catalog_activities", arn, expectedEtag, activity));
  }

  async count(): Promise<CatalogCounts> {
    const [row] = await this.#database.query<CatalogCounts>(
      `SELECT (SELECT count(*) FROM catalog_state_machines) AS "stateMachines",
         (SELECT count(*) FROM catalog_versions) AS versions,
         (SELECT count(*) FROM catalog_aliases) AS aliases,
         (SELECT count(*) FROM catalog_activities) AS activities`,
    );
    return row ?? { stateMachines: 0, versions: 0, aliases: 0, activities: 0 };
  }

  async recordKinds(): Promise<string[]> {
    const sql = "SELECT DISTINCT kind FROM catalog_records ORDER BY kind";
    return (await this.#database.query<{ kind: string }>(sql)).map(({ kind }) => kind);
  }

  async record(kind: string, key: string): Promise<StoredRecord | undefined> {
    return (await this.#records("kind = $1 AND key = $2", [kind, key]))[0];
  }

  records(kind: string, prefix: string, after: string | undefined, limit: number): Promise<StoredRecord[]> {
    const values = [kind, after ?? "", prefix, limit];
    return this.#records("kind = $1 AND key > $2 AND starts_with(key, $3) ORDER BY key LIMIT $4", values);
  }

  dueRecords(kind: string, until: EpochMs, limit: number): Promise<StoredRecord[]> {
    return this.#records("kind = $1 AND due_at <= $2 ORDER BY due_at, key LIMIT $3", [kind, until, limit]);
  }

  async #records(where: string, values: readonly Value[]): Promise<StoredRecord[]> {
    const sql = `SELECT kind, key, due_at, etag, value FROM catalog_records WHERE ${where}`;
    return (await this.#database.query<RecordRow>(sql, values)).map(recordOf);
  }

  async nextDueRecord(kind: string): Promise<EpochMs | undefined> {
    const sql = "SELECT min(due_at) AS at FROM catalog_records WHERE kind = $1 AND due_at IS NOT NULL";
    return (await this.#database.query<{ at: number | null }>(sql, [kind]))[0]?.at ?? undefined;
  }

  commitRecord(
    kind: string,
    key: string,
    expectedEtag: string | undefined,
    record: StoredRecord | undefined,
  ): Promise<boolean> {
    return this.#ifFirst(async ({ query }) => {
      if (record === undefined) {
        const sql = "DELETE FROM catalog_records WHERE kind = $1 AND key = $2 AND etag = $3 RETURNING key";
        return expectedEtag === undefined || (await query(sql, [kind, key, expectedEtag])).length === 1;
      }
      const values = [kind, key, record.dueAt ?? null, record.etag, JSON.stringify(record.value)];
      if (expectedEtag === undefined) {
        const sql = "INSERT INTO catalog_records (kind, key, due_at, etag, value) VALUES ($1, $2, $3, $4, $5)";
        await query(sql, values);
        return true;
      }
      const sql = `UPDATE catalog_records SET due_at = $3, etag = $4, value = $5
        WHERE kind = $1 AND key = $2 AND etag = $6 RETURNING key`;
      return (await query(sql, [...values, expectedEtag])).length === 1;
    });
  }

  async secret(name: string, candidate: string): Promise<string> {
    await this.#database.query("INSERT INTO catalog_secrets VALUES ($1, $2) ON CONFLICT DO NOTHING", [name, candidate]);
    const sql = "SELECT value FROM catalog_secrets WHERE name = $1";
    return (await this.#database.query<{ value: string }>(sql, [name]))[0]?.value ?? candidate;
  }
}

function recordOf({ kind, key, due_at, etag, value }: RecordRow): StoredRecord {
  return { kind, key, value: JSON.parse(value) as JsonObject, ...(due_at === null ? {} : { dueAt: due_at }), etag };
}

/** Writes a row decided on the etag that was seen; false when it is another one now. */
async function putRow(
  { query }: Statements,
  table: "catalog_state_machines" | "catalog_activities",
  arn: string,
  expectedEtag: string | undefined,
  row: { readonly etag: string } | undefined,
): Promise<boolean> {
  if (row === undefined) {
    const sql = `DELETE FROM ${table} WHERE arn = $1 AND etag = $2 RETURNING arn`;
    return expectedEtag === undefined || (await query(sql, [arn, expectedEtag])).length === 1;
  }
  const values = [arn, row.etag, JSON.stringify(row)];
  if (expectedEtag === undefined) {
    await query(`INSERT INTO ${table} (arn, etag, json) VALUES ($1, $2, $3)`, values);
    return true;
  }
  const sql = `UPDATE ${table} SET etag = $2, json = $3 WHERE arn = $1 AND etag = $4 RETURNING arn`;
  return (await query(sql, [...values, expectedEtag])).length === 1;
}

async function writeParts(statements: Statements, change: StateMachineChange): Promise<void> {
  const { stateMachineArn: arn, putRevision, putVersion, putAlias, deleteVersion, deleteAlias } = change;
  if (putRevision !== undefined) await putRevisionRow(statements, putRevision);
  if (putVersion !== undefined) {
    const { number, revisionKey } = putVersion;
    const values = [arn, number, revisionKey, JSON.stringify(putVersion)];
    await statements.query("INSERT INTO catalog_versions VALUES ($1, $2, $3, $4)", values);
  }
  if (putAlias !== undefined) {
    await statements.query(
      `INSERT INTO catalog_aliases (state_machine_arn, name, json) VALUES ($1, $2, $3)
       ON CONFLICT (state_machine_arn, name) DO UPDATE SET json = excluded.json`,
      [arn, putAlias.name, JSON.stringify(putAlias)],
    );
  }
  if (deleteVersion !== undefined) {
    const sql = "DELETE FROM catalog_versions WHERE state_machine_arn = $1 AND number = $2";
    await statements.query(sql, [arn, deleteVersion]);
  }
  if (deleteAlias !== undefined) {
    await statements.query("DELETE FROM catalog_aliases WHERE state_machine_arn = $1 AND name = $2", [
      arn,
      deleteAlias,
    ]);
  }
}

/** Equal texts are kept once. */
async function putRevisionRow(
  { query }: Statements,
  { definition, source, ...revision }: StoredRevision,
): Promise<void> {
  const put = "INSERT INTO catalog_definitions VALUES ($1, $2) ON CONFLICT DO NOTHING";
  await query(put, [contentId(definition), definition]);
  if (source !== undefined) await query(put, [contentId(source.text), source.text]);
  const described = source === undefined ? revision : { ...revision, source: { ...source, text: "" } };
  await query("INSERT INTO catalog_revisions VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", [
    revision.key,
    contentId(definition),
    source === undefined ? null : contentId(source.text),
    JSON.stringify(described),
  ]);
}
