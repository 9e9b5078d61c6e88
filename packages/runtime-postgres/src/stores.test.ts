import { join } from "node:path";
import type { ExecutionCommit } from "@stepwell/engine";
import { CATALOG_STORE_CASES, executionStoreContract, MAP_RUN_STORE_CASES } from "@stepwell/engine/testing";
import pg from "pg";
import Postgrator from "postgrator";
import * as vitest from "vitest";
import { openCatalogStore } from "./catalog-store.ts";
import { openPostgres, type Postgres } from "./database.ts";
import { openExecutionStore } from "./execution-store.ts";
import type { Fence } from "./fence.ts";
import { SHARDS } from "./fence.ts";
import { openMapRunStore } from "./map-run-store.ts";
import { migrate } from "./migrations.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "./testing/postgres-server.ts";

const isHere = postgresPrograms() !== undefined;
if (!isHere) console.log("SKIPPED: the stores on PostgreSQL: there is no PostgreSQL here");

let server: PostgresServer;
let database: Postgres;
let epoch = 0;

const fence: Fence = {
  lease: () => ({ epoch, slot: 0 }),
  refused: () => undefined,
  shards: () => Array.from({ length: SHARDS }, (_, shard) => shard),
};

/** An execution that starts and goes on. */
function beginning(name: string): ExecutionCommit {
  const executionArn = `arn:aws:states:eu-west-1:123456789012:execution:orders:${name}`;
  return {
    executionArn,
    over: {
      kind: "create",
      start: {
        executionArn,
        executionName: name,
        type: "STANDARD",
        stateMachineArn: "arn:aws:states:eu-west-1:123456789012:stateMachine:orders",
        stateMachineName: "orders",
        roleArn: "",
        startedAt: 1,
        input: "{}",
      },
      revisionKey: "r",
    },
    lastEventId: 1,
    history: [{ firstId: 1, lastId: 1, text: "x" }],
    parts: [{ part: 0, json: "{}" }],
    tasksSubmitted: [],
    tasksSettled: [],
    activityTasksQueued: [],
    activityTasksRemoved: [],
  };
}

