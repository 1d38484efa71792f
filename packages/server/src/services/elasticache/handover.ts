import type { Handover, ShardLayout } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";

/** A request to move a shard's primary, numbered after every one before it. */
export function nextHandover(
  layout: ShardLayout,
  shard: Resource<"shard"> | undefined,
  to: string | null,
  reason: Handover["reason"],
): Handover {
  const last = Math.max(layout.handover?.number ?? 0, shard?.status.handledHandover ?? 0);
  return { number: last + 1, to, reason };
}
