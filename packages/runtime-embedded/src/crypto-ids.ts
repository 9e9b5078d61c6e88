import { randomBytes, randomUUID } from "node:crypto";
import type { Ids } from "@stepwell/engine";

const SEED_BYTES = 16;
const POOL_BYTES = 4_096;

/** Chance from the operating system; bytes are fetched some hundred seeds at a time. */
export class CryptoIds implements Ids {
  #pool = "";
  #used = 0;

  seed(): string {
    if (this.#used === this.#pool.length) {
      this.#pool = randomBytes(POOL_BYTES).toString("hex");
      this.#used = 0;
    }
    const seed = this.#pool.slice(this.#used, this.#used + SEED_BYTES * 2);
    this.#used += SEED_BYTES * 2;
    return seed;
  }

  uuid(): string {
    return randomUUID();
  }
}
