import { counted, wrap } from "../human.ts";
import type { Colors } from "../terminal.ts";
import type { Check } from "./check.ts";

/**
 * What `larder doctor` prints: a line for each check, and under it what to do.
 * @param columns to wrap at; null leaves every line whole, for pipes
 */
export function reportText(
  checks: readonly Check[],
  { colors, columns }: { readonly colors: Colors; readonly columns: number | null },
): string {
  const signs = { ok: colors.green("ok  "), warn: colors.yellow("warn"), fail: colors.red("FAIL") };
  const width = Math.max(...checks.map((check) => check.name.length));
  const indent = " ".repeat("warn".length + width + 4);
  const room = columns === null ? Infinity : columns - indent.length;
  const lines = checks.flatMap(({ name, level, says, fix }) => {
    const [first, ...rest] = wrap(says, room);
    return [
      `${signs[level]}  ${name.padEnd(width)}  ${first ?? ""}`,
      ...rest.map((line) => `${indent}${line}`),
      ...(fix === null ? [] : wrap(fix, room).map((line) => colors.dim(`${indent}${line}`))),
    ];
  });
  return [...lines, "", verdict(checks)].join("\n");
}

function verdict(checks: readonly Check[]): string {
  const count = (level: Check["level"]) => checks.filter((one) => one.level === level).length;
  const warnings = count("warn") === 0 ? "" : `, with ${counted(count("warn"), "warning")}`;
  const failures = count("fail");
  if (failures === 0) return `This machine can run Larder${warnings}.`;
  return `This machine cannot run Larder as it is: ${counted(failures, "problem")}${warnings}.`;
}
