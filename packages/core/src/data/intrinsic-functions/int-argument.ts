import type { Json } from "../../json.ts";
import { IntrinsicFailure } from "./intrinsic-function.ts";

const INT_MIN = -2_147_483_648;
const INT_MAX = 2_147_483_647;

/**
 * A number argument as AWS takes it: rounded to the nearest whole number, halves upwards (recorded: -1.5 is -1, 1.5 is
 * 2), and a Java `int`. `index` counts from 0.
 */
export function wholeNumber(name: string, index: number, value: Json | undefined): number {
  // Adding 0 makes -0 a 0.
  const rounded = Math.round(value as number) + 0;
  if (rounded >= INT_MIN && rounded <= INT_MAX) return rounded;
  throw IntrinsicFailure.of(name, `argument ${index + 1} must be from ${INT_MIN} to ${INT_MAX}, got ${value}`);
}
