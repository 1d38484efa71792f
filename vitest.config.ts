import { defineConfig } from "vitest/config";

// Vitest reads its configuration from the default export of this file.
export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks",
    // Tests start real engines; more files at once would only wait for each other.
    maxWorkers: 2,
    execArgv: ["--disable-warning=ExperimentalWarning"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A promise that nobody awaited is a failure, not a line in the log.
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
