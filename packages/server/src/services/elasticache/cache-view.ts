import { type Member, nodeIdOf } from "../../resources/cache-settings.ts";
import { type CacheKind, shardRef } from "../../resources/compile.ts";
import type { Home } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import { isSpare } from "../../resources/spare.ts";
import type { Store } from "../../store/store.ts";

/** A place that is asked for, and the node that fills it, if it is there yet. */
export interface Place {
  readonly member: Member;
  readonly node: Resource<"node"> | undefined;
}

/** A shard as asked for, beside what there is of it. */
export interface ShardView {
  readonly shard: Resource<"shard"> | undefined;
  readonly places: readonly Place[];
  /** Nodes that still exist though no place asks for them. */
  readonly leaving: readonly Resource<"node">[];
}

/** Reads the shards of a region. */
export class ShardReader {
  readonly #store: Store;
  readonly #home: Home;

  constructor(store: Store, home: Home) {
    this.#store = store;
    this.#home = home;
  }

  /** The shard `shardId` of a cache whose spec asks for `members` in it. */
  read(cache: CacheKind, cacheId: string, shardId: string, members: readonly Member[]): ShardView {
    const ref = shardRef(this.#home, cache, cacheId, shardId);
    const nodes = this.#store.ownedBy("node", ref);
    // A node of the same id may be the one that had the place before: the uid tells them apart.
    const places = members.map((member) => ({
      member,
      node: nodes.find((one) => one.id === nodeIdOf(member) && one.spec.uid === member.uid),
    }));
    const filling = new Set(places.map(({ node }) => node));
    const leaving = nodes.filter((node) => !filling.has(node) && !isSpare(node.spec));
    return { shard: this.#store.get(ref), places, leaving };
  }
}
