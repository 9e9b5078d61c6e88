import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { CatalogStore, ExecutionStore, MapRunStore } from "@stepwell/engine";
import { openCatalogStore, openEmbeddedRuntime } from "@stepwell/runtime-embedded";
import { openPostgresRuntime } from "@stepwell/runtime-postgres";
import { moveCatalog } from "../migrate/move-catalog.ts";
import { moveExecutions, revisionsOf } from "../migrate/move-executions.ts";
import { UsageError } from "../usage-error.ts";

const PROGRESS_EVERY = 1_000;
const ACTIVITIES_PAGE = 100;

interface Side {
  /** As it is called in messages. */
  readonly name: string;
  readonly catalog: CatalogStore;
  readonly executions: ExecutionStore;
  readonly mapRuns: MapRunStore;
  close(): Promise<void>;
}

export interface MigrateOptions {
  readonly data: string;
  readonly database: string;
  readonly back: boolean;
}

/** `stepwell migrate`. */
export async function migrate({ data, database, back }: MigrateOptions): Promise<void> {
  const directory = await openDirectory(resolve(data));
  try {
    const shared = await openDatabase(database);
    try {
      const [from, to] = back ? [shared, directory] : [directory, shared];
      await mustBeEmpty(to);
      await move(from, to);
    } finally {
      await shared.close();
    }
  } finally {
    await directory.close();
  }
}

async function move(from: Side, to: Side): Promise<void> {
  const catalog = await moveCatalog(from.catalog, to.catalog, await revisionsOf(from.executions));
  const moved = await moveExecutions(from, to, await activitiesOf(from.catalog), (executions) => {
    if (executions % PROGRESS_EVERY === 0) process.stderr.write(`${executions} executions\n`);
  });
  process.stdout.write(
    `${to.name}: ${catalog.stateMachines} state machines, ${catalog.activities} activities, ${moved.executions} executions ` +
      `(${moved.running} running), ${moved.mapRuns} map runs with ${moved.children} children\n`,
  );
}

async function activitiesOf(catalog: CatalogStore): Promise<string[]> {
  const arns: string[] = [];
  for (;;) {
    const page = await catalog.activities(arns.at(-1), ACTIVITIES_PAGE);
    arns.push(...page.map(({ activityArn }) => activityArn));
    if (page.length < ACTIVITIES_PAGE) return arns;
  }
}

async function mustBeEmpty({ name, catalog, executions }: Side): Promise<void> {
  const { stateMachines, activities } = await catalog.count();
  const [execution] = await executions.all(1);
  if (stateMachines > 0 || activities > 0 || execution !== undefined) {
    throw new UsageError(`${name}: must be empty, but there are state machines or executions`);
  }
}

async function openDirectory(dataDir: string): Promise<Side> {
  mkdirSync(dataDir, { recursive: true });
  // It takes the directory's lock: a service that runs on it is named.
  const runtime = openEmbeddedRuntime({ dataDir });
  const { database, executionStore, mapRunStore } = runtime;
  return {
    name: dataDir,
    catalog: openCatalogStore(database),
    executions: executionStore,
    mapRuns: mapRunStore,
    close: async () => runtime.close(),
  };
}

async function openDatabase(url: string): Promise<Side> {
  const runtime = await openPostgresRuntime({ url });
  try {
    // A node like the others, so that it may write; it must be the only one.
    await runtime.join();
    const { count } = await nodes(runtime.database);
    if (count > 1) throw new UsageError(`--database: ${count - 1} nodes run on it`);
  } catch (error) {
    await runtime.close();
    throw error;
  }
  const { catalogStore, executionStore, mapRunStore } = runtime;
  return {
    name: new URL(url).pathname.slice(1) || url,
    catalog: catalogStore,
    executions: executionStore,
    mapRuns: mapRunStore,
    close: () => runtime.close(),
  };
}

async function nodes(
  database: Awaited<ReturnType<typeof openPostgresRuntime>>["database"],
): Promise<{ count: number }> {
  const [row] = await database.query<{ count: number }>(
    "SELECT count(*) AS count FROM leases WHERE expires_at > now()",
  );
  return row ?? { count: 0 };
}
