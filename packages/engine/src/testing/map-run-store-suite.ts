import assert from "node:assert/strict";
import {
  type BegunChild,
  MapRunConflict,
  type MapRunStore,
  type NewMapRun,
  type StoredMapRun,
} from "../ports/map-run-store.ts";

/** One promise of the `MapRunStore` port. */
export interface MapRunStoreCase {
  readonly name: string;
  /** `reopen` closes the store as a restart would and opens what it left. */
  run(open: MapRunStore, reopen: () => MapRunStore): Promise<void>;
}

const PARENT = "arn:aws:states:us-east-1:123456789012:execution:m:parent";

function newRun(id: string, executionArn: string = PARENT): NewMapRun {
  return {
    mapRunArn: `arn:aws:states:us-east-1:123456789012:mapRun:m/L:${id}`,
    executionArn,
    stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:m/L",
    stateMachineName: "m",
    stateName: "Map",
    executionType: "STANDARD",
    roleArn: "arn:aws:iam::123456789012:role/r",
    revisionKey: "r",
    startDate: 1_000,
    limits: { maxConcurrency: 0, toleratedFailureCount: 0, toleratedFailurePercentage: 0 },
    itemsTotal: 5,
  };
}

function child(index: number, more: Partial<BegunChild> = {}): BegunChild {
  return { index, firstItem: index, items: 1, input: `{"i":${index}}`, startedAt: 1_001, generation: 0, ...more };
}

function next(run: StoredMapRun): StoredMapRun {
  return { ...run, version: run.version + 1 };
}

const succeeded = (output: string) => ({ status: "SUCCEEDED", stoppedAt: 1_002, output }) as const;
const failed = { status: "FAILED", stoppedAt: 1_003, error: "E", cause: "c" } as const;

