import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where the built console lies; `undefined` when it is not built, or not installed. */
export function consoleDirectory(): string | undefined {
  try {
    const directory = fileURLToPath(new URL("dist/app", import.meta.resolve("@stepwell/console/package.json")));
    return existsSync(directory) ? directory : undefined;
  } catch {
    // Not installed: the service does without.
    return undefined;
  }
}
