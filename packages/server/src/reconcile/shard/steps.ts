import type { Address } from "../../resources/address.ts";
import type { Upstream } from "../../resources/upstream.ts";

/** What can be done to a shard. Nodes are named by id; every step may be taken twice. */
export type ShardStep =
  /** Ends the node's process for good, and confirms it. */
  | { readonly do: "fence"; readonly node: string }
  | { readonly do: "promote"; readonly node: string }
  | { readonly do: "follow"; readonly node: string; readonly primary: Address }
  /** Makes a primary a replica of an engine outside the shard, which `login` lets it in to. */
  | {
      readonly do: "follow-upstream";
      readonly node: string;
      readonly upstream: Address;
      readonly login: Upstream;
    }
  | {
      readonly do: "hand-over";
      readonly from: string;
      readonly to: string;
      readonly withinMs: number;
    }
  | { readonly do: "listen"; readonly node: string; readonly hosts: readonly string[] }
  | { readonly do: "drop-clients"; readonly node: string }
  /** Asks `replicas` attached replicas for an acknowledgement. */
  | { readonly do: "confirm"; readonly node: string; readonly replicas: number }
  /** Has the gateway carry what the statuses of all shards record. */
  | { readonly do: "route" }
  /** Stores the auto discovery item on a memcached node. */
  | { readonly do: "publish-discovery"; readonly node: string };
