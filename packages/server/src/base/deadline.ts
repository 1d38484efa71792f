import type { Clock } from "./clock.ts";

/** Thrown when something took longer than it was allowed to. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/** Settles as `work` does, or rejects with a DeadlineError naming `what` after `withinMs`. */
export async function withDeadline<T>(
  clock: Clock,
  what: string,
  withinMs: number,
  work: Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = clock.after(withinMs, () => {
    late.reject(new DeadlineError(`${what} took longer than ${withinMs} ms`));
  });
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    timer.cancel();
  }
}
