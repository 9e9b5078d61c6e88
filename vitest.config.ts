import { defineConfig } from "vitest/config";

// Sources are read directly (no build) through the "stepwell-source" export condition.
const shared = { resolve: { conditions: ["stepwell-source"] }, ssr: { resolve: { conditions: ["stepwell-source"] } } };

// What is waited for takes as long as a busy machine takes: vitest's own second is too little for one.
const patient = { expect: { poll: { timeout: 30_000 } } };

// Many processes that are started and killed: STEPWELL_HEAVY=1 tests them, in a step of .ci/run of their own.
const heavy = ["deploy", "job-stops", "long-expressions", "map-run-crash", "status-events"].map(
  (name) => `e2e/${name}.test.ts`,
);
const isHeavyHere = process.env["STEPWELL_HEAVY"] === "1";

export default defineConfig({
  ...shared,
  test: {
    projects: [
      {
        ...shared,
        test: {
          ...patient,
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          ...patient,
          name: "conformance",
          include: ["conformance/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: { ...patient, name: "simulation", include: ["simulation/**/*.test.ts"], testTimeout: 300_000 },
      },
      {
        ...shared,
        test: {
          ...patient,
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          exclude: isHeavyHere ? [] : heavy,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
