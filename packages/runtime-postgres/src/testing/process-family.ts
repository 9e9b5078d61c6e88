/** A process and its children, stopped in their tracks and let go on together. Linux. */
import { readdirSync, readFileSync } from "node:fs";

/** First the one that makes others. */
export function freezeFamily(parent: number): void {
  signal(parent, "SIGSTOP");
  for (const child of childrenOf(parent)) signal(child, "SIGSTOP");
}

/** Also one that was never frozen, or is gone. */
export function thawFamily(parent: number): void {
  for (const child of childrenOf(parent)) signal(child, "SIGCONT");
  signal(parent, "SIGCONT");
}

function childrenOf(parent: number): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    // "pid (name) state parent …"; a name may hold anything.
    const stat = statOf(name);
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parent ? [Number(name)] : [];
  });
}

/** Empty for a process that ended meanwhile. */
function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
