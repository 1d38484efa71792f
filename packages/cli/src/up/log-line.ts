import { z } from "zod";
import { parseJson } from "../json.ts";
import type { Colors } from "../terminal.ts";

const record = z.looseObject({ level: z.number(), time: z.number(), msg: z.string() });

/** One line of the server's log: pino's numbers for levels, and the fields beside the message. */
export type LogRecord = z.infer<typeof record>;

/** pino's numbers. */
export const warnLevel = 40;
const errorLevel = 50;

const textLengthMax = 160;

/** Reads a line of the server's log; null when it is no such line. */
export function parseLogLine(line: string): LogRecord | null {
  // Not ours: a line cut off by a kill, or something that a library printed.
  return record.safeParse(parseJson(line)).data ?? null;
}

/** A record for people, in one short line: "16:03:21 warn  node is down  node=shop-001". */
export function readableLine(line: LogRecord, colors: Colors): string {
  const { level, time, msg, ...fields } = line;
  const clock = new Date(time).toTimeString().slice(0, 8);
  const name = level >= errorLevel ? colors.red("error") : colors.yellow("warn ");
  const rest = Object.entries(fields)
    .map(([key, value]) => `${key}=${shortValue(value)}`)
    .join(" ");
  const text = rest === "" ? msg : `${msg}  ${rest}`;
  const cut = text.length > textLengthMax ? `${text.slice(0, textLengthMax - 1)}…` : text;
  return `${colors.dim(clock)} ${name} ${cut}`;
}

function shortValue(value: unknown): string {
  if (typeof value === "string") return oneLine(value);
  // An error as pino writes it: its message says what a terminal needs, its stack is in the file.
  if (typeof value === "object" && value !== null && "message" in value) {
    return oneLine(String(value.message));
  }
  return JSON.stringify(value);
}

/** Control characters would let a name that somebody chose rewrite the terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ");
}
