import {
  homeOf,
  memberKey,
  roleOf,
  sameMember,
  shardOfMember,
} from "../../resources/global-replication-group.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardSpec } from "../../resources/shard.ts";
import { globalOf } from "../../store/global-datastores.ts";
import type { Store } from "../../store/store.ts";

/** What a group's shard is asked on behalf of the global datastore that the group is in. */
export type GlobalWish = Pick<ShardSpec, "upstream" | "heldElsewhere">;

const alone: GlobalWish = { upstream: null, heldElsewhere: false };

/**
 * What the group's shard is to follow. A secondary follows the primary's primary endpoint, which
 * leads to whichever node is primary there.
 */
export function globalWishOf(store: Store, group: Resource<"replication-group">): GlobalWish {
  const global = globalOf(store, group);
  if (global === undefined) return alone;
  const { primary, holders } = global.status;
  const heldElsewhere = global.spec.members.some(
    (one) => !one.leaving && !sameMember(one, group) && holders.includes(memberKey(one)),
  );
  switch (roleOf(global, group)) {
    case "independent":
      return alone;
    case "primary":
      return { upstream: null, heldElsewhere };
    case "relieved":
      return { upstream: { kind: "none" }, heldElsewhere };
    case "secondary": {
      const address = store.get(shardOfMember(global, primary))?.status.endpoints.primary;
      const cache = refIn(homeOf(global, primary), "replication-group", primary.id);
      if (address === undefined) return { upstream: { kind: "none" }, heldElsewhere };
      return { upstream: { kind: "cache", address, cache }, heldElsewhere };
    }
  }
}
