// Adds to package-lock.json the packages for other platforms that npm left out of it. npm drops an optional package that its
// registry does not have (a mirror with one platform's packages), and `npm ci` then refuses the whole file elsewhere. Run it
// after an `npm install` against such a mirror; it changes nothing where nothing is missing. The entries have no integrity,
// which only the registry could tell; on this platform they are never fetched.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./bootstrap.mjs";

const FILE = join(ROOT, "package-lock.json");
const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const PROCESSORS = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

const lock = JSON.parse(readFileSync(FILE, "utf8"));
const added = [];
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isFound(path, name) || !/^\d+\.\d+\.\d+/.test(version)) continue;
    lock.packages[`node_modules/${name}`] = entry(name, version, dev);
    added.push(`${name}@${version}`);
  }
}
if (added.length > 0) {
  const { "": root, ...others } = lock.packages;
  const sorted = Object.entries(others).sort(([a], [b]) => a.localeCompare(b, "en"));
  lock.packages = { "": root, ...Object.fromEntries(sorted) };
  writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(added.length === 0 ? "Nothing is missing." : `Added:\n${added.join("\n")}`);

function isFound(from, name) {
  for (let path = from; ; path = path.slice(0, Math.max(0, path.lastIndexOf("/node_modules/")))) {
    if (`${path}${path === "" ? "" : "/"}node_modules/${name}` in lock.packages) return true;
    if (path === "") return false;
  }
}

// `binding-linux-arm64-musl`: the platform is in the name.
function entry(name, version, dev) {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  const libc = words.includes("musl") ? ["musl"] : words.includes("gnu") ? ["glibc"] : [];
  if (os.length === 0 && cpu.length === 0) throw new Error(`${name}: for which platform is it?`);
  return {
    version,
    ...(cpu.length > 0 && { cpu }),
    ...(dev && { dev }),
    ...(libc.length > 0 && { libc }),
    optional: true,
    ...(os.length > 0 && { os }),
  };
}
