import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Database, migrate, openDatabase } from "./database.ts";
import { ConstraintViolation, DatabaseFailure } from "./database-failure.ts";

let dataDir: string;
const open: Database[] = [];

function opened(): Database {
  const database = openDatabase({ dataDir });
  open.push(database);
  return database;
}

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "stepwell-database-"));
});
afterEach(() => {
  for (const database of open.splice(0)) database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function failure(work: () => unknown): DatabaseFailure {
  try {
    work();
  } catch (error) {
    if (error instanceof DatabaseFailure) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("openDatabase", () => {
  test("makes the directory and keeps what was committed", () => {
    dataDir = join(dataDir, "a", "b");
    const first = opened();
    migrate(first, "test", ["CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT) STRICT"]);
    first.transaction(() => first.prepare("INSERT INTO t VALUES (?, ?)").run(1, "one"));
    first.close();
    expect(opened().prepare<{ v: string }>("SELECT v FROM t").get()?.v).toBe("one");
  });

  test("a directory is open once at a time, and free again after close", () => {
    const first = opened();
    const refused = failure(() => openDatabase({ dataDir }));
    expect(refused.reason).toBe("in-use");
    expect(refused.message).toContain(`process ${process.pid}`);
    first.close();
    opened();
  });

  test("a file that is no database is said to be damaged", () => {
    writeFileSync(join(dataDir, "stepwell.db"), "this is not a database, ".repeat(100));
    expect(failure(opened).reason).toBe("corrupt");
  });

  test("another program's database is left alone", () => {
    const other = new DatabaseSync(join(dataDir, "stepwell.db"));
    other.exec("CREATE TABLE theirs (x)");
    other.close();
    expect(failure(opened).reason).toBe("incompatible");
  });

  test.runIf(process.platform === "linux")("a file system that lets nobody make a directory is no endless loop", () => {
    expect(failure(() => openDatabase({ dataDir: "/proc/nope/data" })).reason).toBe("permission");
  });

  test("a directory that cannot be made is named", () => {
    const file = join(dataDir, "file");
    writeFileSync(file, "");
    const refused = failure(() => openDatabase({ dataDir: join(file, "below") }));
    expect([refused.reason, refused.message]).toEqual(["permission", expect.stringContaining(file)]);
  });

  test("a damaged page is found by the integrity check", () => {
    const database = opened();
    database.exec("CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT) STRICT; CREATE INDEX i ON t (v)");
    database.transaction(() => {
      for (let k = 0; k < 5_000; k++) database.prepare("INSERT INTO t VALUES (?, ?)").run(k, `value ${k}`);
    });
    expect(database.integrityProblems()).toEqual([]);
    database.close();
    const raw = new DatabaseSync(join(dataDir, "stepwell.db"), { defensive: false });
    raw.exec("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'i'");
    raw.close();
    expect(failure(() => openDatabase({ dataDir, checkIntegrity: true })).reason).toBe("corrupt");
  });
});

describe("transaction", () => {
  test("a throw takes everything back", () => {
    const database = opened();
    database.exec("CREATE TABLE t (k INTEGER PRIMARY KEY) STRICT");
    expect(() =>
      database.transaction(() => {
        database.prepare("INSERT INTO t VALUES (1)").run();
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(database.prepare("SELECT * FROM t").all()).toEqual([]);
  });

  test("a broken constraint is told apart from a failing database", () => {
    const database = opened();
    database.exec("CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT NOT NULL) STRICT");
    const insert = database.prepare("INSERT INTO t VALUES (?, ?)");
    insert.run(1, "x");
    expect(() => insert.run(1, "x")).toThrow(ConstraintViolation);
    expect(() => insert.run(2, null)).toThrow(expect.objectContaining({ unique: false }));
    expect(() => insert.run(1, "x")).toThrow(expect.objectContaining({ unique: true }));
  });

  test("a full disk is said to be full, and the database works on when there is room again", () => {
    const database = opened();
    database.exec("CREATE TABLE t (v TEXT) STRICT; PRAGMA max_page_count = 20");
    const insert = database.prepare("INSERT INTO t VALUES (?)");
    expect(failure(() => database.transaction(() => insert.run("x".repeat(200_000)))).reason).toBe("full");
    database.exec("PRAGMA max_page_count = 1000000");
    database.transaction(() => insert.run("y"));
    expect(database.prepare("SELECT v FROM t").all()).toEqual([{ v: "y" }]);
  });

  test("a closed database says so", () => {
    const database = opened();
    database.close();
    expect(failure(() => database.exec("SELECT 1")).reason).toBe("closed");
  });
});

describe("migrate", () => {
  test("each step runs once, also when more are added later", () => {
    const database = opened();
    migrate(database, "a", ["CREATE TABLE t (k INTEGER) STRICT"]);
    migrate(database, "a", ["CREATE TABLE t (k INTEGER) STRICT", "ALTER TABLE t ADD COLUMN v TEXT"]);
    migrate(database, "b", ["CREATE TABLE u (k INTEGER) STRICT"]);
    migrate(database, "a", ["CREATE TABLE t (k INTEGER) STRICT", "ALTER TABLE t ADD COLUMN v TEXT"]);
    database.prepare("INSERT INTO t (k, v) VALUES (1, 'x')").run();
  });

  test("a step that fails leaves the steps before it undone too", () => {
    const database = opened();
    expect(() => migrate(database, "a", ["CREATE TABLE t (k INTEGER) STRICT", "CREATE nonsense"])).toThrow();
    migrate(database, "a", ["CREATE TABLE t (k INTEGER) STRICT"]);
  });

  test("a database written by a newer version is refused", () => {
    const database = opened();
    migrate(database, "a", ["CREATE TABLE t (k INTEGER) STRICT", "CREATE TABLE u (k INTEGER) STRICT"]);
    expect(failure(() => migrate(database, "a", ["CREATE TABLE t (k INTEGER) STRICT"])).reason).toBe("incompatible");
  });
});

describe("background", () => {
  test("after closing nothing touches the files any more", async () => {
    for (let round = 0; round < 5; round++) {
      const database = opened();
      database.exec("CREATE TABLE IF NOT EXISTS t (v TEXT) STRICT");
      const insert = database.prepare("INSERT INTO t VALUES (?)");
      // Enough for a checkpoint to be under way when it is closed.
      for (let i = 0; i < 9; i++) database.transaction(() => insert.run("x".repeat(2_000_000)));
      database.close();
      expect(readdirSync(dataDir).sort()).toEqual(["stepwell.db", "stepwell.lock", "stepwell.pid"]);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  test("the log stays bounded under steady writing", async () => {
    const database = opened();
    database.exec("CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT) STRICT");
    const insert = database.prepare("INSERT OR REPLACE INTO t VALUES (?, ?)");
    for (let round = 0; round < 600; round++) {
      database.transaction(() => insert.run(round % 50, "x".repeat(200_000)));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(statSync(join(dataDir, "stepwell.db-wal")).size).toBeLessThan(64 * 1_048_576);
  });

  test("freed pages are given back", () => {
    const database = opened();
    database.exec("CREATE TABLE t (v TEXT) STRICT");
    database.transaction(() => database.prepare("INSERT INTO t VALUES (?)").run("x".repeat(4_000_000)));
    database.transaction(() => database.prepare("DELETE FROM t").run());
    expect(database.size().freeBytes).toBeGreaterThan(3_000_000);
    expect(database.shrink(100)).toBe(100);
    expect(database.shrink(100_000)).toBeGreaterThan(800);
    expect(database.size().freeBytes).toBe(0);
  });
});
