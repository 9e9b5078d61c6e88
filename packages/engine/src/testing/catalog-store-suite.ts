import assert from "node:assert/strict";
import type {
  CatalogStore,
  StateMachineChange,
  StoredActivity,
  StoredAlias,
  StoredRecord,
  StoredRevision,
  StoredStateMachine,
  StoredVersion,
} from "../ports/catalog-store.ts";

/** One promise of the `CatalogStore` port. */
export interface CatalogStoreCase {
  readonly name: string;
  /** `reopen` closes the store as a restart would and opens what it left. */
  run(open: CatalogStore, reopen: () => CatalogStore): Promise<void>;
}

const ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:orders";
const DEFINITION = '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}';

const row: StoredStateMachine = {
  stateMachineArn: ARN,
  name: "orders",
  type: "STANDARD",
  status: "ACTIVE",
  creationDate: 1_000,
  revisionKey: "r1",
  nextVersion: 1,
  tags: [{ key: "team", value: "blue" }],
  createdWith: { publish: false },
  etag: "e1",
};

const revision: StoredRevision = {
  key: "r1",
  stateMachineArn: ARN,
  name: "orders",
  type: "STANDARD",
  definition: DEFINITION,
  roleArn: "arn:aws:iam::123456789012:role/r",
  loggingConfiguration: { level: "OFF", includeExecutionData: false, destinations: [] },
  tracingConfiguration: { enabled: false },
  encryptionConfiguration: { type: "AWS_OWNED_KEY" },
  updateDate: 1_000,
};

const creation: StateMachineChange = {
  stateMachineArn: ARN,
  expectedEtag: undefined,
  stateMachine: row,
  putRevision: revision,
};

function version(number: number, revisionKey = "r1"): StoredVersion {
  return { stateMachineArn: ARN, number, revisionKey, creationDate: 1_000 + number, description: `v${number}` };
}

function alias(name: string, createdAt: number): StoredAlias {
  const routes = [{ version: 1, weight: 100 }];
  return { stateMachineArn: ARN, name, routes, creationDate: createdAt, updateDate: createdAt };
}

function activity(name: string, etag: string): StoredActivity {
  return {
    activityArn: `arn:aws:states:us-east-1:123456789012:activity:${name}`,
    name,
    creationDate: 1_000,
    encryptionConfiguration: { type: "AWS_OWNED_KEY" },
    tags: [],
    etag,
  };
}

function record(key: string, etag: string, dueAt?: number): StoredRecord {
  const value = { key, nested: [{ n: 1.5, none: null }], text: "é\\u0000" };
  return { kind: "schedule", key, value, etag, ...(dueAt === undefined ? {} : { dueAt }) };
}

const keysOf = (records: readonly StoredRecord[]): string[] => records.map(({ key }) => key);

/** A change of the row that keeps its content: etag `n` to etag `n + 1`. */
function step(from: number, change: Partial<StateMachineChange>): StateMachineChange {
  return {
    stateMachineArn: ARN,
    expectedEtag: `e${from}`,
    stateMachine: { ...row, etag: `e${from + 1}` },
    ...change,
  };
}

