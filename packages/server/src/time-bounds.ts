/** Bounds of histograms of how long work takes, in milliseconds: one to a day. */
export const TIME_BOUNDS: readonly number[] = [
  1, 5, 10, 25, 50, 100, 250, 500, 1e3, 2.5e3, 5e3, 1e4, 3e4, 6e4, 3e5, 9e5, 3.6e6, 8.64e7,
];
