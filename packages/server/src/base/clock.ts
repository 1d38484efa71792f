/**
 * Time as an argument. Everything that needs a moment or a timer takes a Clock, so that tests can
 * choose the moment and lint can forbid `Date.now()` elsewhere.
 */
export interface Clock {
  /** Wall-clock time. May jump; use it only for what people read. */
  now(): Date;
  /** Milliseconds that never go back; use it for every measured duration. */
  monotonicMs(): number;
  /** Runs `task` once after `delayMs`. A pending timer does not keep the process alive. */
  after(delayMs: number, task: () => void): Timer;
}

/** A pending timer of a Clock. */
export interface Timer {
  cancel(): void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const handle = setTimeout(task, delayMs);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};
