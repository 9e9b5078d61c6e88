import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { backupDatabase } from "./backup.ts";
import { migrate, openDatabase } from "./database.ts";
import { DatabaseFailure } from "./database-failure.ts";

let dataDir = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "stepwell-backup-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test("a backup is a whole database while another connection writes, and no file is overwritten", () => {
  const database = openDatabase({ dataDir });
  migrate(database, "a", ["CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT) STRICT"]);
  const insert = database.prepare("INSERT INTO t (v) VALUES (?)");
  database.transaction(() => insert.run("before"));
  const target = join(dataDir, "copy.db");
  expect(backupDatabase(dataDir, target).bytes).toBeGreaterThan(4_000);
  database.transaction(() => insert.run("after"));
  database.close();
  expect(() => backupDatabase(dataDir, target)).toThrow("exists already");
  const copy = new DatabaseSync(target);
  expect(copy.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  expect(copy.prepare("SELECT v FROM t ORDER BY k").all()).toEqual([{ v: "before" }]);
  copy.close();
});

test("a backup that cannot be made leaves nothing behind", () => {
  expect(() => backupDatabase(dataDir, join(dataDir, "copy.db"))).toThrow(DatabaseFailure);
  openDatabase({ dataDir }).close();
  expect(() => backupDatabase(dataDir, join(dataDir, "nowhere", "copy.db"))).toThrow();
  expect(readdirSync(dataDir).filter((name) => name.includes("copy"))).toEqual([]);
  expect(existsSync(join(dataDir, "stepwell.db"))).toBe(true);
});
