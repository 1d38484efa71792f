import type { Clock } from "../base/clock.ts";

const windowMs = 60_000;
const failuresMax = 300;
/** Addresses remembered at a time; beyond that the oldest is forgotten. */
const addressesMax = 1_000;

/** Counts requests that failed authentication, by address. */
export interface FailureMeter {
  /** "last" for the last one of the minute that is worth words, "silent" for all beyond it. */
  count(address: string): "spoken" | "last" | "silent";
}

/** A meter that allows 300 failures a minute for each address. */
export function newFailureMeter(clock: Clock): FailureMeter {
  const windows = new Map<string, { readonly sinceMs: number; count: number }>();
  return {
    count(address) {
      const nowMs = clock.monotonicMs();
      let window = windows.get(address);
      if (window === undefined || nowMs - window.sinceMs >= windowMs) {
        window = { sinceMs: nowMs, count: 0 };
        windows.delete(address);
        windows.set(address, window);
        const [oldest] = windows.keys();
        if (windows.size > addressesMax && oldest !== undefined) windows.delete(oldest);
      }
      window.count += 1;
      if (window.count === failuresMax) return "last";
      return window.count < failuresMax ? "spoken" : "silent";
    },
  };
}
