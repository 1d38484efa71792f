import { pino } from "pino";

/** What every module logs through: constant messages, the rest in fields. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

/** Levels as in LARDER_LOG_LEVEL. */
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** A JSON-lines log on standard output. Field names that carry secrets are blanked. */
export function createLog(level: LogLevel): Log {
  return pino({
    level,
    base: null,
    redact: { paths: ["*.password", "*.controlPassword", "password", "controlPassword"] },
  });
}
