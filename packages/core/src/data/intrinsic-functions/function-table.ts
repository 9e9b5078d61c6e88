import { ARRAY_FUNCTIONS } from "./array-functions.ts";
import type { IntrinsicFunction } from "./intrinsic-function.ts";
import { JSON_FUNCTIONS } from "./json-functions.ts";
import { MATH_FUNCTIONS } from "./math-functions.ts";
import { TEXT_FUNCTIONS } from "./text-functions.ts";

/** The 18 functions by name, without `States.`. AWS, "Intrinsic functions for JSONPath states". */
export const INTRINSIC_FUNCTIONS: ReadonlyMap<string, IntrinsicFunction> = new Map(
  Object.entries({ ...ARRAY_FUNCTIONS, ...JSON_FUNCTIONS, ...MATH_FUNCTIONS, ...TEXT_FUNCTIONS }),
);
