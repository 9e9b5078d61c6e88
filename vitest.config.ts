import { defineConfig } from "vitest/config";

// Sources are read directly (no build) through the "stepwell-source" export condition.
const shared = { resolve: { conditions: ["stepwell-source"] }, ssr: { resolve: { conditions: ["stepwell-source"] } } };

export default defineConfig({
  ...shared,
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: { name: "conformance", include: ["conformance/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 60_000 },
      },
      { ...shared, test: { name: "simulation", include: ["simulation/**/*.test.ts"], testTimeout: 300_000 } },
      { ...shared, test: { name: "e2e", include: ["e2e/**/*.test.ts"], testTimeout: 180_000, hookTimeout: 180_000 } },
    ],
  },
});
