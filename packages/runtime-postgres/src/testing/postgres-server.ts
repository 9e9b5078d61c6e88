/** A PostgreSQL server of one's own, for tests: a directory, a free port, a user that is not root. */
import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freezeFamily, thawFamily } from "./process-family.ts";

const INSTALLED = "/usr/lib/postgresql";
const READY_MS = 60_000;

export interface PostgresServer {
  readonly url: string;
  /** Of the process that all others come from. */
  readonly pid: number;
  /** As a crash of its processes does: no checkpoint, connections cut. Who asks it meanwhile is not held up. */
  crash(): Promise<void>;
  /** Resolves when it answers again. */
  start(): Promise<void>;
  /** Stops all its processes in their tracks, as a machine that hangs does: connections stay, nobody answers. */
  freeze(): void;
  thaw(): void;
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
  // PostgreSQL refuses to run as root.
  const how = { cwd: directory, timeout: READY_MS, ...user };
  const run = async (program: string, ...args: string[]): Promise<void> => {
    await new Promise<void>((resolve, reject) => {
      // What it starts keeps its output: pipes would never end.
      const child = spawn(join(programs, program), args, { ...how, stdio: "ignore" });
      child.once("error", reject);
      child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
    });
  };
  const options = Object.entries({
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    ...settings,
  });
  const start = (): Promise<void> =>
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
  await run("initdb", "-D", data, "-U", "stepwell", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync");
  await start();
  const pid = (): number => Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n", 1)[0]);
  return {
    url: `postgres://stepwell@127.0.0.1:${port}/postgres`,
    get pid() {
      return pid();
    },
    crash: () => run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"),
    start,
    freeze: () => freezeFamily(pid()),
    thaw: () => thawFamily(pid()),
    remove() {
      // One that is frozen does not hear that it is to end.
      if (existsSync(join(data, "postmaster.pid"))) thawFamily(pid());
      execFileSync(join(programs, "pg_ctl"), ["-D", data, "-m", "immediate", "-w", "stop"], {
        ...how,
        stdio: "ignore",
      });
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
