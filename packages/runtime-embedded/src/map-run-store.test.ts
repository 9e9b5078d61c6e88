import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MAP_RUN_STORE_CASES } from "@stepwell/engine/testing";
import { afterEach, beforeEach, describe, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { openMapRunStore } from "./map-run-store.ts";

let dataDir: string;
let database: Database;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "stepwell-map-runs-"));
  database = openDatabase({ dataDir });
});
afterEach(() => {
  database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe("the tables of map runs keep the contract of MapRunStore", () => {
  test.each(MAP_RUN_STORE_CASES)("$name", async ({ run }) => {
    await run(openMapRunStore(database), () => {
      database.close();
      database = openDatabase({ dataDir });
      return openMapRunStore(database);
    });
  });
});
