// `npm run demo`: installs and builds where needed, then runs the demo; arguments are those of `stepwell demo`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build, buildConsole, ensureInstalled, productNode, ROOT, toolEnvironment } from "./bootstrap.mjs";

ensureInstalled();
build();
buildConsole();
const main = join(ROOT, "packages", "cli", "dist", "main.js");
const demo = spawn(productNode(), [main, "demo", ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: "inherit",
  env: toolEnvironment(),
});
// A terminal sends its signals to both; others send them here only. The demo decides when it has ended.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => demo.kill(signal));
demo.once("exit", (code) => process.exit(code ?? 1));
demo.once("error", (error) => {
  console.error(`The demo does not start: ${error.message}`);
  process.exit(1);
});