export const MAP_RUN_STORE_CASES: readonly MapRunStoreCase[] = [
  {
    name: "a run is made once, and survives",
    async run(store, reopen) {
      const run = await store.create(newRun("a"));
      assert.deepEqual(await store.create({ ...newRun("a"), startDate: 2_000 }), run);
      const again = reopen();
      assert.deepEqual(await again.find(run.mapRunArn), run);
      assert.deepEqual(await again.findByKey(run.key), run);
      assert.equal(await again.find("arn:none"), undefined);
    },
  },
  {
    name: "children, their ends and the run are written together",
    async run(store, reopen) {
      const run = await store.create(newRun("a"));
      const moved: StoredMapRun = { ...run, position: { items: 2, children: 2, isAtEnd: false }, outputBytes: 7 };
      await store.commit({ run: moved, begun: [child(0, { key: "k" }), child(1, { end: succeeded('{"i":1}') })] });
      await store.commit({ run: next(moved), ended: [{ index: 0, end: succeeded("7") }] });
      const again = reopen();
      assert.deepEqual(await again.find(run.mapRunArn), next(next(moved)));
      const children = await again.children(run.key, { limit: 10, texts: true });
      assert.deepEqual(
        children.map(({ index, status, input, output, key }) => [index, status, input, output, key]),
        [
          [0, "SUCCEEDED", '{"i":0}', "7", "k"],
          [1, "SUCCEEDED", '{"i":1}', '{"i":1}', undefined],
        ],
      );
    },
  },
  {
    name: "a run that was changed meanwhile is not written, nor any child with it",
    async run(store) {
      const run = await store.create(newRun("a"));
      await store.commit({ run });
      await assert.rejects(store.commit({ run, begun: [child(0)] }), MapRunConflict);
      assert.deepEqual(await store.children(run.key, { limit: 10, texts: false }), []);
    },
  },
  {
    name: "a child begins once and ends once",
    async run(store) {
      const run = await store.create(newRun("a"));
      await store.commit({ run, begun: [child(0)] });
      await assert.rejects(store.commit({ run: next(run), begun: [child(1), child(0)] }), MapRunConflict);
      await store.commit({ run: next(run), ended: [{ index: 0, end: succeeded("1") }] });
      await assert.rejects(store.commit({ run: next(next(run)), ended: [{ index: 0, end: failed }] }), MapRunConflict);
      const [first, ...others] = await store.children(run.key, { limit: 10, texts: true });
      assert.equal(first?.output, "1");
      assert.deepEqual(others, []);
    },
  },
  {
    name: "children are found by status, from either end, page by page",
    async run(store) {
      const run = await store.create(newRun("a"));
      const other = await store.create(newRun("b"));
      const begun = [child(0), child(1, { end: failed }), child(2, { end: succeeded("2") }), child(3), child(4)];
      await store.commit({ run, begun });
      await store.commit({ run: other, begun: [child(0)] });
      const indexes = async (query: Omit<Parameters<MapRunStore["children"]>[1], "texts">): Promise<number[]> =>
        (await store.children(run.key, { ...query, texts: false })).map(({ index }) => index);
      assert.deepEqual(await indexes({ limit: 2 }), [0, 1]);
      assert.deepEqual(await indexes({ limit: 2, after: 1 }), [2, 3]);
      assert.deepEqual(await indexes({ limit: 2, newestFirst: true }), [4, 3]);
      assert.deepEqual(await indexes({ limit: 9, newestFirst: true, after: 3 }), [2, 1, 0]);
      assert.deepEqual(await indexes({ limit: 9, newestFirst: true, after: 0 }), []);
      assert.deepEqual(await indexes({ limit: 2, statuses: ["RUNNING"], after: 0 }), [3, 4]);
      assert.deepEqual(await indexes({ limit: 2, statuses: ["RUNNING", "FAILED"] }), [0, 1]);
      assert.deepEqual(await indexes({ limit: 9, statuses: ["SUCCEEDED", "FAILED"] }), [1, 2]);
      assert.deepEqual(await indexes({ limit: 9, error: "E" }), [1]);
      assert.deepEqual(await indexes({ limit: 9, error: "E", statuses: ["FAILED", "TIMED_OUT"], after: 1 }), []);
      assert.deepEqual(await indexes({ limit: 9, error: "F", newestFirst: true }), []);
      const counted = await store.count(run.key);
      const expected = { RUNNING: 3, SUCCEEDED: 1, FAILED: 1, TIMED_OUT: 0, ABORTED: 0, PENDING_REDRIVE: 0 };
      assert.deepEqual(counted, { children: expected, items: expected });
    },
  },
  {
    name: "what failed is redriven, and begun again",
    async run(store, reopen) {
      const run = await store.create(newRun("a"));
      const ends = { status: "ABORTED", stoppedAt: 1_004 } as const;
      await store.commit({
        run,
        begun: [child(0, { end: failed }), child(1, { end: succeeded("1") }), child(2, { end: ends })],
      });
      await store.commit({ run: next(run), redrivesFailed: true });
      const pending = await store.children(run.key, { limit: 9, statuses: ["PENDING_REDRIVE"], texts: true });
      assert.deepEqual(
        pending.map(({ index }) => index),
        [0, 2],
      );
      const again = [{ index: 0, at: 2_000, generation: 1 }];
      await store.commit({ run: next(next(run)), begunAgain: again });
      await assert.rejects(store.commit({ run: next(next(next(run))), begunAgain: again }), MapRunConflict);
      const [first] = await reopen().children(run.key, { limit: 1, texts: true });
      assert.deepEqual(first, {
        index: 0,
        status: "RUNNING",
        firstItem: 0,
        items: 1,
        startedAt: 1_001,
        redriveCount: 1,
        redrivenAt: 2_000,
        generation: 1,
        input: '{"i":0}',
      });
      const redriven = await reopen().children(run.key, { limit: 9, redrive: "REDRIVEN", texts: false });
      assert.equal(redriven.length, 1);
    },
  },
  {
    name: "cells show the status of every child, one byte each",
    async run(store, reopen) {
      const run = await store.create(newRun("a"));
      const other = await store.create(newRun("b"));
      const timedOut = { status: "TIMED_OUT", stoppedAt: 1_005 } as const;
      const begun = [
        child(0),
        child(1, { end: succeeded("1") }),
        child(2, { end: failed }),
        child(3, { end: timedOut }),
      ];
      await store.commit({ run, begun });
      await store.commit({ run: other, begun: [child(0, { end: failed })] });
      assert.deepEqual([...(await store.cells(run.key, 0, 6))], [1, 2, 3, 4, 0, 0]);
      assert.deepEqual([...(await store.cells(run.key, 2, 2))], [3, 4]);
      assert.deepEqual([...(await store.cells(run.key, 4, 0))], []);
      await store.commit({ run: next(run), redrivesFailed: true });
      const again = [{ index: 2, at: 2_000, generation: 1, end: { status: "ABORTED", stoppedAt: 2_001 } as const }];
      await store.commit({ run: next(next(run)), begunAgain: again });
      assert.deepEqual([...(await reopen().cells(run.key, 1, 4))], [2, 5, 6, 0]);
    },
  },
  {
    name: "errors are grouped, and the slowest children are known",
    async run(store, reopen) {
      const run = await store.create(newRun("a"));
      assert.deepEqual([await store.errors(run.key, 9), await store.slowest(run.key, 9)], [[], []]);
      const end = (error: string, stoppedAt: number) => ({ status: "FAILED", stoppedAt, error }) as const;
      const begun = [
        child(0, { end: end("A", 1_002) }),
        child(1),
        child(2, { end: end("B", 1_009) }),
        child(3, { end: end("C", 1_002) }),
        child(4, { end: succeeded("4") }),
        child(5, { end: end("B", 1_003) }),
      ];
      await store.commit({ run, begun });
      await store.commit({ run: next(run), ended: [{ index: 1, end: succeeded("1") }] });
      const again = reopen();
      assert.deepEqual(await again.errors(run.key, 2), [
        { error: "B", children: 2, firstIndex: 2 },
        { error: "A", children: 1, firstIndex: 0 },
      ]);
      assert.deepEqual(await again.slowest(run.key, 3), [
        { index: 2, durationMs: 8 },
        { index: 5, durationMs: 2 },
        { index: 0, durationMs: 1 },
      ]);
    },
  },
  {
    name: "what has ended in great numbers is found, ended again and deleted one by one",
    async run(store, reopen) {
      const count = 1_500;
      let run = await store.create(newRun("a"));
      for (let first = 0; first < count; first += 700) {
        const begun = Array.from({ length: Math.min(700, count - first) }, (_, i) => {
          const index = first + i;
          if (index % 500 === 250) return child(index);
          return child(index, { end: index % 100 === 7 ? { ...failed, cause: `c${index}` } : succeeded(`"${index}"`) });
        });
        await store.commit({ run, begun });
        run = next(run);
      }
      const opened = reopen();
      const found: unknown[] = [];
      for (let after = -1; ; after += 400) {
        const page = await opened.children(run.key, { limit: 400, after, texts: true });
        found.push(...page.map(({ index, status, input, output }) => [index, status, input, output]));
        if (page.length < 400) break;
      }
      const expected = Array.from({ length: count }, (_, index) => {
        if (index % 500 === 250) return [index, "RUNNING", `{"i":${index}}`, undefined];
        if (index % 100 === 7) return [index, "FAILED", `{"i":${index}}`, undefined];
        return [index, "SUCCEEDED", `{"i":${index}}`, `"${index}"`];
      });
      assert.deepEqual(found, expected);
      const running = await opened.children(run.key, { statuses: ["RUNNING"], limit: 9, texts: false });
      assert.deepEqual(
        running.map(({ index }) => index),
        [250, 750, 1_250],
      );
      const late = await opened.children(run.key, { limit: 2, newestFirst: true, after: 1_250, texts: false });
      assert.deepEqual(
        late.map(({ index }) => index),
        [1_249, 1_248],
      );
      assert.deepEqual((await opened.count(run.key)).children, {
        RUNNING: 3,
        SUCCEEDED: count - 3 - 15,
        FAILED: 15,
        TIMED_OUT: 0,
        ABORTED: 0,
        PENDING_REDRIVE: 0,
      });
      await opened.commit({ run, ended: [{ index: 750, end: succeeded("750") }] });
      await assert.rejects(
        opened.commit({ run: next(run), ended: [{ index: 3, end: failed }] }),
        MapRunConflict,
        "a child that has ended does not end again",
      );
      await assert.rejects(opened.commit({ run: next(run), begun: [child(9)] }), MapRunConflict);
      await opened.commit({ run: next(run), redrivesFailed: true });
      const pending = await opened.children(run.key, { statuses: ["PENDING_REDRIVE"], limit: 99, texts: true });
      assert.deepEqual(
        pending.map(({ index, input, cause }) => [index, input, cause]),
        Array.from({ length: 15 }, (_, i) => [i * 100 + 7, `{"i":${i * 100 + 7}}`, `c${i * 100 + 7}`]),
      );
      const ends = { status: "FAILED", stoppedAt: 9_000, error: "Again" } as const;
      await opened.commit({
        run: next(next(run)),
        begunAgain: [
          { index: 7, at: 2_000, generation: 1, end: succeeded("7") },
          { index: 107, at: 2_000, generation: 1 },
          { index: 207, at: 2_000, generation: 1, end: ends },
        ],
      });
      const [seven] = await opened.children(run.key, { limit: 1, after: 6, texts: true });
      assert.deepEqual(
        [seven?.status, seven?.output, seven?.redriveCount, seven?.generation],
        ["SUCCEEDED", "7", 1, 1],
      );
      assert.deepEqual(await opened.errors(run.key, 9), [
        { error: "E", children: 12, firstIndex: 307 },
        { error: "Again", children: 1, firstIndex: 207 },
      ]);
      const redriven = await opened.children(run.key, { redrive: "REDRIVEN", limit: 9, texts: false });
      assert.deepEqual(
        redriven.map(({ index, status }) => [index, status]),
        [
          [7, "SUCCEEDED"],
          [107, "RUNNING"],
          [207, "FAILED"],
        ],
      );
      const cells = await opened.cells(run.key, 0, count + 1);
      assert.deepEqual(
        [cells[6], cells[7], cells[107], cells[207], cells[307], cells[750], cells[1_250]],
        [2, 2, 1, 3, 6, 2, 1],
      );
      assert.equal(cells[count], 0);
      assert.deepEqual(await opened.slowest(run.key, 1), [{ index: 207, durationMs: 7_999 }]);
      const last = { ...next(next(next(run))), status: "FAILED", stopDate: 2_000 } as const;
      await opened.commit({ run: last });
      let slices = 0;
      while ((await opened.deleteEnded(3_000, 400)) > 0) slices += 1;
      assert.ok(slices > 0);
      assert.deepEqual(await opened.children(run.key, { limit: 9, texts: false }), []);
    },
  },
  {
    name: "what another store has is put as it is, key and all",
    async run(store, reopen) {
      const run: StoredMapRun = {
        ...newRun("moved"),
        key: 41,
        version: 9,
        status: "RUNNING",
        redriveCount: 2,
        redriveDate: 5_000,
        position: { items: 4, children: 4, isAtEnd: false },
        childCounts: { RUNNING: 1, SUCCEEDED: 1, FAILED: 1, TIMED_OUT: 0, ABORTED: 0, PENDING_REDRIVE: 1 },
        itemCounts: { RUNNING: 1, SUCCEEDED: 1, FAILED: 1, TIMED_OUT: 0, ABORTED: 0, PENDING_REDRIVE: 1 },
        outputBytes: 7,
        areResultsWritten: false,
      };
      const base = { items: 1, startedAt: 1_001, redriveCount: 0, generation: 0 };
      const children = [
        { ...base, index: 0, firstItem: 0, input: "0", status: "SUCCEEDED", stoppedAt: 1_009, output: "0" },
        {
          ...base,
          index: 1,
          firstItem: 1,
          input: "1",
          status: "RUNNING",
          redriveCount: 2,
          redrivenAt: 5_001,
          generation: 2,
        },
        {
          ...base,
          index: 2,
          firstItem: 2,
          input: "2",
          status: "FAILED",
          stoppedAt: 1_008,
          error: "E",
          cause: "\u0000",
        },
        {
          ...base,
          index: 3,
          firstItem: 3,
          input: "3",
          status: "PENDING_REDRIVE",
          stoppedAt: 1_008,
          error: "E",
          key: "k",
        },
      ] as const;
      await store.restore(run, children.slice(0, 1));
      await store.restore(run, children.slice(1));
      const opened = reopen();
      assert.deepEqual(await opened.find(run.mapRunArn), run);
      assert.deepEqual(await opened.findByKey(41), run);
      assert.deepEqual(await opened.children(41, { limit: 9, texts: true }), children);
      assert.deepEqual((await opened.count(41)).children, run.childCounts);
      assert.equal((await opened.create(newRun("next"))).key, 42);
      await opened.commit({ run, ended: [{ index: 1, end: succeeded("1") }] });
    },
  },
  {
    name: "runs are listed by execution, newest first, and found while they go on",
    async run(store) {
      const [a, b] = [await store.create(newRun("a")), await store.create(newRun("b"))];
      const other = await store.create(newRun("c", `${PARENT}2`));
      assert.deepEqual(await store.ofExecution(PARENT, 9), [b, a]);
      assert.deepEqual(await store.ofExecution(PARENT, 1), [b]);
      assert.deepEqual(await store.ofExecution(PARENT, 9, b.key), [a]);
      await store.commit({ run: { ...b, status: "SUCCEEDED", stopDate: 3_000 } });
      assert.deepEqual(await store.running(9), [a, other]);
      assert.deepEqual(await store.running(9, a.key), [other]);
    },
  },
  {
    name: "runs that ended long ago are deleted with their children",
    async run(store) {
      const old = await store.create(newRun("a"));
      const kept = await store.create(newRun("b"));
      await store.commit({ run: { ...old, status: "FAILED", stopDate: 2_000 }, begun: [child(0, { end: failed })] });
      await store.commit({ run: { ...kept, status: "FAILED", stopDate: 3_000 } });
      while ((await store.deleteEnded(3_000, 1)) > 0);
      assert.equal(await store.find(old.mapRunArn), undefined);
      assert.deepEqual(await store.children(old.key, { limit: 9, texts: false }), []);
      assert.notEqual(await store.find(kept.mapRunArn), undefined);
    },
  },
];
