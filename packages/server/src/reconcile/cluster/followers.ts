import { shardIdOf } from "../../resources/compile.ts";
import type { Resource } from "../../resources/resource.ts";
import type { OutsideShard } from "../../resources/upstream.ts";
import {
  type ClusterOutcome,
  forgetting,
  introductions,
  missing,
  strangersOf,
  whenAllRead,
} from "./plan.ts";
import type { SlotsAtHand } from "./resharding.ts";
import { isPrimaryInOwnView, knowsEverySlot, type ReadNode, type SeenCluster } from "./seen.ts";

/*
 * A cluster may follow another, shard by shard: a secondary of a global datastore. Its nodes hold no
 * slots. They are replicas of nodes outside, which only they think are part of their cluster.
 */

/** Brings a cluster that follows another together. Who follows whom is up to its shards. */
export function planFollowers(seen: SeenCluster): ClusterOutcome {
  return whenAllRead(seen, planRead);
}

function planRead(nodes: readonly ReadNode[]): ClusterOutcome {
  // First: those that still have slots would tell the others, who would believe them.
  const leading = nodes.find(isPrimaryInOwnView);
  if (leading !== undefined) return missing(`${leading.id} does not follow its upstream yet`, []);
  const pairs = introductions(nodes);
  if (pairs.length > 0) {
    return missing("its nodes get to know each other", [{ do: "introduce", pairs }]);
  }
  const holders = new Set(
    nodes
      .flatMap(({ view }) => view.nodes.filter((one) => one.slots.length > 0))
      .map(({ id }) => id),
  );
  const strangers = strangersOf(nodes).filter((id) => !holders.has(id));
  if (strangers.length > 0) return forgetting(strangers, nodes);
  const unaware = nodes.find(({ view }) => !view.ok || !knowsEverySlot(view));
  return missing(unaware === undefined ? null : `${unaware.id} does not know every slot yet`, []);
}

/** The slots of a cluster that follows another are where they are there. */
export function slotsElsewhere(
  group: Resource<"replication-group">,
  all: readonly Resource<"shard">[],
  followed: readonly OutsideShard[],
): SlotsAtHand {
  const shards = all.filter((shard) => shard.deletingSince === null);
  const asked = new Set(group.spec.shards.map(({ id }) => id));
  const known = new Set(followed.map(({ id }) => id));
  const held =
    followed.length === 0
      ? group.status.slotsHeld
      : Object.fromEntries(followed.map(({ id, slots }) => [id, slots]));
  // One that is no longer asked for leaves once the one that it follows has.
  const needed = shards.filter((shard) => {
    const id = shardIdOf(shard);
    return !asked.has(id) && (followed.length === 0 || known.has(id));
  });
  return { shards, map: null, held, begun: [], needed };
}
