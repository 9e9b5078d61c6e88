import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testService } from "./test-service.test-support.ts";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "stepwell-console-"));
  mkdirSync(join(directory, "assets"));
  writeFileSync(join(directory, "index.html"), "<!doctype html><title>page</title>");
  writeFileSync(join(directory, "assets", "main-abc123.js"), "export {};");
  writeFileSync(join(directory, "assets", "main-abc123.js.map"), "{}");
  writeFileSync(join(directory, "..", "stepwell-secret.txt"), "secret");
});

afterAll(() => {
  rmSync(directory, { recursive: true });
  rmSync(join(directory, "..", "stepwell-secret.txt"), { force: true });
});

const get = (url: string, console: string | undefined = directory) =>
  testService(console === "" ? {} : { consoleDirectory: console }).app.inject({ method: "GET", url });

describe("the console", () => {
  test.each([
    "/console/",
    "/console/runs",
    "/console/runs/arn%3Aaws%3Astates",
    "/console/machines/a.b/",
    "/console/runs/execution:orders:run-1.2",
    "/console/x%2e%2e",
  ])("%s is its page", async (url) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain("<title>page</title>");
    expect(answer.headers["cache-control"]).toBe("no-cache");
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'");
    expect(answer.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    expect(answer.headers["referrer-policy"]).toBe("no-referrer");
  });

  test("its files are kept by browsers for good: their names change with them", async () => {
    const answer = await get("/console/assets/main-abc123.js");
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toContain("javascript");
    expect(answer.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  });

  test.each([
    "/console/assets/gone.js",
    "/console/assets/main-abc123.js.map",
    "/console/../stepwell-secret.txt",
    "/console/..%2fstepwell-secret.txt",
    "/console/%2e%2e/stepwell-secret.txt",
    "/console/assets/..%5c..%5cstepwell-secret.txt",
  ])("%s is not there", async (url) => {
    const answer = await get(url);
    expect(answer.body).not.toContain("secret\n");
    expect(answer.body).not.toBe("secret");
    if (answer.statusCode !== 200) expect(answer.statusCode).toBe(404);
  });

  test("when it is not built, a page says how to", async () => {
    const answer = await get("/console/", "");
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain("npm run build -w packages/console");
    expect((await get("/console")).headers["location"]).toBe("/console/");
  });
});
