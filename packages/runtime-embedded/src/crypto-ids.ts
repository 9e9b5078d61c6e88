import { randomBytes } from "node:crypto";
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

  /**
   * A version 7 UUID (RFC 9562): the time in milliseconds, then 74 random bits. Names of executions are made of it: that
   * they grow with time keeps the index of names small and quick (random ones touch another page with each row).
   */
  uuid(): string {
    const time = Date.now().toString(16).padStart(12, "0");
    const random = this.seed();
    const variant = ((Number.parseInt(random.slice(0, 1), 16) & 0x3) | 0x8).toString(16);
    return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(1, 4)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`;
  }
}
