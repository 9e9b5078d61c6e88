import { readFile } from "node:fs/promises";

/** The version of this installation of Stepwell. */
export async function productVersion(): Promise<string> {
  const manifest = new URL("../package.json", import.meta.url);
  return (JSON.parse(await readFile(manifest, "utf8")) as { version: string }).version;
}
