/** The stores that a suite runs on: a directory always, S3 where moto is there. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { ObjectStore } from "@stepwell/engine";
import { afterAll, beforeAll, describe } from "vitest";
import { createObjectStore } from "./create-object-store.ts";
import { HAS_MOTO, type MotoServer, startMoto } from "./moto-server.test-support.ts";

export interface StoreFixture {
  readonly store: ObjectStore;
  /** A bucket that is there and empty at first. */
  readonly bucket: string;
  /** Only for a local bucket. */
  readonly directory: string | undefined;
}

/** Runs a suite of tests on each kind of store. The fixture may be read inside tests and hooks. */
export function onEachStore(name: string, suite: (fixture: () => StoreFixture) => void): void {
  describe(`${name}, a local directory`, () => {
    let fixture: StoreFixture & { readonly directory: string };
    beforeAll(async () => {
      const directory = await mkdtemp(join(tmpdir(), "stepwell-bucket-"));
      fixture = {
        store: createObjectStore({ buckets: { "a-bucket": directory }, env: {} }),
        bucket: "a-bucket",
        directory,
      };
    });
    afterAll(async () => {
      await fixture.store.close();
      await rm(fixture.directory, { recursive: true });
    });
    suite(() => fixture);
  });

  describe.skipIf(!HAS_MOTO)(`${name}, S3`, () => {
    let moto: MotoServer;
    let store: ObjectStore;
    beforeAll(async () => {
      moto = await startMoto();
      store = createObjectStore({ env: moto.env });
      await createBucket(moto, "a-bucket");
    }, 30_000);
    afterAll(async () => {
      await store.close();
      await moto.stop();
    });
    suite(() => ({ store, bucket: "a-bucket", directory: undefined }));
  });
}

async function createBucket({ env }: MotoServer, bucket: string): Promise<void> {
  const client = new S3Client({
    endpoint: env["AWS_ENDPOINT_URL_S3"] as string,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
}
