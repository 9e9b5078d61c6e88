import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TaskOutcome } from "@stepwell/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AwsServices } from "../services/aws-services.ts";
import { serviceTask } from "../testing/service-fixture.ts";
import { LocalBuckets } from "./local-buckets.ts";

let directory: string;
let services: AwsServices;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "stepwell-buckets-"));
  mkdirSync(join(directory, "in"));
  const buckets = new LocalBuckets({ baseDirectory: directory, buckets: { in: "in", out: "out" }, env: {} });
  services = new AwsServices({ env: {} }, [], buckets);
});
afterAll(async () => {
  await services.close();
  rmSync(directory, { recursive: true, force: true });
});

async function outcome(action: string, parameters: object): Promise<TaskOutcome> {
  const request = serviceTask(`aws-sdk:s3:${action}`, parameters);
  const connector = services.connectorFor(request);
  if (connector === undefined) throw new Error(`${action} must be performed by something`);
  return (await connector.start(request, new AbortController().signal)) as TaskOutcome;
}

async function made(action: string, parameters: object): Promise<Record<string, unknown>> {
  const result = await outcome(action, parameters);
  expect(result).toMatchObject({ kind: "succeeded" });
  return JSON.parse((result as { output: string }).output);
}

describe("aws-sdk:s3 on buckets that are directories", () => {
  it("puts, gets, heads, copies and deletes objects", async () => {
    const put = await made("putObject", { Bucket: "out", Key: "a/b.json", Body: { n: 1 } });
    expect(readFileSync(join(directory, "out/a/b.json"), "utf8")).toBe('{"n":1}');
    const got = await made("getObject", { Bucket: "out", Key: "a/b.json" });
    expect(got).toMatchObject({ Body: '{"n":1}', ContentLength: 7, Metadata: {}, ETag: put["ETag"] });
    expect(Object.keys(got).at(-1)).toBe("Body");
    expect(got["LastModified"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(await made("getObject", { Bucket: "out", Key: "a/b.json", Range: "bytes=1-3" })).toMatchObject({
      Body: '"n"',
      ContentRange: "bytes 1-3/7",
    });
    expect(await made("headObject", { Bucket: "out", Key: "a/b.json" })).toMatchObject({ ContentLength: 7 });
    await made("copyObject", { Bucket: "in", Key: "c d.json", CopySource: "out/a/b.json" });
    expect(readFileSync(join(directory, "in/c d.json"), "utf8")).toBe('{"n":1}');
    await made("deleteObject", { Bucket: "out", Key: "a/b.json" });
    expect(await outcome("getObject", { Bucket: "out", Key: "a/b.json" })).toMatchObject({
      kind: "failed",
      error: "S3.NoSuchKeyException",
      cause: expect.stringMatching(/^The specified key does not exist\. \(Service: S3, Status Code: 404, Request ID: /),
    });
  });

  it("no key leads out of the directory", async () => {
    await made("putObject", { Bucket: "out", Key: "../escape", Body: "x" });
    expect(readdirSync(directory).sort()).toEqual(["in", "out"]);
    expect(await made("getObject", { Bucket: "out", Key: "../escape" })).toMatchObject({ Body: '"x"' });
  });

  it("lists in pages, by prefix and delimiter", async () => {
    for (const name of ["x/1", "x/2", "y"]) {
      mkdirSync(join(directory, "in/list/x"), { recursive: true });
      writeFileSync(join(directory, "in/list", name), name);
    }
    const list = (more: object) => made("listObjectsV2", { Bucket: "in", Prefix: "list/", ...more });
    expect((await list({}))["Contents"]).toMatchObject([
      { Key: "list/x/1", Size: 3 },
      { Key: "list/x/2" },
      { Key: "list/y" },
    ]);
    const first = await list({ Delimiter: "/", MaxKeys: 1 });
    expect(first).toMatchObject({ CommonPrefixes: [{ Prefix: "list/x/" }], IsTruncated: true, KeyCount: 1 });
    const second = await list({ Delimiter: "/", MaxKeys: 1, ContinuationToken: first["NextContinuationToken"] });
    expect(second).toMatchObject({ Contents: [{ Key: "list/y" }], IsTruncated: false });
    expect(second).not.toHaveProperty("NextContinuationToken");
    await made("deleteObjects", { Bucket: "in", Delete: { Objects: [{ Key: "list/y" }, { Key: "list/x/1" }] } });
    expect(await list({})).toMatchObject({ KeyCount: 1 });
  });

  it.each([
    ["getObject", { Bucket: "out", Key: "../../etc/passwd" }, /^S3\./],
    ["putObjectTagging", { Bucket: "out", Key: "k", Tagging: { TagSet: [] } }, "S3.S3Exception"],
    ["getObject", { Bucket: "in", Key: "c d.json", VersionId: "1" }, "S3.InvalidRequestException"],
    ["putObject", { Bucket: "in", Key: "c d.json", Body: "x", IfNoneMatch: "*" }, "S3.S3Exception"],
  ])("%s %j is refused", async (action, parameters, error) => {
    const failed = await outcome(action, parameters);
    expect(failed).toMatchObject({ kind: "failed", error: expect.stringMatching(error) });
  });
});
