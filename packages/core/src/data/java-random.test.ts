import { describe, expect, it } from "vitest";
import { JavaRandom } from "./java-random.ts";

// Printed by java.util.Random of OpenJDK 17.0.15: two doubles, nextInt of six bounds, two longs, in this order.
const BOUNDS = [1, 16, 10, 2_147_483_647, 1_610_612_737, 1_073_741_825];
const PRINTED_BY_JAVA: [bigint, number[], number[], bigint[]][] = [
  [
    42n,
    [0.7275636800328681, 0.6832234717598454],
    [0, 15, 5, 1519796918, 1429255519, 196118093],
    [-1782466964123969572n, 6802844026563419272n],
  ],
  [
    0n,
    [0.730967787376657, 0.24053641567148587],
    [0, 4, 1, 251269761, 1283218719, 715581077],
    [4662897195779605027n, -7138230367502298321n],
  ],
  [
    -1n,
    [0.26894263088050496, 0.012269981921235296],
    [0, 9, 7, 857465478, 121412731, 665220512],
    [1047579610836041353n, 1519476466405487669n],
  ],
  [
    -123456789n,
    [0.33578273321269103, 0.9653990075082306],
    [0, 6, 6, 1358639277, 95090798, 722141591],
    [8350317816680798160n, -8391023299712946422n],
  ],
];

describe("JavaRandom", () => {
  it.each(PRINTED_BY_JAVA)("seed %s gives Java's numbers", (seed, doubles, ints, longs) => {
    const random = new JavaRandom(seed);
    expect(doubles.map(() => random.nextDouble())).toEqual(doubles);
    expect(BOUNDS.map((bound) => random.nextInt(bound))).toEqual(ints);
    expect(longs.map(() => random.nextLong())).toEqual(longs);
  });

  it("takes a number as seed", () => {
    expect(new JavaRandom(42).nextDouble()).toBe(0.7275636800328681);
  });

  it("refuses a bound that is no positive int", () => {
    for (const bound of [0, -1, 1.5, 2 ** 31, Number.NaN]) {
      expect(() => new JavaRandom(1).nextInt(bound)).toThrow(RangeError);
    }
  });
});
