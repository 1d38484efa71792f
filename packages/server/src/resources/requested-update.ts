/** A service update that a cache was asked to take: its nodes are to run this binary or a newer one. */
export interface RequestedUpdate {
  readonly binaryVersion: string;
  /** ISO time. */
  readonly requestedAt: string;
  /** A caller, or Larder by itself in the maintenance window. */
  readonly requestedBy: "customer" | "system";
  /** ISO time from which on no further node takes it; null while it goes on. */
  readonly stoppedAt: string | null;
}

/** The last service update that a cache was asked for and that all of its nodes have. */
export interface CompletedUpdate {
  readonly binaryVersion: string;
  /** ISO time. */
  readonly completedAt: string;
}

/** The oldest binary that a cache's nodes may run; null for any. */
export function binaryAtLeast(update: RequestedUpdate | null): string | null {
  return update === null || update.stoppedAt !== null ? null : update.binaryVersion;
}
