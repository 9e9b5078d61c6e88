/** What the API asks of runs and their children, read from the store. */

import type { Page } from "../executions/executions.ts";
import type { MapRunStore, StoredChild, StoredMapRun } from "../ports/map-run-store.ts";
import { Rejection } from "../rejection.ts";
import { childName, placeOfExpressChild } from "./child-names.ts";
import { redriveStatusOf } from "./child-result.ts";
import type { ChildDescription, ChildrenQuery, MapRunDescription, MapRunErrorGroup, SlowChild } from "./map-runs.ts";

export async function findRun(store: MapRunStore, mapRunArn: string): Promise<StoredMapRun> {
  const run = await store.find(mapRunArn);
  if (run === undefined) throw new Rejection("ResourceNotFound", `Resource not found: '${mapRunArn}'`);
  return run;
}

export function describeRun({ position, outcome, verdict, ...run }: StoredMapRun): MapRunDescription {
  const { itemsTotal } = run;
  const pendingItems = itemsTotal === undefined ? 0 : Math.max(0, itemsTotal - position.items);
  const failure = outcome?.kind === "failed" ? outcome : verdict;
  return {
    ...run,
    pendingItems,
    children: position.children,
    // Without batches every item is a child; with them nobody knows how many there will be.
    pendingChildren: position.children === position.items ? pendingItems : 0,
    isTotalKnown: itemsTotal !== undefined || position.isAtEnd,
    ...(failure === undefined ? {} : { error: failure.error }),
    ...(failure?.cause === undefined ? {} : { cause: failure.cause }),
  };
}

export async function listRuns(
  store: MapRunStore,
  executionArn: string,
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<Page<MapRunDescription>> {
  const found = await store.ofExecution(
    executionArn,
    limit + 1,
    cursor === undefined ? undefined : parseCursor(cursor),
  );
  const items = found.slice(0, limit).map(describeRun);
  const last = items.at(-1);
  return found.length > limit && last !== undefined ? { items, cursor: String(last.key) } : { items };
}

export async function listChildren(store: MapRunStore, query: ChildrenQuery): Promise<Page<ChildDescription>> {
  const { mapRunArn, limit, cursor, statuses, redrive, error, oldestFirst = false, texts = false } = query;
  const run = await findRun(store, mapRunArn);
  const children = await store.children(run.key, {
    limit: limit + 1,
    newestFirst: !oldestFirst,
    texts,
    ...(statuses === undefined ? {} : { statuses }),
    ...(redrive === undefined ? {} : { redrive }),
    ...(error === undefined ? {} : { error }),
    ...(cursor === undefined ? {} : { after: parseCursor(cursor) }),
  });
  const items = children.slice(0, limit).map((child) => describeChild(run, child));
  const last = items.at(-1);
  return children.length > limit && last !== undefined ? { items, cursor: String(last.index) } : { items };
}

export async function groupErrors(
  store: MapRunStore,
  mapRunArn: string,
  limit: number,
): Promise<readonly MapRunErrorGroup[]> {
  const { key } = await findRun(store, mapRunArn);
  const groups = await store.errors(key, limit);
  return Promise.all(
    groups.map(async (group) => {
      const [first] = await store.children(key, { limit: 1, after: group.firstIndex - 1, texts: false });
      return first?.cause === undefined ? group : { ...group, cause: first.cause };
    }),
  );
}

export async function slowestChildren(
  store: MapRunStore,
  mapRunArn: string,
  limit: number,
): Promise<readonly SlowChild[]> {
  const run = await findRun(store, mapRunArn);
  const slowest = await store.slowest(run.key, limit);
  return slowest.map((child) => ({ ...child, executionArn: childName(run, child.index).executionArn }));
}

function describeChild(run: StoredMapRun, child: StoredChild): ChildDescription {
  const { status, index, firstItem, items, key, redrivenAt, redriveCount, startedAt, stoppedAt, error, cause } = child;
  const { executionArn } = childName(run, index);
  const { input, output } = child;
  return {
    executionArn,
    stateMachineArn: run.stateMachineArn,
    name: executionArn.split(":").slice(7).join(":"),
    status,
    index,
    firstItem,
    items,
    input,
    startedAt,
    redriveCount,
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(output === undefined ? {} : { output }),
    ...(key === undefined ? {} : { key }),
    ...(redrivenAt === undefined ? {} : { redrivenAt }),
    ...redriveStatusOf(status),
  };
}

export async function findExpressChild(
  store: MapRunStore,
  executionArn: string,
): Promise<(ChildDescription & { mapRunArn: string }) | undefined> {
  const place = placeOfExpressChild(executionArn);
  const run = place && (await store.findByKey(place.key));
  if (place === undefined || run === undefined || childName(run, place.index).executionArn !== executionArn) {
    return undefined;
  }
  const [child] = await store.children(run.key, { limit: 1, after: place.index - 1, texts: true });
  if (child?.index !== place.index) return undefined;
  return { ...describeChild(run, child), mapRunArn: run.mapRunArn };
}

function parseCursor(cursor: string): number {
  if (!/^[0-9]{1,15}$/.test(cursor)) throw new Rejection("InvalidToken", "Invalid Token: 'Invalid token'");
  return Number(cursor);
}
