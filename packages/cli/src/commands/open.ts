import { spawn } from "node:child_process";
import { UsageError } from "../usage-error.ts";

/** `stepwell open`. */
export async function openConsole(endpoint: string): Promise<number> {
  if (!URL.canParse("/console/", endpoint)) throw new UsageError(`--endpoint: must be a URL, got "${endpoint}"`);
  const { href, protocol } = new URL("/console/", endpoint);
  // What is handed to the system's opener is an address of the web, whatever was typed.
  if (protocol !== "http:" && protocol !== "https:")
    throw new UsageError(`--endpoint: must be http(s), got "${endpoint}"`);
  process.stdout.write(`${href}\n`);
  if (!(await openInBrowser(href))) process.stderr.write("No browser could be opened: follow the address above.\n");
  return 0;
}

/** A browser that begins with its opener may stay for hours: after so long it counts as opened. */
const OPENED_MS = 3_000;

function openInBrowser(address: string): Promise<boolean> {
  const [command, ...args] = openerOf(process.platform);
  if (command === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const opener = spawn(command, [...args, address], { stdio: "ignore", detached: true });
    const done = (isOpen: boolean): void => {
      clearTimeout(opened);
      opener.unref();
      resolve(isOpen);
    };
    const opened = setTimeout(() => done(true), OPENED_MS);
    opener.once("error", () => done(false));
    opener.once("exit", (code) => done(code === 0));
  });
}

function openerOf(platform: NodeJS.Platform): readonly string[] {
  if (platform === "darwin") return ["open"];
  // Not through a shell, which would read the address: rundll32 is what `start` does for addresses.
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  return ["xdg-open"];
}
