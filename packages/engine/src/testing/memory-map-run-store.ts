import type { EpochMs } from "@stepwell/core";
import {
  type BegunAgainChild,
  type BegunChild,
  CHILD_CELLS,
  type ChildDuration,
  type ChildErrorGroup,
  type ChildQuery,
  type ChildStatus,
  type MapRunCommit,
  MapRunConflict,
  type MapRunStore,
  type NewMapRun,
  NO_COUNTS,
  newStoredRun,
  type StatusCounts,
  type StoredChild,
  type StoredMapRun,
} from "../ports/map-run-store.ts";

/** A MapRunStore in memory, for tests and simulations: JSON texts of what was committed, nothing shared with callers. */
export class MemoryMapRunStore implements MapRunStore {
  readonly #runs: string[] = [];
  readonly #children = new Map<number, Map<number, StoredChild>>();

  async create(run: NewMapRun): Promise<StoredMapRun> {
    const existing = await this.find(run.mapRunArn);
    if (existing !== undefined) return existing;
    const stored = newStoredRun(run, this.#runs.length + 1);
    this.#runs.push(JSON.stringify(stored));
    this.#children.set(stored.key, new Map());
    return this.#run(stored.key) as StoredMapRun;
  }

  async restore(run: StoredMapRun, children: readonly StoredChild[]): Promise<void> {
    for (let key = this.#runs.length + 1; key <= run.key; key++) this.#runs.push("");
    this.#runs[run.key - 1] = JSON.stringify(run);
    const stored = this.#children.get(run.key) ?? new Map<number, StoredChild>();
    for (const child of children) stored.set(child.index, child);
    this.#children.set(run.key, stored);
  }

  #run(key: number): StoredMapRun | undefined {
    const text = this.#runs[key - 1];
    return text === undefined || text === "" ? undefined : (JSON.parse(text) as StoredMapRun);
  }

  #all(): StoredMapRun[] {
    return this.#runs.flatMap((_, i) => this.#run(i + 1) ?? []);
  }

  async find(mapRunArn: string): Promise<StoredMapRun | undefined> {
    return this.#all().find((run) => run.mapRunArn === mapRunArn);
  }

  async findByKey(key: number): Promise<StoredMapRun | undefined> {
    return this.#run(key);
  }

  async commit(commit: MapRunCommit): Promise<void> {
    const { run } = commit;
    const { key, version, mapRunArn } = run;
    if (this.#run(key)?.version !== version) throw new MapRunConflict(mapRunArn);
    const children = new Map(this.#children.get(key));
    if (commit.redrivesFailed) redriveFailed(children);
    for (const begun of commit.begun ?? []) {
      if (children.has(begun.index)) throw new MapRunConflict(mapRunArn);
      children.set(begun.index, begunChild(begun));
    }
    const change = (index: number, from: ChildStatus, to: (child: StoredChild) => StoredChild): void => {
      const child = children.get(index);
      if (child?.status !== from) throw new MapRunConflict(mapRunArn);
      children.set(index, to(child));
    };
    for (const again of commit.begunAgain ?? []) {
      change(again.index, "PENDING_REDRIVE", (child) => begunAgain(child, again));
    }
    for (const { index, end } of commit.ended ?? []) change(index, "RUNNING", (child) => ({ ...child, ...end }));
    this.#children.set(key, children);
    this.#runs[key - 1] = JSON.stringify({ ...run, version: version + 1 });
  }

  async children(key: number, query: ChildQuery): Promise<readonly StoredChild[]> {
    const { statuses, redrive, error, limit, after, newestFirst, texts } = query;
    const found = [...(this.#children.get(key)?.values() ?? [])]
      .filter(({ status }) => statuses === undefined || statuses.includes(status))
      .filter(({ redriveCount }) => redrive === undefined || (redrive === "REDRIVEN") === redriveCount > 0)
      .filter((child) => error === undefined || child.error === error)
      .filter(({ index }) => after === undefined || (newestFirst ? index < after : index > after))
      .sort((a, b) => (newestFirst ? b.index - a.index : a.index - b.index))
      .slice(0, limit);
    return texts ? found : found.map(({ output: _, ...child }) => ({ ...child, input: "" }));
  }

  async count(key: number): Promise<{ children: StatusCounts; items: StatusCounts }> {
    const children = { ...NO_COUNTS };
    const items = { ...NO_COUNTS };
    for (const child of this.#children.get(key)?.values() ?? []) {
      children[child.status] += 1;
      items[child.status] += child.items;
    }
    return { children, items };
  }

  async cells(key: number, first: number, count: number): Promise<Uint8Array> {
    const cells = new Uint8Array(count);
    for (const { index, status } of this.#children.get(key)?.values() ?? []) {
      if (index >= first && index < first + count) cells[index - first] = CHILD_CELLS[status];
    }
    return cells;
  }

  async errors(key: number, limit: number): Promise<ChildErrorGroup[]> {
    const groups = new Map<string, ChildErrorGroup>();
    for (const { error, index } of this.#children.get(key)?.values() ?? []) {
      if (error === undefined) continue;
      const { children, firstIndex } = groups.get(error) ?? { children: 0, firstIndex: index };
      groups.set(error, { error, children: children + 1, firstIndex: Math.min(firstIndex, index) });
    }
    return [...groups.values()].sort((a, b) => b.children - a.children || a.firstIndex - b.firstIndex).slice(0, limit);
  }

  async slowest(key: number, limit: number): Promise<ChildDuration[]> {
    return [...(this.#children.get(key)?.values() ?? [])]
      .flatMap(({ index, startedAt, stoppedAt }) =>
        stoppedAt === undefined ? [] : { index, durationMs: stoppedAt - startedAt },
      )
      .sort((a, b) => b.durationMs - a.durationMs || a.index - b.index)
      .slice(0, limit);
  }

  async ofExecution(
    executionArn: string,
    limit: number,
    before: number = Number.POSITIVE_INFINITY,
  ): Promise<StoredMapRun[]> {
    return this.#all()
      .filter((run) => run.executionArn === executionArn && run.key < before)
      .reverse()
      .slice(0, limit);
  }

  async running(limit: number, after = 0): Promise<StoredMapRun[]> {
    return this.#all()
      .filter(({ status, key }) => status === "RUNNING" && key > after)
      .slice(0, limit);
  }

  async deleteEnded(endedBefore: EpochMs): Promise<number> {
    const old = this.#all().filter(({ status, stopDate }) => status !== "RUNNING" && (stopDate ?? 0) < endedBefore);
    for (const { key } of old) {
      this.#children.delete(key);
      this.#runs[key - 1] = "";
    }
    return old.length;
  }
}

function begunChild({ end, ...begun }: BegunChild): StoredChild {
  return { ...begun, redriveCount: 0, status: "RUNNING", ...end };
}

function begunAgain(child: StoredChild, { at, generation, end }: BegunAgainChild): StoredChild {
  const { stoppedAt: _s, output: _o, error: _e, cause: _c, ...rest } = child;
  return { ...rest, status: "RUNNING", redriveCount: child.redriveCount + 1, redrivenAt: at, generation, ...end };
}

function redriveFailed(children: Map<number, StoredChild>): void {
  for (const child of children.values()) {
    if (child.status === "SUCCEEDED" || child.status === "RUNNING") continue;
    children.set(child.index, { ...child, status: "PENDING_REDRIVE" });
  }
}
