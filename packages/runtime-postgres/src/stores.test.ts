import { join } from "node:path";
import type { ExecutionCommit, NewMapRun } from "@stepwell/engine";
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

const NEW_RUN: NewMapRun = {
  mapRunArn: "arn:aws:states:eu-west-1:123456789012:mapRun:orders/m:1",
  executionArn: "arn:aws:states:eu-west-1:123456789012:execution:orders:one",
  stateMachineArn: "arn:aws:states:eu-west-1:123456789012:stateMachine:orders/m",
  stateMachineName: "orders/m",
  stateName: "m",
  executionType: "EXPRESS",
  roleArn: "",
  revisionKey: "r",
  startDate: 1,
  limits: { maxConcurrency: 0, toleratedFailureCount: 0, toleratedFailurePercentage: 0 },
};

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

  /**
   * Rows read in tables of its own that were as good as empty when the statements were planned: plans are made once a
   * connection, and kept.
   */
  async function rowsRead(schema: string, use: (filled: Postgres, own: Fence) => Promise<void>): Promise<number> {
    const settings = { url: server.url, schema, commitConnections: 1, connections: 1 };
    await migrate(settings);
    const filled = openPostgres(settings);
    const [lease] = await filled.query<{ epoch: number }>(
      `INSERT INTO leases (slot, name, address, version, expires_at)
       VALUES (0, 'test', '', '', now() + interval '1 hour') RETURNING epoch`,
    );
    await use(filled, { ...fence, lease: () => ({ epoch: lease?.epoch ?? 0, slot: 0 }) });
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
    const [row] = await database.query<{ rows: number }>(
      `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint AS rows
       FROM pg_stat_user_tables WHERE schemaname = $1`,
      [schema],
    );
    return row?.rows ?? 0;
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

    vitest.test(
      "a commit reads only the rows of its executions, whatever else is stored",
      async () => {
        const ROUNDS = 10;
        const ROWS = 3_000;
        const rows = await rowsRead("filled", async (filled, own) => {
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
          for (let i = 0; i < ROUNDS; i++) await round([`early${i}`]);
          await store.commit(Array.from({ length: ROWS }, (_, i) => beginning(`waiting${i}`)));
          for (let i = 0; i < ROUNDS; i++) await round([`late${i}`, `later${i}`]);
        });
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

    vitest.test(
      "a commit reads only the rows of its children, whatever else is stored",
      async () => {
        const CHILDREN = 4_000;
        const TOGETHER = 100;
        const rows = await rowsRead("mapped", async (filled, own) => {
          const store = openMapRunStore(filled, own);
          const run = await store.create(NEW_RUN);
          let { version } = run;
          const indexes = Array.from({ length: CHILDREN }, (_, index) => index);
          const packs = Array.from({ length: CHILDREN / TOGETHER }, (_, i) =>
            indexes.slice(i * TOGETHER).slice(0, TOGETHER),
          );
          for (const pack of packs) {
            const begun = pack.map((index) => ({
              index,
              firstItem: index,
              items: 1,
              input: "{}",
              startedAt: 1,
              generation: 0,
            }));
            await store.commit({ run: { ...run, version }, begun });
            version += 1;
          }
          for (const pack of packs) {
            const end = { status: "SUCCEEDED", stoppedAt: 2, output: "{}" } as const;
            await store.commit({ run: { ...run, version }, ended: pack.map((index) => ({ index, end })) });
            version += 1;
          }
        });
        vitest.expect(rows).toBeGreaterThan(CHILDREN);
        // Each a few times: not each of them for each pack.
        vitest.expect(rows).toBeLessThan(CHILDREN * 10);
      },
      120_000,
    );
  });
});
