import { defineConfig } from "vitest/config";

// Vitest reads its configuration from the default export of this file.
export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks",
    // Tests start real engines; more files at once would only wait for each other.
    maxWorkers: 2,
    execArgv: ["--disable-warning=ExperimentalWarning"],
    // Clients have time-outs of their own, which two cores full of engines now and then exceed. A
    // fault shows again; the report names what needed the second try.
    retry: 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A promise that nobody awaited is a failure, not a line in the log.
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
