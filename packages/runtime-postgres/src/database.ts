/**
 * Connections to PostgreSQL. Statements are prepared once per connection, by a name made of their text. Everything is
 * bounded: waiting for a connection, connecting, and the statement itself; what takes longer is `StoreUnavailable`.
 */
import { createHash } from "node:crypto";
import pg from "pg";
import { asStoreFailure } from "./database-failure.ts";

const CONNECT_MS = 5_000;
const STATEMENT_MS = 8_000;
/** The server ends a statement first; this is for a server that does not answer at all. */
const ANSWER_MS = STATEMENT_MS + 2_000;
const IDLE_IN_TRANSACTION_MS = 5_000;
const INT8_OID = 20;
/**
 * Statements are planned once for each connection, often when the tables are empty or tiny, and kept while these grow: a
 * plan that reads a whole table, harmless then, takes longer with every execution stored. Nothing here needs to read one
 * where an index leads to the rows. Without `jit`: the server would compile what it thinks costs much.
 */
const PLANS = `SELECT set_config(name, 'off', false) FROM unnest(ARRAY['enable_seqscan', 'jit']) AS n(name)
  WHERE current_setting(name, true) IS NOT NULL`;

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`; PG* variables complete it. */
  readonly url: string;
  /** Where the tables are; default: the first schema of the search path. */
  readonly schema?: string;
  /** Connections that commit executions; default 2. More commits at once than that do not help a primary. */
  readonly commitConnections?: number;
  /** Connections for everything else; default 8. */
  readonly connections?: number;
  /** Told of connections that broke while nobody used them. */
  readonly onProblem?: (problem: unknown, about: string) => void;
}

export type Value = string | number | boolean | Buffer | null;

export interface Statements {
  query<R extends object>(text: string, values?: readonly Value[]): Promise<R[]>;
}

export interface Postgres extends Statements {
  /** For commits of executions: they never wait for readers. */
  readonly commits: Statements;
  /** For leases: they wait for nobody. */
  readonly leases: Statements;
  readonly commitConnections: number;
  readonly schema: string | undefined;
  /** Rolled back when `work` rejects. */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Connects when something is asked for. */
export function openPostgres(options: PostgresOptions): Postgres {
  const commitConnections = options.commitConnections ?? 2;
  const commits = poolOf(options, commitConnections);
  const others = poolOf(options, options.connections ?? 8);
  const leases = poolOf(options, 1);
  return {
    ...statementsOf(others),
    commits: statementsOf(commits),
    leases: statementsOf(leases),
    commitConnections,
    schema: options.schema,
    transaction: (work) => inTransaction(others, work),
    async close() {
      await Promise.all([commits, others, leases].map((pool) => pool.end()));
    },
  };
}

function poolOf(options: PostgresOptions, max: number): pg.Pool {
  const { url, schema, onProblem } = options;
  const types = new pg.TypeOverrides();
  // Keys, times and counts are whole numbers below 2^53.
  types.setTypeParser(INT8_OID, Number);
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    application_name: "stepwell",
    // Before anybody gets the connection.
    onConnect: async (client) => {
      await client.query(PLANS);
    },
    ...(schema === undefined ? {} : { options: `-c search_path=${schema}` }),
  });
  pool.on("error", (error) => onProblem?.(error, "a connection to PostgreSQL"));
  return pool;
}

function statementsOf(queryable: pg.Pool | pg.PoolClient): Statements {
  return {
    async query<R extends object>(text: string, values: readonly Value[] = []): Promise<R[]> {
      try {
        return (await queryable.query<R & pg.QueryResultRow>({ name: nameOf(text), text, values: [...values] })).rows;
      } catch (error) {
        throw asStoreFailure(error);
      }
    },
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (statements: Statements) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asStoreFailure(error);
  });
  let broken = false;
  try {
    const statements = statementsOf(client);
    await statements.query("BEGIN");
    const result = await work(statements);
    await statements.query("COMMIT");
    return result;
  } catch (error) {
    // A connection that cannot even roll back is thrown away, and the server rolls back.
    await client.query("ROLLBACK").catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

const names = new Map<string, string>();

function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `s${createHash("sha256").update(text).digest("hex").slice(0, 20)}`;
    names.set(text, name);
  }
  return name;
}
