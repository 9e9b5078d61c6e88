/** A PostgreSQL server of one's own, for tests: a directory, a free port, a user that is not root. */
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const INSTALLED = "/usr/lib/postgresql";
const READY_MS = 60_000;

export interface PostgresServer {
  readonly url: string;
  /** Of the process that all others come from. */
  readonly pid: number;
  /** As a crash does: no checkpoint, connections cut. */
  crash(): void;
  start(): void;
  /** Ends it and deletes its directory. */
  remove(): void;
}

/** Where the server's programs are; `undefined` where there is none. `STEPWELL_POSTGRES_BIN` names another place. */
export function postgresPrograms(): string | undefined {
  const given = process.env["STEPWELL_POSTGRES_BIN"];
  if (given !== undefined) return given;
  if (!existsSync(INSTALLED)) return undefined;
  const newest = readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a))[0];
  const programs = newest && join(INSTALLED, newest, "bin");
  return programs !== undefined && existsSync(join(programs, "initdb")) ? programs : undefined;
}

/** Starts a server. `settings` are of postgresql.conf. */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error(`no PostgreSQL in ${INSTALLED}`);
  const directory = mkdtempSync(join(tmpdir(), "stepwell-postgres-"));
  const data = join(directory, "data");
  const port = await freePort();
  const user = userOf();
  if (user !== undefined) chownSync(directory, user.uid, user.gid);
  const run = (program: string, ...args: string[]): void => {
    // PostgreSQL refuses to run as root.
    execFileSync(join(programs, program), args, {
      stdio: ["ignore", "ignore", "ignore"],
      cwd: directory,
      timeout: READY_MS,
      ...user,
    });
  };
  const options = Object.entries({
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    ...settings,
  });
  const start = (): void =>
    run(
      "pg_ctl",
      "-D",
      data,
      "-w",
      "-l",
      join(directory, "log"),
      "-o",
      options.map(([name, value]) => `-c ${name}='${value}'`).join(" "),
      "start",
    );
  run("initdb", "-D", data, "-U", "stepwell", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync");
  start();
  return {
    url: `postgres://stepwell@127.0.0.1:${port}/postgres`,
    get pid() {
      return Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n", 1)[0]);
    },
    crash: () => run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"),
    start,
    remove() {
      run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Whom to be when one is root. */
function userOf(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }).trim());
  return { uid: id("-u"), gid: id("-g") };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
