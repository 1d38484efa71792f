/** A broken promise inside Larder: a bug, never a caller's mistake. It ends the pass that meets it. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Throws an AssertionError with `what` unless `condition` holds. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionError(what);
}
