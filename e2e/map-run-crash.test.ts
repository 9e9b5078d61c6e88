import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SFN } from "@aws-sdk/client-sfn";
import { afterAll, expect, test } from "vitest";
import { freePort, type StepwellProcess, startStepwell } from "./stepwell-process.ts";

// `kill -9` while a Distributed Map reads its items, runs its children and writes their results. No item may be lost, and
// none counted twice; a result file is there as a whole, or not at all.

const KILLS = Number(process.env["STEPWELL_CRASH_KILLS"] ?? 3) * 2;
const ROWS = 16_000;
/** Of a row: the file is large enough to be read by a thread. */
const TEXT_LENGTH = 100;
const BATCH = 2;
/** The child of the last row waits, so that no run is over before it has been killed, however fast the others are. */
const WAIT_SECONDS = 5;
const LIFE_MS = 350;
const PROGRESS_MS_MAX = 15_000;
const END_MS_MAX = 120_000;
const BUCKET = "crash-bucket";
const directory = mkdtempSync(join(tmpdir(), "stepwell-map-crash-"));
const bucket = join(directory, "bucket");

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function definition(type: "STANDARD" | "EXPRESS"): object {
  const map = {
    Type: "Map",
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
      Parameters: { Bucket: BUCKET, Key: "rows.csv" },
    },
    ItemBatcher: { MaxItemsPerBatch: BATCH },
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: type },
      StartAt: "A",
      States: {
        A: { Type: "Pass", Next: "C" },
        C: {
          Type: "Choice",
          Choices: [{ Variable: "$.Items[1].id", StringEquals: String(ROWS - 1), Next: "W" }],
          Default: "B",
        },
        W: { Type: "Wait", Seconds: WAIT_SECONDS, Next: "B" },
        B: { Type: "Pass", End: true },
      },
    },
    ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: BUCKET, Prefix: type } },
    End: true,
  };
  return { StartAt: "M", States: { M: map } };
}

test.each(["STANDARD", "EXPRESS"] as const)(
  "a run of %s children survives kill -9",
  { timeout: 400_000 },
  async (type) => {
    mkdirSync(bucket, { recursive: true });
    const rows = Array.from({ length: ROWS }, (_, i) => `${i},${`row ${i}`.padEnd(TEXT_LENGTH, "-")}`);
    writeFileSync(join(bucket, "rows.csv"), `id,text\n${rows.join("\n")}\n`);
    writeFileSync(join(directory, "stepwell.yaml"), JSON.stringify({ buckets: { [BUCKET]: "./bucket" } }));
    const port = await freePort();
    const begin = (): Promise<StepwellProcess> => startStepwell(join(directory, type), { port, cwd: directory });
    let server = await begin();
    const client = new SFN({
      endpoint: server.url,
      region: "us-east-1",
      maxAttempts: 10,
      credentials: { accessKeyId: "any", secretAccessKey: "any" },
    });
    const { stateMachineArn } = await client.createStateMachine({
      name: "map",
      definition: JSON.stringify(definition(type)),
      roleArn: "arn:aws:iam::123456789012:role/r",
    });
    const { executionArn } = await client.startExecution({ stateMachineArn });
    const seen: number[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      // Every other kill comes right after something was done, the others at any time.
      if (kill % 2 === 0) await progress(client, executionArn ?? "", seen.at(-1) ?? 0);
      else await sleep(Math.random() * LIFE_MS);
      await server.killHard();
      server = await begin();
      seen.push(await itemsDone(client, executionArn ?? ""));
    }
    const ended = await end(client, executionArn ?? "");
    const [run] = (await client.listMapRuns({ executionArn })).mapRuns ?? [];
    const described = await client.describeMapRun({ mapRunArn: run?.mapRunArn ?? "" });
    console.log(`${type}: items done after each kill: ${seen.join(", ")}`);
    expect(seen.some((done) => done > 0 && done < ROWS)).toBe(true);
    expect(ended).toMatchObject({ status: "SUCCEEDED" });
    expect(described.itemCounts).toMatchObject({ succeeded: ROWS, total: ROWS, running: 0, failed: 0 });
    expect(described.executionCounts).toMatchObject({ succeeded: ROWS / BATCH, total: ROWS / BATCH });
    checkResults(type, JSON.parse(ended.output ?? "{}") as WriterOutput);
    client.destroy();
    await server.stop();
  },
);

async function itemsDone(client: SFN, executionArn: string): Promise<number> {
  const [run] = (await client.listMapRuns({ executionArn })).mapRuns ?? [];
  if (run === undefined) return 0;
  return (await client.describeMapRun({ mapRunArn: run.mapRunArn })).itemCounts?.succeeded ?? 0;
}

/** Returns when more items are done than before, or all but those of the child that waits. */
async function progress(client: SFN, executionArn: string, before: number): Promise<void> {
  const latest = Date.now() + PROGRESS_MS_MAX;
  for (;;) {
    const done = await itemsDone(client, executionArn);
    if (done > before || done >= ROWS - BATCH || Date.now() > latest) return;
    await sleep(5);
  }
}

async function end(client: SFN, executionArn: string): Promise<{ status?: string; output?: string }> {
  const latest = Date.now() + END_MS_MAX;
  for (;;) {
    const { status, output } = await client.describeExecution({ executionArn });
    if (status !== "RUNNING" || Date.now() > latest) {
      return { ...(status === undefined ? {} : { status }), ...(output === undefined ? {} : { output }) };
    }
    await sleep(100);
  }
}

interface WriterOutput {
  readonly ResultWriterDetails: { readonly Bucket: string; readonly Key: string };
}

interface Manifest {
  readonly ResultFiles: Record<"SUCCEEDED" | "FAILED" | "PENDING", { readonly Key: string; readonly Size: number }[]>;
}

/** Every row once, in its order, and nothing in the folder but what the manifest names. */
function checkResults(prefix: string, { ResultWriterDetails: { Key } }: WriterOutput): void {
  const { ResultFiles } = JSON.parse(readFileSync(join(bucket, Key), "utf8")) as Manifest;
  expect(ResultFiles.FAILED).toEqual([]);
  const ids: string[] = [];
  for (const file of ResultFiles.SUCCEEDED) {
    expect(statSync(join(bucket, file.Key)).size).toBe(file.Size);
    for (const { Output } of JSON.parse(readFileSync(join(bucket, file.Key), "utf8")) as { Output: string }[]) {
      ids.push(...(JSON.parse(Output) as { Items: { id: string }[] }).Items.map(({ id }) => id));
    }
  }
  expect(ids).toEqual(Array.from({ length: ROWS }, (_, i) => String(i)));
  const found = readdirSync(join(bucket, prefix), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(found).toHaveLength(ResultFiles.SUCCEEDED.length + 1);
}
