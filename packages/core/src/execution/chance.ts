import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { EvaluationFacts } from "../data/evaluation-scope.ts";
import type { Facts } from "./execution-event.ts";

/** Time and chance for evaluations outside of a transition. Equal facts, equal values in equal order. */
export function evaluationFacts(facts: Facts): EvaluationFacts {
  return new Chance(facts);
}

/**
 * Everything random in one transition, derived from the seed of its facts: the n-th value is SHA-256(seed, n), so that
 * equal facts give equal steps and nobody who knows one value (a task token) can compute another.
 */
export class Chance implements EvaluationFacts {
  readonly now: number;
  readonly #facts: Facts;
  #drawn = 0;

  constructor(facts: Facts) {
    this.now = facts.now;
    this.#facts = facts;
  }

  /** 32 hexadecimal characters nobody can guess. */
  nonce(): string {
    return this.#draw().slice(0, 32);
  }

  random(): number {
    return Number.parseInt(this.#draw().slice(0, 13), 16) / 2 ** 52;
  }

  uuid(): string {
    const hex = this.#draw();
    const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  #draw(): string {
    this.#drawn += 1;
    return bytesToHex(sha256(utf8ToBytes(`${this.#facts.seed}:${this.#drawn}`)));
  }
}