vitest.describe.runIf(isHere)("the stores on PostgreSQL", () => {
  vitest.beforeAll(async () => {
    server = await startPostgres({ fsync: "off" });
    // As nodes that start together do.
    await Promise.all([1, 2, 3].map(() => migrate({ url: server.url })));
    database = openPostgres({ url: server.url });
    const [row] = await database.query<{ epoch: number }>(
      `INSERT INTO leases (slot, name, address, version, expires_at)
       VALUES (0, 'test', '', '', now() + interval '1 hour') RETURNING epoch`,
    );
    epoch = row?.epoch ?? 0;
  }, 240_000);
  vitest.afterAll(async () => {
    await database.close();
    server.remove();
  });

  /** Empty tables, for whoever asks next. */
  async function empty(): Promise<void> {
    const tables = await database.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()
       AND tablename NOT IN ('migrations', 'migration_lock', 'leases', 'shards')`,
    );
    await database.query(`TRUNCATE ${tables.map(({ name }) => name).join(", ")}`);
  }

  vitest.describe("executions", () => {
    executionStoreContract(vitest, () => {
      const emptied = empty();
      const store = openExecutionStore(database, fence);
      const patient = new Proxy(store, {
        get(target, member): unknown {
          const method: unknown = Reflect.get(target, member);
          if (typeof method !== "function") return method;
          return (...args: unknown[]): unknown => emptied.then(() => method.apply(target, args));
        },
      });
      return { store: patient };
    });

    vitest.test("a node without its lease commits nothing", async () => {
      const refused: number[] = [];
      const zombie: Fence = {
        ...fence,
        lease: () => ({ epoch: 999_999, slot: 1 }),
        refused: (one) => refused.push(one),
      };
      const commit = beginning("zombie");
      const arn = commit.executionArn;
      await vitest
        .expect(openExecutionStore(database, zombie).commit([commit]))
        .rejects.toMatchObject({ name: "NotOwned" });
      vitest.expect(refused).toEqual([999_999]);
      vitest.expect(await openExecutionStore(database, fence).describe(arn)).toBeUndefined();
      vitest.expect(await database.query("SELECT * FROM history_chunks WHERE text = 'x'")).toEqual([]);
    });

    // Statements are planned when the tables are as good as empty, and kept.
    vitest.test(
      "a commit reads only the rows of its executions, whatever else is stored",
      async () => {
        const schema = "filled";
        const settings = { url: server.url, schema, commitConnections: 1, connections: 1 };
        await migrate(settings);
        const filled = openPostgres(settings);
        const [lease] = await filled.query<{ epoch: number }>(
          `INSERT INTO leases (slot, name, address, version, expires_at)
         VALUES (0, 'test', '', '', now() + interval '1 hour') RETURNING epoch`,
        );
        const own: Fence = { ...fence, lease: () => ({ epoch: lease?.epoch ?? 0, slot: 0 }) };
        const store = openExecutionStore(filled, own);
        const round = async (names: readonly string[]): Promise<void> => {
          const begun = names.map(beginning);
          const keys = await store.commit(begun);
          const next = (version: number): ExecutionCommit[] =>
            begun.map((one, i) => ({
              ...one,
              over: { kind: "advance", key: keys[i] as number, version },
              history: [{ firstId: version + 1, lastId: version + 1, text: "y" }],
            }));
          await store.commit(next(1));
          const end = { status: "SUCCEEDED", output: "{}", stopDate: 2 } as const;
          await store.commit(next(2).map((one) => ({ ...one, end })));
          const arns = begun.map(({ executionArn }) => executionArn);
          for (const one of await store.load(arns)) vitest.expect(one?.status).toBe("SUCCEEDED");
        };
        const ROUNDS = 10;
        const ROWS = 3_000;
        for (let i = 0; i < ROUNDS; i++) await round([`early${i}`]);
        const waiting = Array.from({ length: ROWS }, (_, i) => beginning(`waiting${i}`));
        await store.commit(waiting);
        const read = async (): Promise<number> => {
          const [row] = await database.query<{ rows: number }>(
            `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint AS rows
           FROM pg_stat_user_tables WHERE schemaname = $1`,
            [schema],
          );
          return row?.rows ?? 0;
        };
        for (let i = 0; i < ROUNDS; i++) await round([`late${i}`, `later${i}`]);
        const pids: number[] = [];
        for (const one of [filled, filled.commits]) {
          pids.push(...(await one.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).map(({ pid }) => pid));
        }
        await filled.close();
        // They have told what they read when they are gone.
        await vitest.vi.waitFor(
          async () => {
            const sql = "SELECT pid FROM pg_stat_activity WHERE pid = $1 OR pid = $2";
            vitest.expect(await database.query(sql, pids)).toEqual([]);
          },
          { timeout: 60_000, interval: 50 },
        );
        const rows = await read();
        vitest.expect(rows).toBeGreaterThan(ROUNDS * 4);
        vitest.expect(rows).toBeLessThan(ROWS);
      },
      120_000,
    );
  });

  vitest.test("the tables of the first release are brought up to date with what is in them", async () => {
    const client = new pg.Client({ connectionString: server.url, options: "-c search_path=old" });
    await client.connect();
    await client.query("CREATE SCHEMA old");
    const first = new Postgrator({
      driver: "pg",
      migrationPattern: join(import.meta.dirname, "..", "migrations", "*.sql"),
      schemaTable: "migrations",
      currentSchema: "old",
      execQuery: (query) => client.query(query),
    });
    await first.migrate("1");
    await client.query("INSERT INTO announcements (shard, text) VALUES (3, 'told')");
    await client.end();
    await migrate({ url: server.url, schema: "old" });
    const old = openPostgres({ url: server.url, schema: "old" });
    const store = openExecutionStore(old, fence);
    vitest.expect((await store.announcements(10)).map(({ text }) => text)).toEqual(["told"]);
    vitest.expect(await store.jobsToStop(10)).toEqual([]);
    await old.close();
  });

  vitest.describe("the catalog", () => {
    vitest.beforeEach(empty);
    vitest.test.each(CATALOG_STORE_CASES)("$name", async ({ run }) => {
      await run(openCatalogStore(database), () => openCatalogStore(database));
    });
  });

  vitest.describe("map runs", () => {
    vitest.beforeEach(empty);
    vitest.test.each(MAP_RUN_STORE_CASES)("$name", async ({ run }) => {
      await run(openMapRunStore(database, fence), () => openMapRunStore(database, fence));
    });
  });
});
