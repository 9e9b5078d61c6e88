import { readFileSync } from "node:fs";
import { parseTaskResource } from "@stepwell/core";
import { expect, test } from "vitest";
import { serviceModel } from "../service-models/service-model.ts";
import { ClientPackages, clientPackage } from "./client-packages.ts";
import { integrationsTable } from "./integrations-table.ts";
import { OPTIMIZED_INTEGRATIONS } from "./optimized-integrations.ts";

test("docs/supported.md holds the table (node --conditions=stepwell-source scripts/integrations-table.mjs)", () => {
  const page = readFileSync(new URL("../../../../docs/supported.md", import.meta.url), "utf8");
  expect(page).toContain(integrationsTable());
});

const installed = new ClientPackages(process.cwd());

test.each(Object.entries(OPTIMIZED_INTEGRATIONS))("%s can be called", (name, { model, operation, job }) => {
  expect(parseTaskResource(`arn:aws:states:::${name}`)).toBeDefined();
  const service = serviceModel(model);
  const actions = [
    operation,
    ...(job === undefined ? [] : [job.describe]),
    ...(job?.cancel ? [job.cancel.action] : []),
  ];
  expect(actions.filter((action) => service?.operation(action) === undefined)).toEqual([]);
  expect(service === undefined ? "none" : installed.isInstalled(clientPackage(service))).toBe(true);
});

test("every job that ASL allows has its entry", () => {
  const jobs = Object.entries(OPTIMIZED_INTEGRATIONS).filter(([, { job }]) => job !== undefined);
  const missing = jobs.filter(([name]) => parseTaskResource(`arn:aws:states:::${name}.sync`) === undefined);
  expect(missing.map(([name]) => name)).toEqual([]);
});
