import { setTimeout as pause } from "node:timers/promises";

const pollMs = 20;

/**
 * Waits for a named condition, and fails with what was missing and the last reading.
 * @param what completes "waited 5000 ms until …"
 * @param predicate true, or a sentence that says what is still missing. What it throws is a reading
 *   like any other, since things that are on their way refuse connections.
 */
export async function until(
  what: string,
  predicate: () => true | string | Promise<true | string>,
  { withinMs }: { readonly withinMs: number },
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { reading, cause } = await read(predicate);
    if (reading === true) return;
    if (performance.now() >= deadline) {
      throw new Error(`waited ${withinMs} ms until ${what}; last seen: ${reading}`, { cause });
    }
    await pause(pollMs);
  }
}

async function read(
  predicate: () => true | string | Promise<true | string>,
): Promise<{ readonly reading: true | string; readonly cause?: unknown }> {
  try {
    return { reading: await predicate() };
  } catch (error) {
    return { reading: describe(error), cause: error };
  }
}

/** An error's message, and those of its causes: fetch says only "fetch failed" itself. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message === "" ? error.name : error.message;
  return error.cause === undefined ? own : `${own} (${describe(error.cause)})`;
}
