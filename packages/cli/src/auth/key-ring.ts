import { stat } from "node:fs/promises";
import type { AccessKey } from "@stepwell/server";
import { readKeys } from "./keys-file.ts";
import { stampOf } from "./private-file.ts";

/** How long a change of the file may go unnoticed. */
const LOOK_EVERY_MS = 1_000;

export interface KeyRing {
  find(accessKeyId: string): Promise<AccessKey | undefined>;
}

export interface KeyRingOptions {
  readonly path: string;
  readonly account: string;
  /** Told when the file has changed and cannot be used: the keys read before stay in force. */
  readonly onProblem: (problem: unknown, about: string) => void;
  readonly now?: () => number;
}

/** The keys of a file, read again when it changes. Throws ConfigError when it cannot be used to begin with. */
export async function openKeyRing(options: KeyRingOptions): Promise<KeyRing> {
  const { path, account, onProblem, now = Date.now } = options;
  let { keys, stamp } = await readKeys(path, account);
  let lookedAt = now();
  let looking: Promise<void> | undefined;
  /** A state of the file that was told of is not told of again. */
  let refusedStamp: string | undefined;

  async function look(): Promise<void> {
    lookedAt = now();
    let current = "";
    try {
      current = stampOf(await stat(path));
      if (current === stamp || current === refusedStamp) return;
      ({ keys, stamp } = await readKeys(path, account));
      refusedStamp = undefined;
    } catch (error) {
      if (refusedStamp === current) return;
      refusedStamp = current;
      onProblem(error, `${path} has changed and cannot be used; the keys read before stay in force`);
    }
  }

  return {
    async find(accessKeyId) {
      if (now() - lookedAt >= LOOK_EVERY_MS) {
        looking ??= look().finally(() => {
          looking = undefined;
        });
        await looking;
      }
      return keys.get(accessKeyId);
    },
  };
}
