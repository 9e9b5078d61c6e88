import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PAGES } from "./pages.ts";

for (const { file, text } of PAGES) writeFileSync(join(import.meta.dirname, "..", "..", "docs", file), text);
