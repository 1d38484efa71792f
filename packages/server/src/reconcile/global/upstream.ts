import { shardIdOf } from "../../resources/compile.ts";
import { homeOf, memberKey, roleOf, sameMember } from "../../resources/global-replication-group.ts";
import { type Ref, refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardSpec } from "../../resources/shard.ts";
import { countSlots, slotCount } from "../../resources/slots.ts";
import type { OutsideShard } from "../../resources/upstream.ts";
import { globalOf } from "../../store/global-datastores.ts";
import type { Store } from "../../store/store.ts";

type Group = Resource<"replication-group">;

/** What a group's shards are asked on behalf of the global datastore that the group is in. */
export interface GlobalWish {
  /** The shards that the group's own follow; null for a group that takes writes. */
  readonly followed: readonly OutsideShard[] | null;
  /** What is asked of a shard, by its id. */
  ofShard(
    id: string,
  ): Pick<ShardSpec, "upstream" | "outside" | "heldElsewhere"> &
    Partial<Pick<ShardSpec, "endpoints">>;
}

const alone: GlobalWish = {
  followed: null,
  ofShard: () => ({ upstream: null, outside: [], heldElsewhere: false }),
};

/**
 * What the group's shards are to follow. Those of a secondary follow the primary endpoints of the
 * primary's shards, which lead to whichever nodes are primaries there.
 */
export function globalWishOf(store: Store, group: Group): GlobalWish {
  const global = globalOf(store, group);
  if (global === undefined) return alone;
  const { primary, holders } = global.status;
  const heldElsewhere = global.spec.members.some(
    (one) => !one.leaving && !sameMember(one, group) && holders.includes(memberKey(one)),
  );
  const isCluster = group.spec.clusterMode === "enabled";
  // Clients of a cluster need no endpoints, but whoever follows its shards does.
  const common = { heldElsewhere, ...(isCluster && { endpoints: ["primary"] as const }) };
  const nobody = { ...common, upstream: { kind: "none" }, outside: [] } as const;
  switch (roleOf(global, group)) {
    case "independent":
      return alone;
    case "primary":
      return { followed: null, ofShard: () => ({ ...common, upstream: null, outside: [] }) };
    case "relieved":
      return { followed: [], ofShard: () => nobody };
    case "secondary": {
      const cache = refIn(homeOf(global, primary), "replication-group", primary.id);
      const followed = shardsToFollow(store, cache, group);
      const outside = isCluster ? followed : [];
      return {
        followed,
        ofShard: (id) => {
          const address = followed.find((one) => one.id === id)?.primary;
          if (address === undefined) return nobody;
          return { ...common, upstream: { kind: "cache", address, cache }, outside };
        },
      };
    }
  }
}

/**
 * The shards of a cache, for `group` to follow. While slots are on their way there, they stay what
 * the group knows already: nodes of a cluster have to start anew to learn more.
 */
function shardsToFollow(
  store: Store,
  cache: Ref<"replication-group">,
  group: Group,
): readonly OutsideShard[] {
  const { status } = store.get(cache) ?? {};
  const shards = store.ownedBy("shard", cache).flatMap((shard): readonly OutsideShard[] => {
    const primary = shard.status.endpoints.primary;
    const id = shardIdOf(shard);
    const slots = status?.slotsHeld[id] ?? [];
    return primary === undefined || shard.deletingSince !== null ? [] : [{ id, primary, slots }];
  });
  if (group.spec.clusterMode !== "enabled") return shards;
  const isSettled =
    status?.resharding === null &&
    countSlots(shards.flatMap(({ slots }) => slots)) === slotCount &&
    shards.every(({ slots }) => slots.length > 0);
  if (isSettled) return shards;
  return (
    store.ownedBy("shard", group).find(({ spec }) => spec.outside.length > 0)?.spec.outside ?? []
  );
}
