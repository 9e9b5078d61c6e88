import { JavaRandom } from "../java-random.ts";
import { wholeNumber } from "./int-argument.ts";
import { IntrinsicFailure, type IntrinsicFunction } from "./intrinsic-function.ts";

/** The largest bound of java.util.Random.nextInt. */
const NEXT_INT_BOUND_MAX = 2_147_483_647;

export const MATH_FUNCTIONS: { readonly [name: string]: IntrinsicFunction } = {
  MathAdd: {
    params: ["number", "number"],
    apply: ([a, b]) => wholeNumber("MathAdd", 0, a) + wholeNumber("MathAdd", 1, b),
  },

  /** The start is included, the end is not. Equal seeds give equal numbers, as java.util.Random gives them. */
  MathRandom: {
    params: ["number", "number", "number"],
    optional: 1,
    apply([from, to, seed], facts) {
      const start = wholeNumber("MathRandom", 0, from);
      const end = wholeNumber("MathRandom", 1, to);
      const bound = end - start;
      if (bound <= 0) throw IntrinsicFailure.of("MathRandom", `the start ${start} must be less than the end ${end}`);
      if (seed === undefined) return start + Math.floor(facts.random() * bound);
      const random = new JavaRandom(BigInt(Math.round(seed as number)));
      if (bound <= NEXT_INT_BOUND_MAX) return start + random.nextInt(bound);
      return start + Math.floor(random.nextDouble() * bound);
    },
  },
};
