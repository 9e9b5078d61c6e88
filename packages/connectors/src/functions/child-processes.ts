/** The processes of functions that are alive, so that none outlives the server's orderly end. */
import type { ChildProcess } from "node:child_process";

const alive = new Set<ChildProcess>();

/** Each child leads a process group of its own: what it started is ended with it. */
export function track(child: ChildProcess): void {
  if (alive.size === 0) process.on("exit", killAll);
  alive.add(child);
  child.once("exit", () => {
    alive.delete(child);
    if (alive.size === 0) process.off("exit", killAll);
  });
}

/** Signals the child and what it started. A child that has ended already is no error. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function killAll(): void {
  for (const child of alive) signalGroup(child, "SIGKILL");
}
