/** One line of `larder doctor`. */
export interface Check {
  readonly name: string;
  readonly level: "ok" | "warn" | "fail";
  /** What was found, in one sentence or less. */
  readonly says: string;
  /** What to do about it; null when nothing needs to be done. */
  readonly fix: string | null;
}

export function ok(name: string, says: string): Check {
  return { name, level: "ok", says, fix: null };
}

export function warn(name: string, says: string, fix: string): Check {
  return { name, level: "warn", says, fix };
}

export function fail(name: string, says: string, fix: string): Check {
  return { name, level: "fail", says, fix };
}
