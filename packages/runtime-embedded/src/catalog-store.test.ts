import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CATALOG_STORE_CASES } from "@stepwell/engine/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCatalogStore } from "./catalog-store.ts";
import { type Database, openDatabase } from "./database.ts";

let dataDir: string;
let database: Database;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "stepwell-catalog-"));
  database = openDatabase({ dataDir });
});
afterEach(() => {
  database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe("the catalog's tables keep the contract of CatalogStore", () => {
  test.each(CATALOG_STORE_CASES)("$name", async ({ run }) => {
    await run(openCatalogStore(database), () => {
      database.close();
      database = openDatabase({ dataDir });
      return openCatalogStore(database);
    });
  });
});

test("equal definitions of different state machines are kept once", async () => {
  const store = openCatalogStore(database);
  for (const name of ["a", "b"]) {
    const arn = `arn:aws:states:us-east-1:123456789012:stateMachine:${name}`;
    await store.commitStateMachine({
      stateMachineArn: arn,
      expectedEtag: undefined,
      stateMachine: {
        stateMachineArn: arn,
        name,
        type: "EXPRESS",
        status: "ACTIVE",
        creationDate: 1,
        revisionKey: name,
        nextVersion: 1,
        tags: [],
        createdWith: { publish: false },
        etag: "e",
      },
      putRevision: {
        key: name,
        stateMachineArn: arn,
        name,
        type: "EXPRESS",
        definition: "{}",
        roleArn: "arn:aws:iam::123456789012:role/r",
        loggingConfiguration: { level: "OFF", includeExecutionData: false },
        tracingConfiguration: { enabled: false },
        encryptionConfiguration: { type: "AWS_OWNED_KEY" },
        updateDate: 1,
      },
    });
  }
  expect(database.prepare("SELECT count(*) AS n FROM catalog_definitions").get()).toEqual({ n: 1 });
  expect((await store.revision("b"))?.definition).toBe("{}");
});
