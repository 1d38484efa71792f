import type { Address } from "./address.ts";
import type { Ref } from "./ref.ts";
import type { SlotRange } from "./slots.ts";

/**
 * What a shard's primary follows outside the shard. It takes no writes meanwhile; the shard's other
 * nodes follow it as always.
 */
export type Upstream =
  /** An engine that is none of Larder's: it is never sent a login. */
  | { readonly kind: "foreign"; readonly address: Address }
  /** Another cache's primary endpoint; that cache's control user lets the primary in. */
  | { readonly kind: "cache"; readonly address: Address; readonly cache: Ref }
  /** Nobody: the shard takes no writes, and keeps what it has. */
  | { readonly kind: "none" };

/**
 * A shard that is followed, as the clusters know it whose nodes follow it though it is in none, or
 * in another one.
 */
export interface OutsideShard {
  /** AWS's NodeGroupId. */
  readonly id: string;
  /** Where it takes writes. */
  readonly primary: Address;
  readonly slots: readonly SlotRange[];
}

/** How a shard's primary stands to its upstream. */
export type UpstreamLink = "down" | "syncing" | "up" | "fenced";
