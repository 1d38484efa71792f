import type { Address } from "./address.ts";

/** A request to move over from, or to try, an engine that somebody else runs. */
export interface Migration {
  /** A trial ends with its verdict and changes nothing. */
  readonly purpose: "move" | "trial";
  /** As the caller gave it: an IP address or a name. */
  readonly host: string;
  readonly port: number;
  /** How the group is to become independent again; null until that is asked for. */
  readonly completion: "in-sync" | "forced" | null;
}

/** How far a migration has come. */
export interface MigrationStatus {
  readonly phase: "checking" | "following" | "ending";
  /** What the name meant when the source was found suitable; the group follows this address. */
  readonly source: Address | null;
  /** ISO time since when the source fails; null while it does not. */
  readonly failingSince: string | null;
  /** Whether the group had the source's data once. */
  readonly wasInSync: boolean;
  /** How it ends: with an event, once the group takes writes. */
  readonly outcome: "completed" | "failed" | null;
  readonly because: string;
}
