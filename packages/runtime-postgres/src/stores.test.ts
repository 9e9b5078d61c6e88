import { join } from "node:path";
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
      const arn = "arn:aws:states:eu-west-1:123456789012:execution:orders:zombie";
      const commit = {
        executionArn: arn,
        over: {
          kind: "create",
          start: {
            executionArn: arn,
            executionName: "zombie",
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
      } as const;
      await vitest
        .expect(openExecutionStore(database, zombie).commit([commit]))
        .rejects.toMatchObject({ name: "NotOwned" });
      vitest.expect(refused).toEqual([999_999]);
      vitest.expect(await openExecutionStore(database, fence).describe(arn)).toBeUndefined();
      vitest.expect(await database.query("SELECT * FROM history_chunks WHERE text = 'x'")).toEqual([]);
    });
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
