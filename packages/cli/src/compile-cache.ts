import { enableCompileCache } from "node:module";
import { isAbsolute, join } from "node:path";

/**
 * Has Node keep what V8 made of the modules, for the next start: a quarter of a start's processor time is compiling.
 * In the user's own directory, not where Node would put it: what lies there is run, and anybody may write to the system's
 * temporary directory. Where nothing can be written, nothing is kept, and nobody is told. NODE_COMPILE_CACHE names another
 * directory, NODE_DISABLE_COMPILE_CACHE=1 turns it off.
 */
export function keepCompiled(env: NodeJS.ProcessEnv): void {
  const directory = cacheDirectory(env, process.platform);
  // It reports a failure in its result, which nobody can use.
  if (directory !== undefined) enableCompileCache(join(directory, "stepwell", "compiled"));
}

/** Where programs of this user keep what they can make again; undefined where no place is known. */
export function cacheDirectory(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  const given = platform === "win32" ? env["LOCALAPPDATA"] : env["XDG_CACHE_HOME"];
  // What is not absolute is to be ignored: XDG Base Directory Specification.
  if (given !== undefined && isAbsolute(given)) return given;
  const home = platform === "win32" ? env["USERPROFILE"] : env["HOME"];
  if (home === undefined || !isAbsolute(home)) return undefined;
  if (platform === "win32") return join(home, "AppData", "Local");
  return platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
}
