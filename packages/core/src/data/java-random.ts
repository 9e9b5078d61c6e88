// The generator behind AWS's seeded functions: States.MathRandom and JSONata's $random.
// Source: the algorithm of the Java SE API documentation, "java.util.Random".

const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const STATE_MASK = (1n << 48n) - 1n;
const STATE_BITS = 48;

/** A `java.util.Random` with a given seed: the same seed gives the same numbers as in Java, without end. */
export class JavaRandom {
  #state: bigint;

  /** `seed` is taken modulo 2^64, as a Java `long`; a number must be whole. */
  constructor(seed: number | bigint) {
    this.#state = (BigInt(seed) ^ MULTIPLIER) & STATE_MASK;
  }

  /** A number in [0, 1) with 53 random bits. */
  nextDouble(): number {
    const high = BigInt.asUintN(26, this.#next(26));
    const low = BigInt.asUintN(27, this.#next(27));
    return Number((high << 27n) + low) / 2 ** 53;
  }

  /** A whole number in [0, bound). `bound` is a whole number from 1 to 2^31 - 1; anything else is a RangeError. */
  nextInt(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 0x7fffffff) {
      throw new RangeError(`bound must be a whole number from 1 to 2147483647, got ${bound}`);
    }
    const isPowerOfTwo = (bound & -bound) === bound;
    if (isPowerOfTwo) return Number((BigInt(bound) * this.#next(31)) >> 31n);
    for (;;) {
      // The rejected rest is below one half of all draws, so this ends after two draws on average.
      const bits = Number(this.#next(31));
      const value = bits % bound;
      if (bits - value + (bound - 1) <= 0x7fffffff) return value;
    }
  }

  /** A signed 64-bit whole number, a Java `long`. Only 2^48 of the 2^64 values can come out, as in Java. */
  nextLong(): bigint {
    return BigInt.asIntN(64, (this.#next(32) << 32n) + this.#next(32));
  }

  /** The next `bits` (1 to 32) random bits as a signed 32-bit number, Java's `protected int next(int)`. */
  #next(bits: number): bigint {
    this.#state = (this.#state * MULTIPLIER + INCREMENT) & STATE_MASK;
    return BigInt.asIntN(32, this.#state >> BigInt(STATE_BITS - bits));
  }
}
