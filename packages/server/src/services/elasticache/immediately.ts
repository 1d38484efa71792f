import { Fault } from "../../aws/fault.ts";

/**
 * Throws InvalidParameterValue unless a change that never waits is asked for at once.
 * @param because why it never waits, e.g. "shards are changed at once"
 */
export function requireImmediately(applyImmediately: boolean | undefined, because: string): void {
  if (applyImmediately === true) return;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter ApplyImmediately must be true: ${because}.`,
  );
}
