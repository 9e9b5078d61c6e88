import { join } from "node:path";
import pg from "pg";
import Postgrator from "postgrator";
import type { PostgresOptions } from "./database.ts";
import { asStoreFailure } from "./database-failure.ts";

const STEPS: string = join(import.meta.dirname, "..", "migrations", "*.sql");
const CONNECT_MS = 10_000;

/**
 * Makes or updates the tables. Nodes that start together take turns at a row; what one did the next one finds done. All
 * of it is one transaction.
 */
export async function migrate({ url, schema }: PostgresOptions): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    ...(schema === undefined ? {} : { options: `-c search_path=${schema}` }),
  });
  // A connection that breaks later is told of by the query that meets it.
  client.on("error", () => undefined);
  try {
    await client.connect();
    if (schema !== undefined) await client.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
    await lockRow(client);
    await client.query("BEGIN");
    await client.query("SELECT id FROM migration_lock WHERE id = 1 FOR UPDATE");
    const { rows } = await client.query<{ name: string }>("SELECT current_schema() AS name");
    await new Postgrator({
      driver: "pg",
      migrationPattern: STEPS,
      schemaTable: "migrations",
      ...(rows[0] === undefined ? {} : { currentSchema: rows[0].name }),
      execQuery: (query) => client.query(query),
    }).migrate();
    await client.query("COMMIT");
  } catch (error) {
    throw asStoreFailure(error);
  } finally {
    // What was not committed is rolled back with the connection.
    await client.end().catch(() => undefined);
  }
}

/** Two that make the table in the same moment: one of them is told that it exists, in one way or another. */
async function lockRow(client: pg.Client): Promise<void> {
  const sql = "CREATE TABLE IF NOT EXISTS migration_lock (id integer PRIMARY KEY)";
  await client.query(sql).catch(() => client.query(sql));
  await client.query("INSERT INTO migration_lock VALUES (1) ON CONFLICT DO NOTHING");
}
