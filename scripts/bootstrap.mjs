// What `npm test`, `npm run demo` and `npm run scores` share. It runs on any Node from 20 on, in a fresh clone with nothing
// installed, so it imports nothing but Node.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const NODE_WANTED = [24, 15];
const NPM_CI = ["ci", "--loglevel=error"];
const BIN = join(ROOT, "node_modules", ".bin");

/** Runs `npm ci` where node_modules is missing or is not what package-lock.json says. Ends the process when that fails. */
export function ensureInstalled() {
  if (isInstalled()) return;
  console.log("Installing what package-lock.json names (npm ci) ...");
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith(".js") ? [process.execPath, [npm, ...NPM_CI]] : ["npm", NPM_CI];
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32" && command === "npm",
  });
  if (status !== 0) stop(`npm ci failed${error === undefined ? "" : `: ${error.message}`}`);
}

// node_modules/.package-lock.json is what npm says it installed; packages for other platforms are not in it.
function isInstalled() {
  const installed = join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(installed)) return false;
  const have = JSON.parse(readFileSync(installed, "utf8")).packages;
  const want = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
  return Object.entries(want).every(([path, { version, optional, link }]) => {
    if (!path.startsWith("node_modules/")) return true;
    const found = have[path];
    if (found === undefined) return optional === true;
    return link === true || found.version === version;
  });
}

/** The Node that runs the product: this one where it is new enough, else the one that npm installed beside the rest. */
export function productNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const bundled = join(BIN, "node");
  const { status, stdout } = spawnSync(bundled, ["--version"], { encoding: "utf8" });
  if (status === 0 && isNewEnough(stdout.trim().slice(1))) return bundled;
  return stop(
    `Stepwell runs on Node ${NODE_WANTED.join(".")} or newer. This is Node ${process.versions.node}, and the Node that npm ` +
      `installs beside Stepwell does not run on ${process.platform} ${process.arch}: please install Node 24.`,
  );
}

function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > NODE_WANTED[0] || (major === NODE_WANTED[0] && minor >= NODE_WANTED[1]);
}

/** Environment in which `node` and the tools of the repository are found first. */
export function toolEnvironment(extra = {}) {
  return { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH ?? ""}`, ...extra };
}

/** Runs a program under the product's Node, without standard input, and answers its exit status. */
export function runNode(args, extra = {}) {
  const { status } = spawnSync(productNode(), args, {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    env: toolEnvironment(extra),
  });
  return status ?? 1;
}

/** Compiles every package. Ends the process when that fails. */
export function build() {
  if (runNode([join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-b"]) !== 0) stop("the build failed (tsc -b)");
}

/** Builds the console where it is not built, for `stepwell start` to serve. Ends the process when that fails. */
export function buildConsole() {
  const room = join(ROOT, "packages", "console");
  if (existsSync(join(room, "dist", "app", "index.html"))) return;
  const vite = join(ROOT, "node_modules", "vite", "bin", "vite.js");
  if (runNode([vite, "build", room, "--logLevel", "error"]) !== 0) stop("the build of the console failed (vite build)");
}

/** The arguments with which Node runs vitest. Much of what is tested waits: two files at once even on two processors. */
export function vitestArguments(args) {
  const workers = `--maxWorkers=${Math.max(2, availableParallelism())}`;
  return [join(ROOT, "node_modules", "vitest", "vitest.mjs"), "run", workers, ...args];
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
