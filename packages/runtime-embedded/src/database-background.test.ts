import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { DatabaseBackground } from "./database-background.ts";

test("a disk in trouble ends neither the process nor checkpoints", async () => {
  const directory = mkdtempSync(join(tmpdir(), "stepwell-background-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  let tries = 0;
  // Nobody can open a file there.
  const background = new DatabaseBackground(join(directory, "none", "x.db"), new SharedArrayBuffer(8), () => {
    tries += 1;
    throw new Error("the disk is full");
  });
  for (const wanted of [1, 2]) {
    await vi.waitUntil(
      () => {
        background.noteWritten(16 * 1_048_576);
        return tries >= wanted;
      },
      { timeout: 60_000 },
    );
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(rejections).toEqual([]);
});