/** The contract of `CatalogStore`: every runtime runs all of it. */
export const CATALOG_STORE_CASES: readonly CatalogStoreCase[] = [
  {
    name: "what was committed is there, also after a restart",
    async run(store, reopen) {
      assert.equal(await store.stateMachine(ARN), undefined);
      assert.equal(await store.commitStateMachine(creation), true);
      assert.deepEqual(await store.stateMachine(ARN), row);
      const reopened = reopen();
      assert.deepEqual(await reopened.stateMachine(ARN), row);
      assert.deepEqual(await reopened.revision("r1"), revision);
    },
  },
  {
    name: "a change decided on an old row is refused as a whole",
    async run(store) {
      await store.commitStateMachine(creation);
      assert.equal(await store.commitStateMachine(creation), false, "it exists already");
      const stale = step(7, { putVersion: version(1), putAlias: alias("live", 1) });
      assert.equal(await store.commitStateMachine(stale), false);
      assert.equal(await store.version(ARN, 1), undefined);
      assert.equal(await store.alias(ARN, "live"), undefined);
      assert.deepEqual(await store.stateMachine(ARN), row);
    },
  },
  {
    name: "revisions outlive their state machine; versions and aliases do not",
    async run(store) {
      await store.commitStateMachine(creation);
      await store.commitStateMachine(step(1, { putVersion: version(1), putAlias: alias("live", 1) }));
      assert.equal(await store.commitStateMachine(step(2, { stateMachine: undefined })), true);
      assert.equal(await store.stateMachine(ARN), undefined);
      assert.deepEqual(await store.versions(ARN, undefined, 10), []);
      assert.deepEqual(await store.aliases(ARN), []);
      assert.deepEqual(await store.revision("r1"), revision);
    },
  },
  {
    name: "two revisions of the same text keep their own configuration",
    async run(store) {
      await store.commitStateMachine(creation);
      const other: StoredRevision = {
        ...revision,
        key: "r2",
        roleArn: "arn:aws:iam::123456789012:role/other",
        revisionId: "11111111-1111-4111-8111-111111111111",
        tracingConfiguration: { enabled: true },
        updateDate: 2_000,
      };
      await store.commitStateMachine(step(1, { putRevision: other }));
      assert.deepEqual(await store.revision("r1"), revision);
      assert.deepEqual(await store.revision("r2"), other);
      assert.equal(await store.revision("r3"), undefined);
    },
  },
  {
    name: "a revision keeps what it was compiled from",
    async run(store, reopen) {
      const source = { language: "cloudflow", text: "type: flow\n", members: { description: "é", id: "1" } } as const;
      const flow: StoredRevision = { ...revision, key: "r2", roleArn: "", source };
      await store.commitStateMachine({ ...creation, stateMachine: { ...row, revisionKey: "r2" }, putRevision: flow });
      assert.deepEqual(await store.revision("r2"), flow);
      const changed: StoredRevision = { ...flow, key: "r3", source: { ...source, members: { description: "b" } } };
      await store.commitStateMachine(step(1, { putRevision: changed }));
      assert.deepEqual(await reopen().revision("r2"), flow);
      assert.deepEqual(await reopen().revision("r3"), changed);
    },
  },
  {
    name: "versions come newest first, page by page, and are found by their revision",
    async run(store) {
      await store.commitStateMachine(creation);
      for (const number of [1, 2, 3]) await store.commitStateMachine(step(number, { putVersion: version(number) }));
      assert.deepEqual(await store.versions(ARN, undefined, 2), [version(3), version(2)]);
      assert.deepEqual(await store.versions(ARN, 2, 2), [version(1)]);
      assert.deepEqual(await store.versionOfRevision(ARN, "r1"), version(3));
      assert.equal(await store.versionOfRevision(ARN, "r2"), undefined);
      assert.equal(await store.countVersions(ARN), 3);
      await store.commitStateMachine(step(4, { deleteVersion: 3 }));
      assert.equal(await store.version(ARN, 3), undefined);
      assert.equal(await store.countVersions(ARN), 2);
      assert.equal((await store.count()).versions, 2);
    },
  },
  {
    name: "aliases come newest first; a changed one keeps its place",
    async run(store) {
      await store.commitStateMachine(creation);
      await store.commitStateMachine(step(1, { putAlias: alias("one", 5) }));
      await store.commitStateMachine(step(2, { putAlias: alias("two", 5) }));
      const changed = { ...alias("one", 5), description: "changed", routes: [{ version: 2, weight: 100 }] };
      await store.commitStateMachine(step(3, { putAlias: changed }));
      assert.deepEqual(await store.aliases(ARN), [alias("two", 5), changed]);
      await store.commitStateMachine(step(4, { deleteAlias: "two" }));
      assert.deepEqual(await store.aliases(ARN), [changed]);
      assert.deepEqual(await store.alias(ARN, "one"), changed);
      assert.equal((await store.count()).aliases, 1);
    },
  },
  {
    name: "state machines are listed by ARN, page by page, and counted",
    async run(store) {
      for (const name of ["c", "a", "b"]) {
        const arn = ARN.replace("orders", name);
        await store.commitStateMachine({
          ...creation,
          stateMachineArn: arn,
          stateMachine: { ...row, name, stateMachineArn: arn },
        });
      }
      const first = await store.stateMachines(undefined, 2);
      assert.deepEqual(
        first.map((machine) => machine.name),
        ["a", "b"],
      );
      const second = await store.stateMachines(first[1]?.stateMachineArn, 2);
      assert.deepEqual(
        second.map((machine) => machine.name),
        ["c"],
      );
      assert.equal((await store.count()).stateMachines, 3);
    },
  },
  {
    name: "activities are written on their etag, listed, counted and deleted",
    async run(store, reopen) {
      const one = activity("one", "e1");
      assert.equal(await store.commitActivity(one.activityArn, undefined, one), true);
      assert.equal(await store.commitActivity(one.activityArn, undefined, one), false);
      const tagged = { ...one, etag: "e2", tags: [{ key: "__proto__", value: "x" }] };
      assert.equal(await store.commitActivity(one.activityArn, "e1", tagged), true);
      assert.equal(await store.commitActivity(one.activityArn, "e1", undefined), false);
      const two = activity("two", "e1");
      await store.commitActivity(two.activityArn, undefined, two);
      const reopened = reopen();
      assert.deepEqual(await reopened.activities(undefined, 10), [tagged, two]);
      assert.deepEqual(await reopened.activities(one.activityArn, 10), [two]);
      assert.equal((await reopened.count()).activities, 2);
      assert.equal(await reopened.commitActivity(one.activityArn, "e2", undefined), true);
      assert.equal(await reopened.activity(one.activityArn), undefined);
    },
  },
  {
    name: "records are written on their etag and outlive a restart",
    async run(store, reopen) {
      const one = record("a/1", "e1", 5);
      assert.equal(await store.commitRecord("schedule", "a/1", "e0", one), false, "it does not exist");
      assert.equal(await store.commitRecord("schedule", "a/1", undefined, one), true);
      assert.equal(await store.commitRecord("schedule", "a/1", undefined, one), false, "it exists");
      assert.equal(await store.record("report", "a/1"), undefined, "another kind");
      const changed = record("a/1", "e2");
      assert.equal(await store.commitRecord("schedule", "a/1", "e1", changed), true);
      assert.equal(await store.commitRecord("schedule", "a/1", "e1", undefined), false);
      const reopened = reopen();
      assert.deepEqual(await reopened.record("schedule", "a/1"), changed);
      assert.equal(await reopened.commitRecord("schedule", "a/1", "e2", undefined), true);
      assert.equal(await reopened.record("schedule", "a/1"), undefined);
    },
  },
  {
    name: "records are found by key and by when they are due",
    async run(store) {
      const due: readonly (readonly [string, number | undefined])[] = [
        ["a/2", 9],
        ["a/1", undefined],
        ["b/1", 5],
        ["a/3", 9],
        ["a%/1", 5],
        ["B", 20],
      ];
      for (const [key, at] of due) await store.commitRecord("schedule", key, undefined, record(key, "e", at));
      await store.commitRecord("report", "a/0", undefined, { ...record("a/0", "e", 1), kind: "report" });
      assert.deepEqual(keysOf(await store.records("schedule", "a/", undefined, 2)), ["a/1", "a/2"]);
      assert.deepEqual(keysOf(await store.records("schedule", "a/", "a/2", 2)), ["a/3"]);
      assert.deepEqual(keysOf(await store.records("schedule", "", undefined, 9)), [
        "B",
        "a%/1",
        "a/1",
        "a/2",
        "a/3",
        "b/1",
      ]);
      assert.deepEqual(await store.recordKinds(), ["report", "schedule"]);
      assert.deepEqual(keysOf(await store.dueRecords("schedule", 9, 3)), ["a%/1", "b/1", "a/2"]);
      assert.deepEqual(keysOf(await store.dueRecords("schedule", 4, 3)), []);
      assert.equal(await store.nextDueRecord("schedule"), 5);
      assert.equal(await store.nextDueRecord("report"), 1);
      assert.equal(await store.nextDueRecord("other"), undefined);
    },
  },
  {
    name: "a secret is made once",
    async run(store, reopen) {
      assert.equal(await store.secret("tokens", "first"), "first");
      assert.equal(await store.secret("tokens", "second"), "first");
      assert.equal(await reopen().secret("tokens", "third"), "first");
    },
  },
];
