// Writes the table of integrations into docs/supported.md, between its two comments.
//
//   node --conditions=stepwell-source scripts/integrations-table.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { integrationsTable } from "../packages/connectors/src/services/integrations-table.ts";

const PAGE = new URL("../docs/supported.md", import.meta.url);
const BETWEEN = /(<!-- integrations -->\n)[\s\S]*?(\n<!-- end of integrations -->)/;

const page = readFileSync(PAGE, "utf8");
if (!BETWEEN.test(page)) throw new Error("docs/supported.md must have the two comments");
writeFileSync(
  PAGE,
  page.replace(BETWEEN, (_whole, before, after) => `${before}\n${integrationsTable()}\n${after}`),
);
