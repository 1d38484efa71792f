// @ts-check
import { existsSync, readFileSync } from "node:fs";

/**
 * The last line of `.ci/run`: how many tests and checks passed and failed.
 * Usage: node setup/tally.js TESTS.json TESTS_EXIT_CODE CHECKS.json CHECKS_EXIT_CODE
 * A run that ended badly without saying what failed counts as one failure.
 */
const [testsFile = "", testsCode = "1", checksFile = "", checksCode = "1"] = process.argv.slice(2);
const tests = honest(read(testsFile, countTests), testsCode);
const checks = honest(
  read(checksFile, (report) => report),
  checksCode,
);
const failed = tests.failed + checks.failed;
process.stdout.write(`${tests.passed + checks.passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

/**
 * @typedef {{ passed: number, failed: number }} Counts
 */

/**
 * @param {string} file
 * @param {(report: any) => Counts} count
 * @returns {Counts}
 */
function read(file, count) {
  if (!existsSync(file)) return { passed: 0, failed: 0 };
  return count(JSON.parse(readFileSync(file, "utf8")));
}

/**
 * @param {Counts} counts
 * @param {string} exitCode
 * @returns {Counts}
 */
function honest(counts, exitCode) {
  return exitCode !== "0" && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * Vitest's JSON report. A file that could not be loaded has no tests, yet failed.
 * @param {{ numPassedTests: number, numFailedTests: number,
 *   testResults: readonly { status: string, assertionResults: readonly unknown[] }[] }} report
 * @returns {Counts}
 */
function countTests(report) {
  const unloaded = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length };
}
